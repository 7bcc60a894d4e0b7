"""The figures of a calibration report, each with the words around it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.evaluation import BacktestResult, coverage_of
from bayes_scaling.evaluation.macro import family_means
from bayes_scaling.names import FAMILY, METRIC, METRIC_NATS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.plots import (
    HALF,
    new_axes,
    plot_coverage,
    plot_forecasts,
    plot_groups,
    plot_loss_curves,
    plot_pit,
    plot_scores,
    plot_sharpness,
)
from bayes_scaling.reports.pit_histogram import pit_histogram
from bayes_scaling.reports.svg import ReportFigure
from bayes_scaling.reports.verdict import LEVEL
from bayes_scaling.runs import RunTable

FORECAST_LIMIT = 30.0
"""Largest error shown among the forecasts, in per cent: one wild forecast must not squeeze the others."""

N_CURVES = 6
"""Number of families whose loss curves are shown."""


def calibration(result: BacktestResult) -> tuple[ReportFigure, ...]:
    """Return the reliability diagram and the PIT histogram; nothing for a method without intervals."""
    if not result.pit.size:
        return ()
    others = methods_with_intervals(result)
    others.pop(result.method.name)
    return (
        ReportFigure(
            "reliability",
            "Did the intervals hold what they promised?",
            plot_coverage(result.coverage().table, label=result.method.name, others=others),
            "On the dashed line intervals are honest, below it they are too narrow. Dots: 50, 80, 90 and 95 % "
            "intervals. The band shows what chance leaves open with this many families.",
        ),
        ReportFigure(
            "pit",
            "Where in its forecast did each truth fall?",
            plot_pit(pit_histogram(result.table)),
            "Even bars are honest. Heaps at both ends: too narrow; a hump in the middle: too wide; a heap at "
            "one end: off to the other side. A bar that leaves the grey band is orange.",
        ),
    )


def methods_with_intervals(result: BacktestResult) -> dict[str, pd.DataFrame]:
    """Return the coverage of each method that gives intervals, by name, the method under test first."""
    tables = {result.method.name: result.table, **result.baseline_tables}
    coverages = {name: coverage_of(table, seed=result.seed).table for name, table in tables.items()}
    return {name: table for name, table in coverages.items() if table["observed"].notna().all()}


def sharpness(result: BacktestResult) -> ReportFigure | None:
    """Return how wide each method's intervals are beside how often they hold; None without intervals."""
    if not result.pit.size:
        return None
    judged = {
        name: table.loc[np.isclose(table["nominal"], LEVEL)].iloc[0]
        for name, table in methods_with_intervals(result).items()
    }
    summaries = {result.method.name: result.summary, **result.summary["baselines"]}
    rows = pd.DataFrame(judged).T.astype(float)
    rows["width"] = [summaries[name]["width_mean"] for name in rows.index]
    return ReportFigure(
        "sharpness",
        "Are the intervals narrow as well as honest?",
        plot_sharpness(rows, ours=result.method.name, level=LEVEL),
        "Each dot is a method that gives intervals. On the dashed line its intervals are honest; of two honest "
        "methods the one further left says more. Narrow and below the line is worse than wide: it is wrong "
        "without saying so. The bars show what chance leaves open with this many families.",
    )


def groups(result: BacktestResult) -> ReportFigure | None:
    """Return the coverage of the 90 % interval in each group that has families; None without intervals."""
    if not result.pit.size:
        return None
    rows = result.groups[result.groups["n_families"] > 0].rename(
        columns={"coverage90": "observed", "coverage90_low": "band_low", "coverage90_high": "band_high"}
    )
    return ReportFigure(
        "groups",
        "Coverage of the 90 % interval, group by group",
        plot_groups(rows, level=LEVEL),
        "The dot is the share of held-out losses inside, the bar what chance leaves open with this many "
        "families. A group is orange where even its whole bar lies below the promise.",
    )


def forecasts(result: BacktestResult) -> ReportFigure | None:
    """Return the intervals of each family's largest held-out run around what it reached; None without any."""
    rows = largest_runs(result.table.dropna(subset="median"))
    if rows.empty:
        return None
    return ReportFigure(
        "forecasts",
        "Forecast and truth, family by family",
        plot_forecasts(rows, limit=FORECAST_LIMIT),
        "Each family's largest held-out run at its last checkpoint, as an error relative to the loss it "
        "reached. The tick is the median forecast; the thick bar holds half of the forecast, the thin bar "
        "nine tenths. Orange bars missed the truth.",
    )


def largest_runs(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per family, in the order of the alphabet: the last checkpoint of the most compute."""
    compute = table[N_PARAMS] * table[N_TOKENS]
    last = table.loc[compute.sort_values().index].groupby(FAMILY).tail(1)
    return last.sort_values(FAMILY, key=lambda names: names.str.casefold())


def comparison(result: BacktestResult) -> tuple[ReportFigure, ...]:
    """Return the mean CRPS and the mean error of the method and its baselines; nothing without baselines."""
    if not result.baselines:
        return ()
    return (
        _scores(result, "crps_mean", "Mean CRPS", "of log loss, × 100"),
        _scores(result, "are_mean", "Mean error of the median forecast", "per cent of the loss"),
    )


def _scores(result: BacktestResult, key: str, title: str, xlabel: str) -> ReportFigure:
    summaries = {result.method.name: result.summary, **result.summary["baselines"]}
    scores = 100 * pd.Series({name: each[key] for name, each in summaries.items()}, dtype=float)
    axes = plot_scores(scores, ours=result.method.name, xlabel=xlabel, value_format="{:.2f}")
    return ReportFigure(key.replace("_", "-"), title, axes)


def loss_curves(result: BacktestResult, runs: RunTable) -> tuple[ReportFigure, ...]:
    """Return the loss curves of a few families, spread evenly from the best forecast to the worst."""
    families = family_means(result.table, "are").sort_values().index
    picked = np.linspace(0, len(families) - 1, min(N_CURVES, len(families))).round().astype(int)
    return tuple(_loss_curve(family, result.table, runs.frame) for family in families[picked])


def _loss_curve(family: str, table: pd.DataFrame, frame: pd.DataFrame) -> ReportFigure:
    hidden, known = table[table[FAMILY] == family], frame[frame[FAMILY] == family]
    unit = known[METRIC].iloc[0]
    axes = plot_loss_curves(
        known[~known[RUN].isin(hidden[RUN])],
        new_axes(HALF, 2.7),
        forecast=hidden.dropna(subset="median"),
        loss_unit="nats per token" if unit == METRIC_NATS else unit,
    )
    return ReportFigure(f"curves-{known.index[0]}", family, axes)
