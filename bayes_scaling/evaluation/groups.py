"""Scores by group of families: in which kind of data, and how far out, intervals hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from bayes_scaling.evaluation.coverage import coverage_of, log_width
from bayes_scaling.evaluation.data_kinds import FINAL_POINTS, TRAJECTORIES
from bayes_scaling.evaluation.macro import macro_mean
from bayes_scaling.evaluation.predictions import is_failed
from bayes_scaling.names import FAMILY


@dataclass(frozen=True)
class Group:
    """Scored rows with a property in common; groups of one breakdown may overlap.

    Attributes
    ----------
    breakdown : str
        What is told apart.
    label : str
        The group's name, unique among all groups.
    holds : callable
        Given a table of predictions, says for each row whether it is in the group.
    """

    breakdown: str
    label: str
    holds: Callable[[pd.DataFrame], pd.Series]


def _reaches(above: float, up_to: float) -> Callable[[pd.DataFrame], pd.Series]:
    """Families whose largest scored size is that many times their largest training size."""
    return lambda table: (
        table.groupby(FAMILY)["size_ratio"].transform("max").between(above, up_to, inclusive="right")
    )


def _has_sizes(least: int, most: float) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda table: table["n_train_sizes"].between(least, most)


def _is_kind(kind: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda table: table["data_kind"] == kind


ALL_FAMILIES = "all families"
EXTRAPOLATION = "extrapolation in size"
TRAINING_SIZES = "training sizes"
KIND_OF_DATA = "kind of data"

GROUPS = (
    Group("all", ALL_FAMILIES, lambda table: table[FAMILY].notna()),
    Group(EXTRAPOLATION, "up to 2x in size", _reaches(0.0, 2.0)),
    Group(EXTRAPOLATION, "2x to 5x in size", _reaches(2.0, 5.0)),
    Group(EXTRAPOLATION, "over 5x in size", _reaches(5.0, float("inf"))),
    Group(TRAINING_SIZES, "no training size", _has_sizes(0, 0)),
    Group(TRAINING_SIZES, "1 training size", _has_sizes(1, 1)),
    Group(TRAINING_SIZES, "2 training sizes", _has_sizes(2, 2)),
    Group(TRAINING_SIZES, "3 training sizes", _has_sizes(3, 3)),
    Group(TRAINING_SIZES, "at most 3 training sizes", _has_sizes(1, 3)),
    Group(TRAINING_SIZES, "4-5 training sizes", _has_sizes(4, 5)),
    Group(TRAINING_SIZES, "6+ training sizes", _has_sizes(6, float("inf"))),
    Group(KIND_OF_DATA, "trajectories", _is_kind(TRAJECTORIES)),
    Group(KIND_OF_DATA, "final points", _is_kind(FINAL_POINTS)),
    Group(KIND_OF_DATA, "schedules", lambda table: table["is_schedule"]),
    Group(KIND_OF_DATA, "repeated epochs", lambda table: table["is_repeated"]),
)
"""All groups, defined by what the data are and never by the names of families."""


def score_groups(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each of :data:`GROUPS`, empty ones too: how its intervals held, and its scores.

    Parameters
    ----------
    table : DataFrame
        As :func:`~bayes_scaling.evaluation.predictions.predictions_table` makes it.

    Returns
    -------
    DataFrame
        ``breakdown`` and ``group`` (its label); ``n_families``, ``n_rows`` and ``n_failed_families`` (those
        without any forecast); for each level such as 90 the observed ``coverage90`` and its band
        ``coverage90_low, coverage90_high``, see :class:`~bayes_scaling.evaluation.Coverage`; ``width`` (of
        the 90 % interval), ``crps``, ``interval_score`` (90 %), ``log_score`` and ``bias`` on log loss; and
        ``are``, a fraction of the loss. All are means over families of means over the family's rows in the
        group; NaN where there is nothing to average.
    """
    return pd.DataFrame([_scores_of(group, table[group.holds(table)]) for group in GROUPS])


def _scores_of(group: Group, rows: pd.DataFrame) -> dict[str, str | float]:
    return {
        "breakdown": group.breakdown,
        "group": group.label,
        "n_families": int(rows[FAMILY].nunique()),
        "n_rows": len(rows),
        "n_failed_families": int(is_failed(rows).groupby(rows[FAMILY]).all().sum()),
        **_coverage_columns(rows),
        "width": macro_mean(rows.assign(width=log_width(rows, 0.9)), "width"),
        "crps": macro_mean(rows, "log_crps"),
        "interval_score": macro_mean(rows, "log_interval_score_90"),
        "log_score": macro_mean(rows, "log_score"),
        "are": macro_mean(rows, "are"),
        "bias": macro_mean(rows, "log_bias"),
    }


def _coverage_columns(rows: pd.DataFrame) -> dict[str, float]:
    columns: dict[str, float] = {}
    for level in coverage_of(rows).table.to_dict("records"):
        name = f"coverage{round(100 * level['nominal'])}"
        columns |= {
            name: level["observed"],
            f"{name}_low": level["band_low"],
            f"{name}_high": level["band_high"],
        }
    return columns
