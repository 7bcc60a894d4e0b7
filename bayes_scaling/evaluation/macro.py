"""Averages in which every family counts the same, however many checkpoints it has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.names import FAMILY


def family_means(table: pd.DataFrame, column: str) -> pd.Series:
    """Mean of a column in each family over the rows that have a value; families with none are left out."""
    return table.groupby(FAMILY)[column].mean().dropna()


def macro_mean(table: pd.DataFrame, column: str) -> float:
    """Mean over families of the family means; NaN when no family has a value."""
    means = family_means(table, column)
    return float(means.mean()) if len(means) else np.nan


def macro_median(table: pd.DataFrame, column: str) -> float:
    """Median over families of the family means; NaN when no family has a value."""
    means = family_means(table, column)
    return float(means.median()) if len(means) else np.nan
