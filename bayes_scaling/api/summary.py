"""What the report of a fit shows, gathered from the fit."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from bayes_scaling.errors import Findings, Severity
from bayes_scaling.inference import (
    Posterior,
    check_posterior,
    check_unlike,
    convergence,
    draw_prior,
    verdict,
)
from bayes_scaling.names import FAMILY, KIND_RUN, METRIC, METRIC_NATS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.prediction import part_sizes, predict
from bayes_scaling.reports import FamilyCurves, FitSummary

QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
MAX_CURVES = 12


def summarise_fit(posterior: Posterior) -> FitSummary:
    """Everything that :func:`~bayes_scaling.reports.render_fit_report` shows of a posterior."""
    seen = convergence(posterior)
    doubts = check_posterior(posterior)
    severity = Severity.ERROR if doubts.has_errors else Severity.WARNING if doubts else Severity.INFO
    return FitSummary(
        verdict=verdict(posterior),
        severity=severity,
        model=posterior.spec.describe(),
        overview=_overview(posterior.observed),
        population=summarise_population(posterior),
        families=_families(posterior),
        findings=Findings((*doubts, *check_unlike(posterior))),
        parts=part_sizes(posterior),
        prior=summarise_population(draw_prior(posterior.spec)),
        diagnostics={
            "r_hat_max": seen.r_hat_max,
            "ess_min": seen.ess_min,
            "n_divergent": seen.n_divergent,
            "fit_seconds": posterior.seconds,
        },
        curves=_curves(posterior),
    )


def _five_numbers(values: xr.DataArray) -> pd.DataFrame:
    """Quantiles over draws: one row for each entry of the remaining dimension, or a single row."""
    table = values.quantile(list(QUANTILES.values()), dim=("chain", "draw")).transpose(..., "quantile")
    rows = table.to_numpy().reshape(-1, len(QUANTILES))
    return pd.DataFrame(rows, columns=list(QUANTILES))


def summarise_population(posterior: Posterior) -> pd.DataFrame:
    """Five quantiles of each family parameter of the population, in natural units, and what it means."""
    draws, parameters = posterior.draws, posterior.spec.parameters
    table = pd.concat([_five_numbers(draws[parameter.natural]) for parameter in parameters])
    table.index = pd.Index([parameter.natural for parameter in parameters])
    return table.assign(meaning=[parameter.meaning for parameter in parameters])


def _families(posterior: Posterior) -> dict[str, pd.DataFrame]:
    draws, tables = posterior.draws, {}
    for parameter in posterior.spec.parameters:
        table = _five_numbers(draws[f"{parameter.natural}_family"])
        table.index = pd.Index(posterior.families, name=FAMILY)
        tables[parameter.natural] = table
    return tables


def _overview(rows: pd.DataFrame) -> pd.DataFrame:
    return (
        rows.groupby(FAMILY)
        .agg(
            n_runs=(RUN, "nunique"),
            n_checkpoints=(RUN, "size"),
            n_params_min=(N_PARAMS, "min"),
            n_params_max=(N_PARAMS, "max"),
            n_tokens_min=(N_TOKENS, "min"),
            n_tokens_max=(N_TOKENS, "max"),
            metric=(METRIC, "first"),
        )
        .reset_index()
    )


def _curves(posterior: Posterior) -> tuple[FamilyCurves, ...]:
    """The families with most runs, each with the prediction for its own rows."""
    rows = posterior.observed
    largest = rows.groupby(FAMILY).size().nlargest(MAX_CURVES).index
    return tuple(
        _family_curves(posterior, rows[rows[FAMILY] == family].reset_index(drop=True)) for family in largest
    )


def _family_curves(posterior: Posterior, rows: pd.DataFrame) -> FamilyCurves:
    quantiles = predict(posterior, rows, kind=KIND_RUN).quantile(list(QUANTILES.values()))
    predicted = rows.assign(**{name: quantiles[level].to_numpy() for name, level in QUANTILES.items()})
    metric = str(rows[METRIC].iloc[0])
    return FamilyCurves(
        family=str(rows[FAMILY].iloc[0]),
        runs=rows,
        predicted=predicted,
        loss_unit="nats per token" if metric == METRIC_NATS else metric,
    )
