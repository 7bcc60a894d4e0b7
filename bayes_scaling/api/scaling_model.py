"""The description of a model as the user handles it: say what is assumed, then fit or back-test it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from bayes_scaling.api.backtest import Backtest
from bayes_scaling.api.fit import Fit
from bayes_scaling.api.forecaster import HierarchicalForecaster
from bayes_scaling.api.progress import show_progress
from bayes_scaling.baselines import (
    BorrowedParameters,
    CompletePooling,
    Forecaster,
    HuberLBFGS,
    LeastSquares,
    VariableProjection,
)
from bayes_scaling.errors import InputError
from bayes_scaling.evaluation import run_backtest
from bayes_scaling.inference import draw_prior, fit_posterior, settings_for
from bayes_scaling.laws import Law, get_law
from bayes_scaling.models import ModelSpec, assumptions_of
from bayes_scaling.names import HOLDOUT_FAMILY, HOLDOUT_LARGEST_MODEL, KIND_RUN, LOSS
from bayes_scaling.prediction import Prediction, make_points, predict
from bayes_scaling.priors import AUTO, Priors, choose_priors, named_priors
from bayes_scaling.runs import RunTable, require_spread

N_BOOTSTRAP = 50
"""Bootstrap draws of baselines that have intervals: enough to see how wide they are."""


class ScalingModel:
    """A hierarchical scaling model: a law, its priors and what surrounds it. Immutable, nothing fitted yet.

    Parameters
    ----------
    law : str or Law
        Name of a registered law, or a law object.
    priors : Priors or str, optional
        Population priors. ``"weak"``: written by hand, wide enough for any published family. ``"population"``:
        what the public families taught. A path: a file that ``bayes-scaling population`` wrote. ``"auto"``,
        the default: ``"population"`` for a table of few families, else ``"weak"``; a table that holds runs
        which taught the population gets ``"weak"``, so that nothing is counted twice.
    **assumptions
        Any further field of :class:`~bayes_scaling.models.ModelSpec`, e.g. ``max_checkpoints``; what the law
        itself assumes (``law.assumptions``) otherwise.

    Raises
    ------
    InputError
        When the law or an assumption is unknown.

    Examples
    --------
    >>> print(ScalingModel(law="chinchilla"))  # doctest: +ELLIPSIS
    Law: L = E + A / N^alpha + B / D^beta ...
    """

    __slots__ = ("_prior", "_spec")

    def __init__(
        self, law: str | Law = "chinchilla", priors: Priors | str = AUTO, **assumptions: Any
    ) -> None:
        known = {field.name for field in fields(ModelSpec)} - {"law", "priors"}
        unknown = sorted(set(assumptions) - known)
        if unknown:
            raise InputError(
                f"assumption(s) {', '.join(unknown)}",
                f"names among {', '.join(sorted(known))}",
                "Check the spelling.",
                code="bad_argument",
            )
        chosen = get_law(law)
        assumptions = {**assumptions_of(chosen), **assumptions}
        self._prior = priors.name if isinstance(priors, Priors) else str(priors)
        if isinstance(priors, Priors):
            assumptions["priors"] = priors
        elif priors != AUTO:
            assumptions["priors"] = named_priors(priors, chosen, assumptions.get("schedule", True))
        self._spec = ModelSpec(law=chosen, **assumptions)

    @property
    def spec(self) -> ModelSpec:
        """The description itself, frozen; with ``priors="auto"`` it shows the weak ones."""
        return self._spec

    def spec_for(self, runs: RunTable) -> ModelSpec:
        """The description with the priors that a table of runs is fitted under."""
        if self._prior != AUTO:
            return self._spec
        return replace(self._spec, priors=choose_priors(self._spec.law, runs.frame, self._spec.schedule))

    def fit(
        self, runs: RunTable, method: str = "nuts", *, seed: int = 0, progress: bool = True, **settings: Any
    ) -> Fit:
        """The posterior given training runs.

        Parameters
        ----------
        runs : RunTable
            At least one family with two sizes.
        method : {"nuts", "laplace"}
            The No-U-Turn Sampler, or the fast path: many short Metropolis chains around the Laplace
            approximation, which takes seconds.
        seed : int
            Same seed, same draws.
        progress : bool
            Show a progress bar, and the verdict at the end.
        **settings
            Any of :class:`~bayes_scaling.inference.NutsSettings` (``draws``, ``tune``, ``chains``, ``cores``,
            ``target_accept``, ``sampler``) or :class:`~bayes_scaling.inference.LaplaceSettings` (``draws``,
            ``tune``, ``chains``, ``thin``).

        Raises
        ------
        InputError
            When the table or an argument cannot be used.
        InferenceError
            When sampling fails.
        """
        chosen = settings_for(method, settings)
        with show_progress(f"Sampling {len(runs.families)} families", progress) as report:
            posterior = fit_posterior(self.spec_for(runs), runs, chosen, seed=seed, progress=report)
        fit = Fit(posterior.spec, posterior.idata)
        if progress:
            print(fit.verdict)
        return fit

    def prior_predictive(self, runs: RunTable, *, n_draws: int = 1000, seed: int = 0) -> Prediction:
        """What the priors alone expect at the points of a table, each family being a new one.

        Compare its intervals with the losses: priors that exclude what was seen need a second look, priors a
        thousand times wider help little.
        """
        rows = runs.frame.drop(columns=LOSS)
        prior = draw_prior(self.spec_for(runs), n_draws=n_draws, seed=seed)
        return predict(prior, make_points(rows), kind=KIND_RUN, seed=seed)

    def backtest(
        self,
        runs: RunTable,
        holdout: str = HOLDOUT_LARGEST_MODEL,
        *,
        method: str = "laplace",
        n_given: int = 1,
        seed: int = 0,
        baselines: Sequence[Forecaster] | None = None,
        progress: bool = True,
        **settings: Any,
    ) -> Backtest:
        """Hide the largest runs, forecast them from the rest and score what was forecast.

        Parameters
        ----------
        runs : RunTable
        holdout : {"largest-model", "top-compute", "family"}
            What is hidden; see :func:`~bayes_scaling.evaluation.split_runs`.
        method : {"laplace", "nuts"}
            As for :meth:`fit`; the fast path by default, since a back-test may need many fits.
        n_given : int
            Runs given of a new family, for ``"family"``.
        seed : int
        baselines : sequence of Forecaster, optional
            Methods scored beside; default: :func:`default_baselines`.
        progress : bool
        **settings
            As for :meth:`fit`.
        """
        chosen = settings_for(method, settings)
        require_spread(runs, self._spec.law.inputs)
        ours = HierarchicalForecaster(self, chosen, progress)
        others = default_baselines(holdout) if baselines is None else baselines
        result = run_backtest(runs, ours, others, holdout, n_given, seed)
        return Backtest(**{field.name: getattr(result, field.name) for field in fields(result)}, runs=runs)

    def describe(self) -> str:
        """The model in words, with the priors and their reasons."""
        return self._spec.describe()

    __str__ = describe

    def __repr__(self) -> str:
        return f"<ScalingModel {self._spec.law.name}, priors {self._prior}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ScalingModel) and (other._spec, other._prior) == (self._spec, self._prior)

    def __hash__(self) -> int:
        return hash((self._spec.to_json(), self._prior))


def default_baselines(holdout: str) -> tuple[Forecaster, ...]:
    """What a back-test scores beside the model.

    The least squares of the Hitchhiker's guide, the Huber fit of Chinchilla, and with intervals from a bootstrap
    over runs: variable projection and complete pooling. For new families, where those have next to nothing to fit:
    the transfer with borrowed parameters and complete pooling.
    """
    pooled = CompletePooling(n_bootstrap=N_BOOTSTRAP)
    if holdout == HOLDOUT_FAMILY:
        return BorrowedParameters(n_bootstrap=N_BOOTSTRAP), pooled
    return LeastSquares(), HuberLBFGS(), VariableProjection(n_bootstrap=N_BOOTSTRAP), pooled
