"""The figures of a back-test in one dictionary that JSON can hold."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from typing import Any

import pandas as pd

from bayes_scaling.errors import Finding
from bayes_scaling.evaluation.coverage import coverage_of, log_width
from bayes_scaling.evaluation.macro import macro_mean, macro_median
from bayes_scaling.evaluation.predictions import is_failed
from bayes_scaling.names import FAMILY

_PACKAGES = ("bayes-scaling", "numpy", "pandas", "scipy", "pymc", "nutpie")


def score_summary(table: pd.DataFrame) -> dict[str, Any]:
    """Coverage, errors and scores of one method, means over families, with how much it failed to forecast.

    ``are`` is a fraction of the loss; all other scores are on log loss, so that families in different units
    are comparable. ``interval_score_mean`` and ``width_mean`` are those of the 90 % interval. Means run over
    the families for which the method gave something: ``n_failed_families`` says how many are missing.
    """
    failed = is_failed(table)
    final = table[table["is_final"]]
    return {
        "coverage": coverage_shares(table),
        "are_median": macro_median(table, "are"),
        "are_mean": macro_mean(table, "are"),
        "crps_mean": macro_mean(table, "log_crps"),
        "interval_score_mean": macro_mean(table, "log_interval_score_90"),
        "width_mean": macro_mean(table.assign(width=log_width(table, 0.9)), "width"),
        "log_score_mean": macro_mean(table, "log_score"),
        "log_bias_mean": macro_mean(table, "log_bias"),
        "are_final_median": macro_median(final, "are"),
        "are_final_mean": macro_mean(final, "are"),
        "n_failed": int(failed.sum()),
        "n_failed_families": int(failed.groupby(table[FAMILY]).all().sum()),
    }


def coverage_shares(table: pd.DataFrame) -> dict[str, float]:
    """Observed coverage by nominal level in per cent, ``{"50": ..., "95": ...}``; NaN without intervals."""
    coverage = coverage_of(table).table
    return {
        f"{round(100 * nominal)}": value
        for nominal, value in zip(coverage["nominal"], coverage["observed"], strict=True)
    }


def group_records(groups: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Scores of groups as dictionaries, by label."""
    columns = [str(name) for name in groups if name != "group"]
    return {record["group"]: {name: record[name] for name in columns} for record in groups.to_dict("records")}


def scores_on_same_rows(table: pd.DataFrame, other: pd.DataFrame) -> dict[str, float]:
    """Error and CRPS of one method on the rows that another forecast too, which may have failed on some."""
    shared = table[~is_failed(other).to_numpy()]
    return {"are_mean": macro_mean(shared, "are"), "crps_mean": macro_mean(shared, "log_crps")}


def worst_diagnostics(diagnostics: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Largest R-hat, smallest ESS, all divergences and seconds over several fits; NaN where none says."""
    rows = pd.DataFrame(
        list(diagnostics), columns=["fit_seconds", "r_hat_max", "ess_min", "n_divergent"], dtype=float
    )
    divergent = float(rows["n_divergent"].sum(min_count=1))
    return {
        "fit_seconds": float(rows["fit_seconds"].sum(min_count=1)),
        "r_hat_max": float(rows["r_hat_max"].max()),
        "ess_min": float(rows["ess_min"].min()),
        "n_divergent": divergent if math.isnan(divergent) else int(divergent),
    }


def finding_records(notes: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as dictionaries."""
    return [
        {
            "code": note.code,
            "severity": note.severity.value,
            "family": note.family,
            "message": note.message,
            "advice": note.advice,
        }
        for note in notes
    ]


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that figures depend on, those that are installed."""
    installed = {
        distribution.metadata["Name"]: distribution.version
        for distribution in map(_distribution, _PACKAGES)
        if distribution
    }
    return {"python": platform.python_version(), **installed}


def to_json_values(value: Any) -> Any:
    """The same structure with None for every number that is not finite, since JSON has no name for those."""
    if isinstance(value, Mapping):
        return {key: to_json_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json_values(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _distribution(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
