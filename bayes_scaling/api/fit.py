"""A fitted model and what can be asked of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd
from numpy.typing import ArrayLike

from bayes_scaling.api.summary import summarise_fit, summarise_population
from bayes_scaling.errors import Findings
from bayes_scaling.evaluation.summary import versions
from bayes_scaling.inference import (
    Posterior,
    check_fit,
    load_posterior,
    population_draws,
    save_posterior,
    transfer,
    verdict,
)
from bayes_scaling.names import FAMILY, KIND_RUN, RUN
from bayes_scaling.prediction import Prediction, make_points, part_sizes, predict
from bayes_scaling.priors import PopulationFile, make_population_file
from bayes_scaling.reports import FitSummary, render_fit_report, write_report
from bayes_scaling.runs import RunTable


class Fit(Posterior):
    """Posterior of a hierarchical model, made by :meth:`ScalingModel.fit` or :func:`load_fit`; frozen.

    The draws themselves are in :attr:`idata`, an ArviZ ``DataTree``.
    """

    @property
    def verdict(self) -> str:
        """One line: can the draws be trusted, with R-hat, effective sample size and divergences."""
        return verdict(self)

    def check(self) -> Findings:
        """Coded findings about convergence, and about families unlike the population; empty when all is well."""
        return check_fit(self)

    def parts(self) -> pd.DataFrame:
        """Which parts of the model mattered: the typical size of each in log loss, over the rows of the fit.

        Returns
        -------
        DataFrame
            Index ``part`` (law, schedule, repeats, discrepancy, runs, excess); columns ``meaning``, ``q05``,
            ``median``, ``q95``.
        """
        return part_sizes(self)

    def predict(
        self,
        points: pd.DataFrame | None = None,
        *,
        n_params: ArrayLike | None = None,
        n_tokens: ArrayLike | None = None,
        family: str | Sequence[str] | None = None,
        kind: str = KIND_RUN,
        prob: float = 0.9,
        seed: int = 0,
    ) -> Prediction:
        """The predictive distribution of the loss of models that have not been trained.

        Parameters
        ----------
        points : DataFrame, optional
            Columns ``family``, ``n_params``, ``n_tokens``; instead of the next three arguments. Points with
            the same ``run`` label are checkpoints of one new run.
        n_params, n_tokens : float or sequence, optional
            Parameters and training tokens; broadcast against each other.
        family : str or sequence, optional
            A fitted family, or any other label for a new one drawn from the population.
        kind : {"run", "mean"}
            One new training run, or the recipe's law without the noise of a single run.
        prob : float
            Probability of the interval in the table.
        seed : int
            Same seed, same draws.

        Raises
        ------
        InputError
            When a point is not a positive number, or an argument is missing.
        """
        asked = make_points(points, n_params=n_params, n_tokens=n_tokens, family=family)
        return predict(self, asked, kind=kind, prob=prob, seed=seed)

    def transfer(self, runs: RunTable, *, seed: int = 0) -> Fit:
        """The fit with new families added, conditioned on what the fitted ones taught about the population.

        One run is enough. The fitted families are not fitted again; their draws come along, so that
        comparisons between old and new families stay joint.

        Raises
        ------
        InputError
            When a family is fitted already.
        """
        posterior = transfer(self, runs, seed=seed)
        return Fit(posterior.spec, posterior.idata)

    def population_prior(self) -> PopulationFile:
        """What these families taught about the population, as a prior for others; ``to_json()`` is its file.

        It keeps fingerprints of the rows that taught it, so that it need not meet them again.
        """
        vector, draws, rows = self.spec.population_vector, population_draws(self), self.observed
        recipe = {
            "n_families": len(self.families),
            "n_runs": int(rows.groupby(FAMILY)[RUN].nunique().sum()),
            "n_rows": len(rows),
            "method": self.method,
            "seed": int(self.idata.attrs["seed"]),
            "verdict": self.verdict,
            "model": self.spec.describe().splitlines()[:8],
            "versions": versions(),
        }
        names = self.spec.family_parameters
        return make_population_file(self.spec.law, names, vector.pack(draws), rows, recipe)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the fit to one NetCDF file; :func:`load_fit` reads it back and predicts identically."""
        return save_posterior(self, path)

    def summary(self) -> FitSummary:
        """What a report shows: verdict, population and family parameters, rows used."""
        return summarise_fit(self)

    def to_html(self, path: str | os.PathLike[str], title: str = "Fitted scaling laws") -> Path:
        """Write a self-contained HTML report of the fit."""
        return write_report(Path(path), render_fit_report(self.summary(), title=title))

    def __repr__(self) -> str:
        size = f"{len(self.families)} families, {self.n_draws} draws ({self.method})"
        return f"<Fit of {self.spec.law.name}: {size}. {self.verdict}>"

    def _repr_html_(self) -> str:
        population = summarise_population(self)[["q05", "median", "q95"]]
        return f"<p><b>{escape(self.verdict)}</b></p>{population.to_html(float_format='{:.4g}'.format)}"


def load_fit(path: str | os.PathLike[str]) -> Fit:
    """The fit stored in a file by :meth:`Fit.save`.

    Raises
    ------
    InputError
        When the file is absent or is not a stored fit.
    """
    stored = load_posterior(path)
    return Fit(stored.spec, stored.idata)
