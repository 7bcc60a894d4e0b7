"""The fitted latent-factor model and what can be asked of it: forecasts, capabilities, equivalent compute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import expit

from bayes_scaling.errors import InputError
from bayes_scaling.inference import Convergence, NutsSettings, convergence_of, sample_model
from bayes_scaling.names import FAMILY, RUN
from bayes_scaling.observational.components import N_COMPONENTS
from bayes_scaling.observational.forecast import ScoreForecast
from bayes_scaling.observational.latent_design import LatentDesign, design_latent_model
from bayes_scaling.observational.latent_model import build_latent_model
from bayes_scaling.observational.latent_priors import LatentPriors
from bayes_scaling.observational.scores import ScoreTable
from bayes_scaling.observational.tasks import Task

SETTINGS: Final = NutsSettings(draws=1500, tune=800, chains=4, target_accept=0.99)
"""Long enough for R-hat of 1.01 on the published tables, and careful enough for no divergence; a minute or two."""

_NOT_MONITORED = ("standard", "family_standard", "task_logit", "task_offset", "loadings")
"""Auxiliary variables, and the loadings, of which only the tilt is free."""


@dataclass(frozen=True, eq=False)
class LatentFit:
    """Posterior of the latent-factor model for one task.

    Attributes
    ----------
    draws : Dataset
        Dims (chain, draw, ...); see :func:`~bayes_scaling.observational.latent_model.build_latent_model`.
    design : LatentDesign
    convergence : Convergence
        Over every parameter, and the capabilities of all models.
    seconds : float
    """

    draws: xr.Dataset
    design: LatentDesign
    convergence: Convergence
    seconds: float

    def predict(self, *, seed: int = 0) -> ScoreForecast:
        """Task scores of all models as a new evaluation would give them, from benchmark scores.

        The scatter of models around the link and the noise of counting are drawn anew, so for a model used for
        fitting this is a replication and not its observed score.
        """
        rng = np.random.default_rng(seed)
        task, logits = self.design.task, self._task_index()
        logits = logits + self._flat("task_sd")[:, None] * rng.standard_normal(logits.shape)
        share = task.chance + (task.ceiling - task.chance) * expit(logits)
        held_out = np.ones(len(self.design.models), dtype=bool)
        held_out[self.design.fitted] = False
        return ScoreForecast(self.design.models, rng.binomial(task.n_items, share) / task.n_items, held_out)

    def capabilities(self, level: float = 0.9) -> pd.DataFrame:
        """Posterior mean and central interval of each capability of each model.

        Columns ``run, family, capability, mean, lower, upper``; the unit is the standard deviation of a capability
        among the models for fitting.
        """
        draws = self._flat("capability")
        lower, upper = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        n_models, n_capabilities = draws.shape[1:]
        families = [self.design.families[index] for index in self.design.family_index]
        return pd.DataFrame(
            {
                RUN: np.repeat(self.design.models, n_capabilities),
                FAMILY: np.repeat(families, n_capabilities),
                "capability": np.tile(np.arange(1, n_capabilities + 1), n_models),
                "mean": draws.mean(axis=0).ravel(),
                "lower": lower.ravel(),
                "upper": upper.ravel(),
            }
        )

    def equivalent_flops(self, reference: str, level: float = 0.9) -> pd.DataFrame:
        """Training compute at which a reference family would reach each model's capability for this task.

        Each draw inverts that family's line in the task's index, β'(ν + θ (x - x̄)), at β'S of the model
        (arXiv:2405.10938, section 3.4). A draw in which the index does not grow with compute says infinity.

        Parameters
        ----------
        reference : str
            A family of the table, such as ``"Llama-2"``.
        level : float
            Of the central interval.

        Returns
        -------
        DataFrame
            ``run, family, flops, median, lower, upper``, all but the labels in FLOPs; ``flops`` is the actual compute.

        Raises
        ------
        InputError
            ``unknown_family``, naming those that there are; ``no_compute`` for one whose compute is unknown.
        """
        design, position = self.design, self._family(reference)
        slopes = self._flat("task_slopes")
        growth = np.einsum("sk,sk->s", slopes, self._flat("slope")[:, position])
        at_mean = np.einsum("sk,sk->s", slopes, self._flat("level")[:, position])
        distance = np.einsum("smk,sk->sm", self._flat("capability"), slopes) - at_mean[:, None]
        grows = growth > 0.0
        steps = np.full_like(distance, np.inf)
        steps[grows] = distance[grows] / growth[grows, None]
        center, scale = design.compute_center, design.compute_scale
        log_flops = center + scale * (design.family_compute[position] + steps)
        # order statistics: between a finite and an infinite draw there is nothing to interpolate
        quantiles = np.quantile(log_flops, [0.5, 0.5 - level / 2, 0.5 + level / 2], axis=0, method="nearest")
        median, lower, upper = np.exp(np.minimum(quantiles, np.log(np.finfo(float).max)))
        return pd.DataFrame(
            {
                RUN: design.models,
                FAMILY: [design.families[index] for index in design.family_index],
                "flops": np.exp(center + scale * design.log_compute),
                "median": median,
                "lower": lower,
                "upper": upper,
            }
        )

    def _family(self, name: str) -> int:
        """Position of a family whose compute is known."""
        families = self.design.families
        if name not in families:
            raise InputError(
                f"no family {name!r}",
                f"one of {', '.join(families)}",
                "Name a family of the table.",
                code="unknown_family",
            )
        position = families.index(name)
        if np.isnan(self.design.family_compute[position]):
            raise InputError(
                f"the compute of {name} is unknown",
                "a family with compute",
                "Take another family as the reference.",
                code="no_compute",
            )
        return position

    def _task_index(self) -> np.ndarray:
        """The task's log-odds from capabilities alone, shape (n_draws, n_models)."""
        slopes = self._flat("task_slopes")
        return self._flat("task_intercept")[:, None] + np.einsum(
            "smk,sk->sm", self._flat("capability"), slopes
        )

    def _flat(self, name: str) -> np.ndarray:
        """Draws of a variable with chains put together, shape (n_draws, ...)."""
        values = self.draws[name].transpose("chain", "draw", ...).to_numpy()
        return values.reshape(-1, *values.shape[2:])


def fit_latent(
    table: ScoreTable,
    task: Task,
    task_scores: np.ndarray,
    *,
    n_capabilities: int = N_COMPONENTS,
    priors: LatentPriors | None = None,
    settings: NutsSettings = SETTINGS,
    seed: int = 0,
) -> LatentFit:
    """The posterior of capabilities and of a task's link to them, by NUTS.

    Parameters
    ----------
    table : ScoreTable
        All models. Benchmark scores of the models to be forecast are used: they say how able these are.
    task : Task
    task_scores : ndarray of shape (n_models,)
        NaN for every model that is to be forecast: its score is nowhere in the fit.
    n_capabilities : int
    priors : LatentPriors, optional
    settings : NutsSettings
    seed : int
        The same seed on the same machine and versions gives the same draws.

    Raises
    ------
    InputError
        See :func:`~bayes_scaling.observational.latent_design.design_latent_model`.
    InferenceError
        When the sampler fails.
    """
    design = design_latent_model(table, task, task_scores, n_capabilities)
    started = time.perf_counter()
    model = build_latent_model(design, priors or LatentPriors())
    draws, stats = sample_model(model, settings, seed=seed)
    monitored = draws.drop_vars([name for name in _NOT_MONITORED if name in draws])
    convergence = convergence_of(monitored, stats)
    return LatentFit(draws, design, convergence, time.perf_counter() - started)
