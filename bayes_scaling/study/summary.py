"""What a study came to, in one dictionary that JSON can hold."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bayes_scaling.evaluation.summary import to_json_values, versions
from bayes_scaling.study.columns import CELL_COLUMNS, DONE, FAILED, STATUSES

MEANS = ("are", "crps", "bias", "covered_50", "covered_80", "covered_90", "covered_95", "width_90", "seconds")
"""Columns whose means are shown."""


def summarise(table: pd.DataFrame, **about: Any) -> dict[str, Any]:
    """Counts, failures with their reasons, and means over families.

    Parameters
    ----------
    table : DataFrame
        Results with the columns of :data:`~bayes_scaling.study.columns.RESULT_COLUMNS`.
    **about
        What is known of the run besides: spec, wall seconds, workers.
    """
    counts = table["status"].value_counts()
    peak = table["peak_memory_mb"].max()
    return to_json_values(
        {
            "n_cells": len(table),
            "status": {status: int(counts.get(status, 0)) for status in STATUSES},
            "n_untrusted": int((table["untrusted"] != "").sum()),
            "peak_memory_mb": float(peak),
            **about,
            "means": compare(table).reset_index().to_dict("records"),
            "means_on_same": compare_on_same(table).reset_index().to_dict("records"),
            "by_n_sizes_on_same": compare_on_same(table, "n_sizes").reset_index().to_dict("records"),
            "failures": failures(table).to_dict("records"),
            "versions": versions(),
        }
    )


def failures(table: pd.DataFrame) -> pd.DataFrame:
    """Cells that failed: key, what they are and why."""
    failed = table.loc[table["status"] == FAILED, ["key", *CELL_COLUMNS, "reason"]]
    return failed.reset_index(drop=True)


def compare(table: pd.DataFrame, *by: str) -> pd.DataFrame:
    """Means over families of the means over each family's cells, for each law, pooling and method.

    Parameters
    ----------
    table : DataFrame
    *by : str
        Further columns to group by.

    Returns
    -------
    DataFrame
        Indexed by law, pooling, method and `by`; ``n_cells``, ``n_families``, ``are_median`` (median over families)
        and the means of :data:`MEANS`.
        Groups need not be about the same cells: see :func:`compare_on_same`.
    """
    done = table[table["status"] == DONE]
    groups = ["law", "pooling", "method", *by]
    per_family = done.groupby([*groups, "family"])[list(MEANS)].mean()
    means = per_family.groupby(groups).mean()
    counted = done.groupby(groups).agg(n_cells=("key", "size"), n_families=("family", "nunique"))
    typical = per_family["are"].groupby(groups).median().rename("are_median")
    return counted.join([typical, means])


def compare_on_same(table: pd.DataFrame, *by: str) -> pd.DataFrame:
    """As :func:`compare`, on the combinations that every law, pooling and method has fitted.

    What is fitted by one and undetermined by another would otherwise count against the one that dared.
    """
    done = table[table["status"] == DONE]
    ways = ["law", "pooling", "method", "seed"]
    where = [name for name in CELL_COLUMNS if name not in ways]
    n_ways = done.drop_duplicates(ways[:-1]).shape[0]
    found = done.drop_duplicates([*where, *ways[:-1]]).groupby(where)["key"].transform("size")
    shared = done.loc[found[found == n_ways].index, where].drop_duplicates()
    return compare(done.merge(shared, on=where), *by)
