"""The calibration report of a back-test: can its intervals be believed, where did they fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from bayes_scaling.evaluation import BacktestResult
from bayes_scaling.names import FAMILY, HOLDOUT_FAMILY, HOLDOUT_LARGEST_MODEL, HOLDOUT_TOP_COMPUTE
from bayes_scaling.reports import backtest_figures, backtest_tables
from bayes_scaling.reports.cards import Card, diagnostic_cards
from bayes_scaling.reports.notes import gather_notes
from bayes_scaling.reports.page import render_page
from bayes_scaling.reports.svg import ReportFigure
from bayes_scaling.reports.verdict import Verdict, judge_backtest, judge_groups
from bayes_scaling.reports.wording import error_percent, percent, plural
from bayes_scaling.runs import RunTable

_HELD_OUT = {
    HOLDOUT_LARGEST_MODEL: "In each family every run of the largest size was hidden from the fit.",
    HOLDOUT_TOP_COMPUTE: "In each family every run of at least a quarter of the largest compute was hidden.",
    HOLDOUT_FAMILY: "One family at a time was taken as new: only its smallest {given} reached the fit.",
}


def render_backtest_report(
    result: BacktestResult,
    *,
    title: str = "Calibration report",
    runs: RunTable | None = None,
    figures: Sequence[ReportFigure] = (),
) -> str:
    """Return the HTML of a calibration report: one self-contained page that opens without a network.

    Parameters
    ----------
    result : BacktestResult
        The forecasts and their scores.
    title : str, optional
        The page's heading.
    runs : RunTable, optional
        The table that was split; with it the report shows loss curves of some families, from the best to the
        worst forecast.
    figures : sequence of ReportFigure, optional
        Further figures, shown after the report's own.
    """
    verdict = judge_backtest(result)
    return render_page(
        "backtest.html",
        title=title,
        versions=result.summary["versions"],
        method=result.method.name,
        verdict=verdict,
        cards=_key_figures(result.summary, verdict),
        calibration=backtest_figures.calibration(result),
        sharpness=backtest_figures.sharpness(result),
        intervals=backtest_tables.intervals(result),
        where=judge_groups(result.groups),
        groups=backtest_figures.groups(result),
        group_scores=backtest_tables.groups(result),
        forecasts=backtest_figures.forecasts(result),
        comparison=backtest_figures.comparison(result),
        methods=backtest_tables.methods(result),
        fair_comparisons=tuple(_compare_fairly(result)),
        curves=backtest_figures.loss_curves(result, runs) if runs is not None else (),
        figures=figures,
        families=backtest_tables.families(result),
        held_out=_HELD_OUT[result.holdout].format(given=plural(result.n_given, "run")),
        skipped=result.skipped,
        not_forecast=_families_without_forecast(result.table),
        diagnostics=diagnostic_cards(result.summary),
        notes=gather_notes(result.method.notes),
    )


def _key_figures(summary: Mapping[str, Any], verdict: Verdict) -> tuple[Card, ...]:
    return (
        Card(
            "90 % interval covered",
            percent(summary["coverage"]["90"]),
            "90 % would be honest",
            verdict.is_too_narrow,
        ),
        Card("50 % interval covered", percent(summary["coverage"]["50"]), "50 % would be honest"),
        Card("90 % interval spans", error_percent(summary["width_mean"]), "mean width, of log loss"),
        Card(
            "error in the typical family",
            error_percent(summary["are_median"]),
            "median forecast against truth",
        ),
        Card("mean CRPS", error_percent(summary["crps_mean"]), "of log loss; smaller is better"),
    )


def _compare_fairly(result: BacktestResult) -> Iterator[str]:
    """Yield the method's scores on the rows that a baseline forecast, for baselines that failed on some."""
    for name, baseline in result.summary["baselines"].items():
        if baseline["n_failed"]:
            same = baseline["on_same_rows"]
            yield (
                f"Where {name} gave a forecast, {result.method.name} had a mean error of "
                f"{error_percent(same['are_mean'])} and a mean CRPS of {error_percent(same['crps_mean'])}."
            )


def _families_without_forecast(table: pd.DataFrame) -> tuple[str, ...]:
    nothing = table["median"].isna().groupby(table[FAMILY]).all()
    return tuple(nothing.index[nothing])
