"""The tables of a calibration report."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.evaluation import BacktestResult
from bayes_scaling.evaluation.macro import family_means
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.plots import count_label
from bayes_scaling.reports.backtest_figures import largest_runs
from bayes_scaling.reports.tables import Column, TableView, view_table
from bayes_scaling.reports.wording import UNKNOWN, duration, error_percent, loss_value, number, percent

_LEVELS = ("50", "80", "90", "95")
_SCORES = ("are_median", "are_mean", "crps_mean", "n_failed", "fit_seconds")

_METHOD_COLUMNS = (
    Column("method", "method", is_number=False),
    Column("are_median", "typical error", error_percent),
    Column("are_mean", "mean error", error_percent),
    Column("crps_mean", "mean CRPS", error_percent),
    *(Column(level, f"{level} % held", percent) for level in _LEVELS),
    Column("n_failed", "not forecast", number),
    Column("fit_seconds", "time", duration),
)
_METHODS_CAPTION = (
    "Typical: the median over families; mean: the mean over families for which the method gave a forecast. "
    "Held: how often the truth was inside the interval of that level."
)

_FAMILY_COLUMNS = (
    Column(FAMILY, "family", is_number=False),
    Column("n_rows", "points", number),
    Column("ninety", "90 % held", percent),
    Column("half", "50 % held", percent),
    Column("error", "mean error", error_percent),
    Column(N_PARAMS, "size", count_label),
    Column(N_TOKENS, "tokens", count_label),
    Column(LOSS, "loss", loss_value),
    Column("median", "forecast", loss_value),
    Column("interval", "90 % interval"),
)
_FAMILIES_CAPTION = (
    "Shares and errors are over the family's held-out points; from size on, the row is about its largest "
    "held-out run at its last checkpoint, in the family's own unit of loss."
)


def methods(result: BacktestResult) -> TableView:
    """Return one row per method: its errors, its CRPS, how its intervals held, and what it cost."""
    summaries = {result.method.name: result.summary, **result.summary["baselines"]}
    rows = [
        {"method": name, **{score: each[score] for score in _SCORES}, **each["coverage"]}
        for name, each in summaries.items()
    ]
    return view_table(pd.DataFrame(rows), _METHOD_COLUMNS, caption=_METHODS_CAPTION)


def families(result: BacktestResult) -> TableView:
    """Return one row per family: how often it was covered, how far off it was, its largest run."""
    coverage = result.coverage(by=FAMILY).table.set_index(FAMILY)
    last = largest_runs(result.table).set_index(FAMILY)
    frame = last.assign(
        n_rows=result.table.groupby(FAMILY).size(),
        half=coverage.loc[np.isclose(coverage["nominal"], 0.5), "observed"],
        ninety=coverage.loc[np.isclose(coverage["nominal"], 0.9), "observed"],
        error=family_means(result.table, "are"),
        interval=[_interval(low, high) for low, high in zip(last["q05"], last["q95"], strict=True)],
    )
    return view_table(
        frame.reset_index(), _FAMILY_COLUMNS, caption=_FAMILIES_CAPTION, alarm=_is_mostly_missed
    )


def _is_mostly_missed(column: str, row: pd.Series) -> bool:
    return column == "ninety" and row["ninety"] < 0.5


def _interval(low: float, high: float) -> str:
    return UNKNOWN if np.isnan(low) else f"{loss_value(low)}–{loss_value(high)}"
