"""The paper's back-test: small models are for fitting, models beyond a compute cut-off are forecast and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.evaluation.scores import covered, crps, log_score, pit
from bayes_scaling.inference import NutsSettings
from bayes_scaling.names import RUN
from bayes_scaling.observational.components import N_COMPONENTS, fit_components
from bayes_scaling.observational.latent_fit import SETTINGS, LatentFit, fit_latent
from bayes_scaling.observational.scores import ScoreTable
from bayes_scaling.observational.sigmoid_law import fit_sigmoid_law
from bayes_scaling.observational.tasks import Task

COMPUTE_LAW, COMPONENTS_LAW, LATENT_MODEL = "compute", "components", "latent"
"""Methods: a sigmoid of log compute, a sigmoid of principal components, the latent-factor model."""

_FLOPS_UNIT = 1e21


@dataclass(frozen=True, eq=False)
class TaskBacktest:
    """Forecasts of the held-out models beside what they scored.

    Attributes
    ----------
    task : Task
    table : DataFrame
        One row a held-out model: ``run, observed``; the forecasts ``compute`` (NaN where compute is unknown),
        ``components, latent, latent_median``; and ``q05, q25, q75, q95, crps, log_score, pit, in_50, in_90`` of the
        latent-factor model. Everything is on the scale on which 0 is chance and 1 the ceiling.
    n_fitted : int
        Models that were fitted.
    fit : LatentFit
    """

    task: Task
    table: pd.DataFrame
    n_fitted: int
    fit: LatentFit

    def summary(self, runs: set[str] | None = None) -> dict[str, float]:
        """Mean scores over held-out models, or over those named.

        Keys: ``n_models``; ``mse_compute, mse_components, mse_latent, mse_latent_median``; ``crps_compute,
        crps_components, crps_latent`` (of a point forecast, the absolute error); ``log_score``; ``coverage_50,
        coverage_90``.

        Raises
        ------
        InputError
            ``no_models`` when none of those named was held out.
        """
        rows = self.table if runs is None else self.table[self.table[RUN].isin(runs)]
        if not len(rows):
            raise InputError(
                "none of the models named was held out",
                f"models among {', '.join(self.table[RUN].head(3))} and others",
                "See the column run of the table.",
                code="no_models",
            )
        error = rows[[COMPUTE_LAW, COMPONENTS_LAW, LATENT_MODEL, "latent_median"]].sub(
            rows["observed"], axis=0
        )
        return {
            "n_models": len(rows),
            **{f"mse_{name}": float((error[name] ** 2).mean()) for name in error},
            f"crps_{COMPUTE_LAW}": float(error[COMPUTE_LAW].abs().mean()),
            f"crps_{COMPONENTS_LAW}": float(error[COMPONENTS_LAW].abs().mean()),
            f"crps_{LATENT_MODEL}": float(rows["crps"].mean()),
            "log_score": float(rows["log_score"].mean()),
            "coverage_50": float(rows["in_50"].mean()),
            "coverage_90": float(rows["in_90"].mean()),
        }


def backtest_task(
    frame: pd.DataFrame,
    task: Task,
    *,
    hold_out: Callable[[pd.DataFrame], np.ndarray] | None = None,
    n_components: int = N_COMPONENTS,
    settings: NutsSettings = SETTINGS,
    seed: int = 0,
) -> TaskBacktest:
    """Fit a compute law, a law of principal components and the latent-factor model, and forecast what was held out.

    Parameters
    ----------
    frame : DataFrame
        Columns ``family, run, flops``, the benchmarks of the task and the task's own; models without a task score
        are left out.
    task : Task
    hold_out : callable, optional
        From the frame to a boolean mask of the models to hold out; default: those above the task's cut-off, and those
        whose compute is unknown, as in arXiv:2405.10938. See also :func:`hold_out_top`.
    n_components : int
    settings : NutsSettings
    seed : int

    Raises
    ------
    InputError
        ``missing_column`` without the task's column, ``nothing_held_out`` when there is no model on one side of the
        cut-off, and what the three fits raise.
    """
    rows = _with_task_scores(frame, task)
    held_out = _above_cutoff(rows, task) if hold_out is None else np.asarray(hold_out(rows), dtype=bool)
    if not held_out.any() or held_out.all():
        raise InputError(
            f"{held_out.sum()} of {len(rows)} models are held out",
            "some, and not all",
            "Change the task's cut-off.",
            code="nothing_held_out",
        )
    table = ScoreTable.from_frame(rows, task.benchmarks)
    scores = rows[task.column].to_numpy(dtype=float)
    fit = fit_latent(
        table,
        task,
        np.where(held_out, np.nan, scores),
        n_capabilities=n_components,
        settings=settings,
        seed=seed,
    )
    points = _points(table, task.normalised(scores), held_out, n_components)
    compared = _compared(fit, task.normalised(scores), held_out, points, seed)
    return TaskBacktest(task, compared, int((~held_out).sum()), fit)


def hold_out_top(column: str, share: float = 0.1) -> Callable[[pd.DataFrame], np.ndarray]:
    """A rule that holds out the best-scoring share of models, as the paper does for agents (section 4.2).

    Parameters
    ----------
    column : str
        Score by which models are ranked.
    share : float
        At least one model is held out.

    Raises
    ------
    InputError
        ``bad_argument`` for a share that is not between 0 and 1.
    """
    if not 0.0 < share < 1.0:
        raise InputError(f"share = {share!r}", "a share between 0 and 1", "Take 0.1.", code="bad_argument")

    def held_out(rows: pd.DataFrame) -> np.ndarray:
        n_held_out = max(1, int(share * len(rows)))
        ranks = rows[column].rank(method="first", ascending=False)
        return (ranks <= n_held_out).to_numpy()

    return held_out


def _with_task_scores(frame: pd.DataFrame, task: Task) -> pd.DataFrame:
    if task.column not in frame:
        raise InputError(
            f"no column {task.column}",
            "a column with the task's scores",
            "Rename it, or describe the task by another column.",
            code="missing_column",
        )
    return frame[frame[task.column].notna()].reset_index(drop=True)


def _above_cutoff(rows: pd.DataFrame, task: Task) -> np.ndarray:
    return ~(rows["flops"] <= task.cutoff_flops).to_numpy()


def _points(
    table: ScoreTable, observed: np.ndarray, held_out: np.ndarray, n_components: int
) -> dict[str, np.ndarray]:
    """Forecasts of the two point laws for all models; each sees the models for fitting alone."""
    fitted = ~held_out
    components = fit_components(table.subset(fitted), n_components).project(table)
    log_flops = (table.log_flops - np.log(_FLOPS_UNIT))[:, None]
    has_compute = fitted & ~np.isnan(log_flops[:, 0])
    by_components = fit_sigmoid_law(components[fitted], observed[fitted])
    by_compute = fit_sigmoid_law(log_flops[has_compute], observed[has_compute])
    return {COMPUTE_LAW: by_compute.predict(log_flops), COMPONENTS_LAW: by_components.predict(components)}


def _compared(
    fit: LatentFit, observed: np.ndarray, held_out: np.ndarray, points: dict[str, np.ndarray], seed: int
) -> pd.DataFrame:
    forecast = fit.predict(seed=seed).select(held_out)
    draws, truth = fit.design.task.normalised(forecast.draws), observed[held_out]
    q05, q25, median, q75, q95 = np.quantile(draws, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
    return pd.DataFrame(
        {
            RUN: forecast.models,
            "observed": truth,
            **{name: values[held_out] for name, values in points.items()},
            LATENT_MODEL: draws.mean(axis=0),
            "latent_median": median,
            "q05": q05,
            "q25": q25,
            "q75": q75,
            "q95": q95,
            "crps": crps(draws, truth),
            "log_score": log_score(draws, truth),
            "pit": pit(draws, truth),
            "in_50": covered(draws, truth, 0.5),
            "in_90": covered(draws, truth, 0.9),
        }
    )
