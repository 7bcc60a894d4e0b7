"""The report of one fit: can it be trusted, what was learned, and from which runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from bayes_scaling.errors import Findings, Severity
from bayes_scaling.evaluation.summary import versions
from bayes_scaling.names import FAMILY, N_PARAMS, N_TOKENS
from bayes_scaling.plots import (
    HALF,
    interval_axes,
    new_axes,
    plot_intervals,
    plot_loss_curves,
    plot_prior_posterior,
)
from bayes_scaling.reports.cards import Card, diagnostic_cards
from bayes_scaling.reports.notes import gather_notes
from bayes_scaling.reports.page import render_page
from bayes_scaling.reports.svg import ReportFigure
from bayes_scaling.reports.tables import Column, TableView, view_table
from bayes_scaling.reports.wording import error_percent, number, plural, size_range


@dataclass(frozen=True)
class FamilyCurves:
    """One family's checkpoints and what the fit says about some of them.

    Attributes
    ----------
    family : str
        The family's label.
    runs : DataFrame
        Its checkpoints: ``run, n_params, n_tokens, loss``.
    predicted : DataFrame or None
        The same columns and ``q05, q25, median, q75, q95``, in the unit of loss.
    loss_unit : str
        What its loss is measured in.
    """

    family: str
    runs: pd.DataFrame
    predicted: pd.DataFrame | None = None
    loss_unit: str = "nats per token"


@dataclass(frozen=True)
class FitSummary:
    """What a fit's report is made of; every number in the report is one of these.

    Attributes
    ----------
    verdict : str
        One sentence that says whether to trust the fit.
    severity : Severity
        How the verdict is meant.
    model : str
        The model in words, as it prints itself.
    overview : DataFrame
        One row per family: ``family, n_runs, n_checkpoints, n_params_min, n_params_max, n_tokens_min,
        n_tokens_max`` and, where families differ in it, ``metric``.
    population : DataFrame
        Index: population parameters; columns ``q05, q25, median, q75, q95`` in natural units and, optionally,
        ``meaning`` in words.
    families : mapping of str to DataFrame
        For each parameter worth comparing, a frame indexed by family with the same five numbers; the
        population's row of the same name is drawn behind it.
    findings : Findings
        What the checks of the table and of the fit had to say.
    parts : DataFrame or None
        How much each part of the model moves the losses: index ``part``; columns ``meaning, q05, median, q95`` in log
        loss.
    prior : DataFrame or None
        The population parameters before the data, shaped like `population`.
    diagnostics : mapping of str to float
        Any of ``r_hat_max, ess_min, n_divergent, fit_seconds``.
    curves : tuple of FamilyCurves
        Families whose loss curves are shown.
    figures : tuple of ReportFigure
        Further figures, shown before the tables.
    """

    verdict: str
    severity: Severity
    model: str
    overview: pd.DataFrame
    population: pd.DataFrame
    families: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    parts: pd.DataFrame | None = None
    prior: pd.DataFrame | None = None
    diagnostics: Mapping[str, float | None] = field(default_factory=dict)
    curves: tuple[FamilyCurves, ...] = ()
    figures: tuple[ReportFigure, ...] = ()


def render_fit_report(summary: FitSummary, *, title: str = "Fitted scaling laws") -> str:
    """Return the HTML of a fit's report: one self-contained page that opens without a network.

    Parameters
    ----------
    summary : FitSummary
        What the fit found.
    title : str, optional
        The page's heading.
    """
    return render_page(
        "fit.html",
        title=title,
        summary=summary,
        versions=versions(),
        notes=gather_notes(summary.findings),
        cards=_overview_cards(summary.overview),
        diagnostics=diagnostic_cards(summary.diagnostics),
        learned=_prior_figure(summary),
        population=_view_population(summary.population),
        model_parts=None if summary.parts is None else _view_parts(summary.parts),
        parameters=tuple(_parameter_figures(summary)),
        curves=tuple(_curve_figures(summary.curves)),
        overview=_view_overview(summary.overview),
    )


def _overview_cards(overview: pd.DataFrame) -> tuple[Card, ...]:
    sizes = size_range(overview["n_params_min"].min(), overview["n_params_max"].max())
    tokens = size_range(overview["n_tokens_min"].min(), overview["n_tokens_max"].max())
    return (
        Card("families", number(len(overview))),
        Card("runs", number(overview["n_runs"].sum()), plural(overview["n_checkpoints"].sum(), "checkpoint")),
        Card("sizes", sizes, "parameters"),
        Card("lengths", tokens, "tokens"),
    )


def _prior_figure(summary: FitSummary) -> ReportFigure | None:
    if summary.prior is None:
        return None
    is_positive = summary.prior["q05"].min() > 0 and summary.population["q05"].min() > 0
    axes = plot_prior_posterior(summary.prior, summary.population, log=bool(is_positive))
    return ReportFigure(
        "prior-posterior",
        "What the data taught about the population",
        axes,
        "Bars hold the middle half and nine tenths. Where both colours agree, the data had little to say.",
    )


def _parameter_figures(summary: FitSummary) -> Iterator[ReportFigure]:
    for place, (parameter, table) in enumerate(summary.families.items()):
        population = next((row for name, row in summary.population.iterrows() if name == parameter), None)
        axes = plot_intervals(table, interval_axes(len(table), HALF), population=population)
        yield ReportFigure(f"parameter-{place}", parameter, axes)


def _curve_figures(curves: tuple[FamilyCurves, ...]) -> Iterator[ReportFigure]:
    for place, family in enumerate(curves):
        axes = plot_loss_curves(
            family.runs,
            new_axes(HALF, 2.8),
            forecast=family.predicted,
            loss_unit=family.loss_unit,
        )
        yield ReportFigure(f"curves-{place}", family.family, axes)


def _view_population(population: pd.DataFrame) -> TableView:
    columns = [
        Column("parameter", "parameter", is_number=False),
        Column("meaning", "meaning", is_number=False),
        Column("q05", "5 %", number),
        Column("median", "median", number),
        Column("q95", "95 %", number),
    ]
    return view_table(population.rename_axis("parameter").reset_index(), columns)


def _view_parts(parts: pd.DataFrame) -> TableView:
    columns = [
        Column("part", "part", is_number=False),
        Column("meaning", "meaning", is_number=False),
        Column("q05", "5 %", error_percent),
        Column("median", "median", error_percent),
        Column("q95", "95 %", error_percent),
    ]
    return view_table(parts.rename_axis("part").reset_index(), columns)


def _view_overview(overview: pd.DataFrame) -> TableView:
    spans = overview.assign(
        **{
            column: [
                size_range(low, high)
                for low, high in zip(overview[f"{column}_min"], overview[f"{column}_max"], strict=True)
            ]
            for column in (N_PARAMS, N_TOKENS)
        }
    )
    columns = [
        Column(FAMILY, "family", is_number=False),
        Column("n_runs", "runs"),
        Column("n_checkpoints", "checkpoints"),
        Column(N_PARAMS, "parameters"),
        Column(N_TOKENS, "tokens"),
        Column("metric", "loss measured in", is_number=False),
    ]
    return view_table(spans, columns)
