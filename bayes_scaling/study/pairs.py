"""What one choice is worth: cells of a study that differ in nothing else, as ratios of their errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from bayes_scaling.study.columns import CELL_COLUMNS, DONE

WAY = ("law", "pooling", "method")
"""Columns that say how a cell was fitted."""

N_BOOTSTRAP = 2000

_SAME_ROWS = ("n_train_rows", "n_train_runs", "train_flops", "size_ratio")


def error_ratios(
    table: pd.DataFrame, before: Mapping[str, object], after: Mapping[str, object]
) -> pd.DataFrame:
    """Pairs of cells that differ in one choice alone; where it changes no training row there is no pair.

    Parameters
    ----------
    table : DataFrame
        Results of a study, with the columns of :data:`~bayes_scaling.study.columns.RESULT_COLUMNS`.
    before, after : mapping of str to object
        The choice, as values of the same axes before and after: ``{"checkpoints": "final"}`` and
        ``{"checkpoints": "all"}``. An axis may also be a column of :data:`WAY`.

    Returns
    -------
    DataFrame
        One row a pair: the columns of a cell without those axes, then ``are_before``, ``are_after``, fractions of the
        loss, and ``log_ratio``, the natural log of the first over the second, above zero where the choice helps.
    """
    keys = [name for name in CELL_COLUMNS if name not in before]
    done = table.loc[table["status"] == DONE]
    first, second = (
        done.loc[_holds(done, values), [*keys, "are", *_SAME_ROWS]] for values in (before, after)
    )
    pairs = first.merge(second, on=keys, suffixes=("_before", "_after"))
    if not set(before) <= set(WAY):
        same = [pairs[f"{name}_before"] == pairs[f"{name}_after"] for name in _SAME_ROWS]
        pairs = pairs[~np.logical_and.reduce(same)]
    pairs = pairs[(pairs["are_before"] > 0.0) & (pairs["are_after"] > 0.0)]
    log_ratio = np.log(pairs["are_before"] / pairs["are_after"])
    return pairs[[*keys, "are_before", "are_after"]].assign(log_ratio=log_ratio).reset_index(drop=True)


def _holds(table: pd.DataFrame, values: Mapping[str, object]) -> np.ndarray:
    return np.logical_and.reduce([(table[name] == value).to_numpy() for name, value in values.items()])


def summarise_ratios(pairs: pd.DataFrame, *by: str, seed: int = 0) -> pd.DataFrame:
    """Ratio of errors over families, with its 90 % interval from a bootstrap over families.

    Parameters
    ----------
    pairs : DataFrame
        Of :func:`error_ratios`, or any table with its columns ``family``, ``are_before``, ``are_after``, ``log_ratio``.
    *by : str
        Columns to group by; default: how the cells were fitted, as far as the pairs know it. With the family among
        them, the bootstrap is over a family's pairs.
    seed : int

    Returns
    -------
    DataFrame
        Indexed by group: ``n_families``, ``n_pairs``; ``are_before`` and ``are_after``, medians over families of
        means within each; ``ratio``, the geometric mean over families of the geometric means within each, with
        ``low`` and ``high``. A ratio above one says that the error falls.
    """
    groups = list(by) or [name for name in WAY if name in pairs]
    rng = np.random.default_rng([seed, 12])
    rows = {}
    for label, own in pairs.groupby(groups):
        families = own.groupby("family")[["are_before", "are_after", "log_ratio"]].mean()
        units = own if "family" in groups else families
        mean, low, high = geometric_mean(units["log_ratio"].to_numpy(), rng)
        rows[label if len(groups) > 1 else label[0]] = {
            "n_families": len(families),
            "n_pairs": len(own),
            "are_before": families["are_before"].median(),
            "are_after": families["are_after"].median(),
            "ratio": mean,
            "low": low,
            "high": high,
        }
    summary = pd.DataFrame.from_dict(rows, orient="index")
    return summary.rename_axis(index=groups) if rows else summary


def geometric_mean(log_values: np.ndarray, rng: np.random.Generator) -> tuple[float, float, float]:
    """Geometric mean of values given by their logs (n,), and the ends of its 90 % interval from a bootstrap."""
    drawn = rng.choice(log_values, (N_BOOTSTRAP, len(log_values))).mean(axis=1)
    low, high = np.exp(np.quantile(drawn, [0.05, 0.95]))
    return float(np.exp(log_values.mean())), float(low), float(high)
