"""The tables of a calibration report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bayes_scaling.evaluation import BacktestResult
from bayes_scaling.evaluation.macro import family_means
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.plots import count_label
from bayes_scaling.reports.backtest_figures import largest_runs
from bayes_scaling.reports.tables import Column, TableView, view_table
from bayes_scaling.reports.verdict import LEVEL
from bayes_scaling.reports.wording import (
    UNKNOWN,
    duration,
    error_percent,
    loss_value,
    number,
    percent,
    percent_range,
    score_value,
    signed_percent,
)

_LEVELS = ("50", "80", "90", "95")
_SCORES = (
    "are_median",
    "are_mean",
    "log_bias_mean",
    "crps_mean",
    "log_score_mean",
    "n_failed",
    "fit_seconds",
)

_METHOD_COLUMNS = (
    Column("method", "method", is_number=False),
    Column("are_median", "typical error", error_percent),
    Column("are_mean", "mean error", error_percent),
    Column("log_bias_mean", "bias", signed_percent),
    Column("crps_mean", "mean CRPS", error_percent),
    Column("log_score_mean", "log score", score_value),
    Column("n_failed", "not forecast", number),
    Column("fit_seconds", "time", duration),
)
_METHODS_CAPTION = (
    "Typical: the median over families; all else: means over families for which the method gave a forecast. "
    "A bias above zero is a forecast that is too high. Errors and CRPS: lower is better; log score: higher."
)

_INTERVAL_COLUMNS = (
    Column("method", "method", is_number=False),
    *(Column(level, f"{level} % held", percent) for level in _LEVELS),
    Column("width_mean", "width of the 90 %", error_percent),
    Column("interval_score_mean", "interval score", error_percent),
)
_INTERVALS_CAPTION = (
    "Held: how often the truth was inside the interval of that level. Width and interval score are those of the "
    "90 % interval, of log loss; lower is better. The score adds 20 times the distance of each miss to the width."
)

_GROUP_COLUMNS = (
    Column("group", "group", is_number=False),
    Column("n_families", "families", number),
    Column("coverage50", "50\u202f%", percent),
    Column("coverage80", "80\u202f%", percent),
    Column("coverage90", "90\u202f%", percent),
    Column("band", "its band"),
    Column("coverage95", "95\u202f%", percent),
    Column("width", "width", error_percent),
    Column("interval_score", "interval score", error_percent),
    Column("crps", "CRPS", error_percent),
    Column("are", "error", error_percent),
    Column("bias", "bias", signed_percent),
)
_GROUPS_CAPTION = (
    "50 to 95 %: how often the truth was inside that interval; width and interval score are those of the 90 %. In "
    "size: the family's largest held-out size over its largest training size. Trajectories: some run has several "
    "checkpoints; final points: every run has one. Schedules: the learning rate varies within runs, or runs of one "
    "size are planned for different lengths. Repeated epochs: some tokens were seen more than once. Groups overlap."
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
    """Return one row per method: its errors, its scores, and what it cost."""
    rows = [
        {"method": name, **{score: each[score] for score in _SCORES}}
        for name, each in _summaries(result).items()
    ]
    return view_table(pd.DataFrame(rows), _METHOD_COLUMNS, caption=_METHODS_CAPTION)


def intervals(result: BacktestResult) -> TableView | None:
    """Return one row per method with intervals: how they held at each level, and how wide they are."""
    rows = [
        {"method": name, **each, **each["coverage"]}
        for name, each in _summaries(result).items()
        if each["coverage"]["90"] is not None
    ]
    if not rows:
        return None
    return view_table(pd.DataFrame(rows), _INTERVAL_COLUMNS, caption=_INTERVALS_CAPTION)


def groups(result: BacktestResult) -> TableView:
    """Return one row per group that has families: how its intervals held, and its scores."""
    rows = result.groups[result.groups["n_families"] > 0]
    bands = [
        UNKNOWN if np.isnan(low) else percent_range(low, high)
        for low, high in zip(rows["coverage90_low"], rows["coverage90_high"], strict=True)
    ]
    return view_table(rows.assign(band=bands), _GROUP_COLUMNS, caption=_GROUPS_CAPTION, alarm=_breaks_promise)


def _summaries(result: BacktestResult) -> dict[str, dict[str, Any]]:
    return {result.method.name: result.summary, **result.summary["baselines"]}


def _breaks_promise(column: str, row: pd.Series) -> bool:
    return column == "coverage90" and row["coverage90_high"] < LEVEL


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
