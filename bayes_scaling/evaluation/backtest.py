"""Back-tests: hide the largest runs, forecast them from the rest, and score what was forecast."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from bayes_scaling.baselines import Forecast, Forecaster
from bayes_scaling.errors import Findings, InputError
from bayes_scaling.evaluation import summary as figures
from bayes_scaling.evaluation.coverage import Coverage, coverage_of
from bayes_scaling.evaluation.groups import score_groups
from bayes_scaling.evaluation.predictions import predictions_table
from bayes_scaling.evaluation.splits import Split, assert_no_leak, split_runs
from bayes_scaling.names import FAMILY, HOLDOUT_LARGEST_MODEL
from bayes_scaling.runs import RunTable

Progress = Callable[[int, int, str], None]
"""Called before each fit and at the end with the fits done, the number of all fits, and what comes next."""


@dataclass(frozen=True, eq=False)
class MethodResult:
    """What one method forecast over all splits.

    Attributes
    ----------
    name : str
        The method's label.
    table : DataFrame
        One row for each scored checkpoint, with the columns of :mod:`bayes_scaling.evaluation.predictions`.
    notes : Findings
        What the method said about the families.
    diagnostics : tuple of mapping
        One for each split; each has ``fit_seconds``.
    """

    name: str
    table: pd.DataFrame
    notes: Findings
    diagnostics: tuple[Mapping[str, float], ...]


@dataclass(frozen=True, eq=False)
class BacktestResult:
    """Forecasts of held-out runs by one method and by the baselines beside it, with their scores.

    Attributes
    ----------
    method : MethodResult
        The method under test.
    baselines : mapping of str to MethodResult
        The others, by name, on the same rows in the same order.
    holdout : str
        The rule by which runs were held out.
    n_given : int
        Runs given of a new family, for the rule ``family``.
    seed : int
        Seed from which the seed of each split comes.
    skipped : mapping of str to str
        Families too small to hold anything out, with the reason; their rows were learned from.
    """

    method: MethodResult
    baselines: Mapping[str, MethodResult]
    holdout: str
    n_given: int
    seed: int
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> pd.DataFrame:
        """One row for each scored checkpoint: what was observed, the forecast's quantiles and its scores."""
        return self.method.table

    @property
    def baseline_tables(self) -> dict[str, pd.DataFrame]:
        """The same table for each baseline, by name."""
        return {name: result.table for name, result in self.baselines.items()}

    @property
    def pit(self) -> np.ndarray:
        """Probability integral transform of each scored checkpoint: uniform on (0, 1) if all is honest."""
        return self.table["pit"].dropna().to_numpy()

    def coverage(self, by: str | None = None) -> Coverage:
        """Observed coverage at 50, 80, 90 and 95 %, means over families; split by a column if asked."""
        return coverage_of(self.table, by, seed=self.seed)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Coverage and scores by reach, number of training sizes and kind of data: one row for each group."""
        return score_groups(self.table)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """All figures in one dictionary of plain values; None stands for a figure that there is none of.

        Means and medians run over families, of each family's mean over its scored rows; ``are`` is a fraction
        of the loss, ``crps_mean`` is on log loss. ``groups`` has the rows of :attr:`groups` by label. A
        baseline's ``on_same_rows`` is the method under test on the rows for which the baseline gave
        something.
        """
        return figures.to_json_values(
            {
                "n_families": int(self.table[FAMILY].nunique()),
                **figures.score_summary(self.table),
                **figures.worst_diagnostics(self.method.diagnostics),
                "groups": figures.group_records(self.groups),
                "baselines": {
                    name: self._baseline_summary(result) for name, result in self.baselines.items()
                },
                "method": self.method.name,
                "holdout": self.holdout,
                "n_given": self.n_given,
                "seed": self.seed,
                "n_rows": len(self.table),
                "skipped_families": dict(self.skipped),
                "notes": figures.finding_records(self.method.notes),
                "versions": figures.versions(),
            }
        )

    def _baseline_summary(self, result: MethodResult) -> dict[str, Any]:
        return {
            **figures.score_summary(result.table),
            "fit_seconds": figures.worst_diagnostics(result.diagnostics)["fit_seconds"],
            "groups": figures.group_records(score_groups(result.table)),
            "on_same_rows": figures.scores_on_same_rows(self.table, result.table),
            "notes": figures.finding_records(result.notes),
        }

    def __repr__(self) -> str:
        coverage = self.summary["coverage"]["90"]
        inside = "no intervals" if coverage is None else f"{coverage:.0%} inside the 90 % interval"
        n_families = self.summary["n_families"]
        return f"<back-test {self.holdout} of {self.method.name}: {n_families} families, {inside}>"


def run_backtest(
    runs: RunTable,
    forecaster: Forecaster,
    baselines: Sequence[Forecaster] = (),
    holdout: str = HOLDOUT_LARGEST_MODEL,
    n_given: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
) -> BacktestResult:
    """Scores of a method, and of the baselines beside it, on runs that were held out.

    Parameters
    ----------
    runs : RunTable
        All runs.
    forecaster : Forecaster
        The method under test.
    baselines : sequence of Forecaster
        Other methods, fitted to the same rows and scored on the same points; each needs a name of its own.
    holdout : {"largest-model", "top-compute", "family"}
        What is held out, see :func:`~bayes_scaling.evaluation.split_runs`.
    n_given : int, default 1
        Runs given of a new family, for ``family``.
    seed : int, default 0
        Equal seeds give equal results of methods that keep that promise.
    progress : callable, optional
        Called as ``progress(done, total, label)`` before each fit and at the end.

    Raises
    ------
    InputError
        When names collide, nothing can be held out, or a method returns another number of points than it was
        given.
    LeakError
        When a held-out run is among the training rows.
    """
    methods = _with_unique_names([forecaster, *baselines])
    splits = split_runs(runs, holdout, n_given)
    steps = [(method, index) for method in methods for index in range(len(splits))]
    outcomes: dict[str, list[tuple[pd.DataFrame, Forecast]]] = {method.name: [] for method in methods}
    for done, (method, index) in enumerate(steps):
        _report(progress, done, len(steps), method.name)
        outcomes[method.name].append(_forecast_split(method, splits[index], _split_seed(seed, index)))
    _report(progress, len(steps), len(steps), "done")
    results = {name: _join(name, outcome) for name, outcome in outcomes.items()}
    tested = results.pop(forecaster.name)
    return BacktestResult(tested, results, holdout, n_given, seed, splits[0].skipped)


def _with_unique_names(methods: Sequence[Forecaster]) -> Sequence[Forecaster]:
    names = [method.name for method in methods]
    if len(set(names)) < len(names):
        raise InputError(
            f"methods named {', '.join(names)}",
            "one name for each",
            "Give one another `name`.",
            code="method_names",
        )
    return methods


def _report(progress: Progress | None, done: int, total: int, label: str) -> None:
    if progress is not None:
        progress(done, total, label)


def _split_seed(seed: int, index: int) -> int:
    return int(np.random.SeedSequence([seed, index]).generate_state(1)[0])


def _forecast_split(method: Forecaster, split: Split, seed: int) -> tuple[pd.DataFrame, Forecast]:
    """Predictions of a method for one split, and its forecast with the seconds it took."""
    assert_no_leak(split)
    points, started = split.points, time.perf_counter()
    forecast = method.forecast(split.train, points, seed=seed)
    seconds = time.perf_counter() - started
    if forecast.n_points != len(points):
        given, wanted = f"{method.name} forecast {forecast.n_points} points", f"{len(points)} points"
        raise InputError(given, wanted, "Return one column for each point.", code="forecast_shape")
    timed = Forecast(
        forecast.draws, forecast.is_point, forecast.notes, {"fit_seconds": seconds, **forecast.diagnostics}
    )
    return predictions_table(split, timed), timed


def _join(name: str, outcomes: Sequence[tuple[pd.DataFrame, Forecast]]) -> MethodResult:
    tables, forecasts = zip(*outcomes, strict=True)
    notes = Findings(tuple(note for forecast in forecasts for note in forecast.notes))
    return MethodResult(
        name,
        pd.concat(tables, ignore_index=True),
        notes,
        tuple(forecast.diagnostics for forecast in forecasts),
    )
