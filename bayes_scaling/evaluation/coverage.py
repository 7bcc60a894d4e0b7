"""How often intervals held the truth, with how far chance alone could move that share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from bayes_scaling.evaluation.macro import family_means
from bayes_scaling.evaluation.predictions import INTERVAL_COLUMNS
from bayes_scaling.names import FAMILY, LOSS

COLUMNS = ("nominal", "observed", "band_low", "band_high", "boot_low", "boot_high", "n_families", "n_rows")
"""Columns of a coverage table, after the group's if there is one."""

_N_BOOT = 2000
_BAND = 0.95


@dataclass(frozen=True, eq=False)
class Coverage:
    """Observed against nominal coverage of central intervals.

    Attributes
    ----------
    table : DataFrame
        One row for each level (and group), with :data:`COLUMNS`. ``observed`` is the mean over families of
        the share of the family's scored rows inside the interval. The unit of evidence is the family, not the
        row, because the rows of a family share one fit: ``band_low, band_high`` is the 95 % Jeffreys interval
        for ``observed * n_families`` successes in ``n_families`` trials, which is cautious (shares within a
        family vary less than single trials), and ``boot_low, boot_high`` the 95 % percentile interval of a
        bootstrap over families, which is not when families are few.
    by : str or None
        The column by which rows were grouped.
    """

    table: pd.DataFrame
    by: str | None = None

    def observed(self, level: float) -> float:
        """Observed coverage of the interval of that nominal level, over all families; NaN without one."""
        if self.by is not None:
            raise ValueError(f"this coverage is split by {self.by!r}: read its table")
        return float(self.table.loc[np.isclose(self.table["nominal"], level), "observed"].item())

    def __repr__(self) -> str:
        return self.table.to_string(index=False, float_format=lambda value: f"{value:.3f}")


def coverage_of(predictions: pd.DataFrame, by: str | None = None, *, seed: int = 0) -> Coverage:
    """Coverage at 50, 80, 90 and 95 % of the intervals in a table of predictions.

    Parameters
    ----------
    predictions : DataFrame
        As :func:`~bayes_scaling.evaluation.predictions.predictions_table` makes it. Rows without intervals
        are left out.
    by : str, optional
        A column by whose values to split, such as ``"family"``.
    seed : int, default 0
        Seed of the bootstrap.
    """
    groups = (
        [({}, predictions)]
        if by is None
        else [({by: value}, rows) for value, rows in predictions.groupby(by)]
    )
    records = [
        {**label, **_one_level(rows, level, seed)} for label, rows in groups for level in INTERVAL_COLUMNS
    ]
    return Coverage(pd.DataFrame(records, columns=[*([by] if by else []), *COLUMNS]), by)


def inside(predictions: pd.DataFrame, level: float) -> pd.Series:
    """1.0 where the loss lies in the interval of that level, 0.0 where not, NaN where there is none."""
    lower, upper = (predictions[name] for name in INTERVAL_COLUMNS[level])
    return predictions[LOSS].between(lower, upper).astype(float).where(lower.notna() & upper.notna())


def log_width(predictions: pd.DataFrame, level: float) -> pd.Series:
    """Width of the interval of that level on log loss, ln(upper / lower); NaN where there is none."""
    lower, upper = (predictions[name] for name in INTERVAL_COLUMNS[level])
    return (upper / lower).map(np.log)


def _one_level(rows: pd.DataFrame, level: float, seed: int) -> dict[str, float]:
    hits = pd.DataFrame({FAMILY: rows[FAMILY], "inside": inside(rows, level)}).dropna()
    shares = family_means(hits, "inside").to_numpy()
    values = (
        level,
        shares.mean() if len(shares) else np.nan,
        *_jeffreys(shares),
        *_bootstrap(shares, seed),
        len(shares),
        len(hits),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _jeffreys(shares: np.ndarray) -> tuple[float, float]:
    """95 % Jeffreys interval with families as trials; an end is 0 or 1 where no or every family succeeded."""
    if not len(shares):
        return np.nan, np.nan
    hits, misses = shares.sum(), len(shares) - shares.sum()
    low, high = stats.beta.ppf([0.5 - _BAND / 2, 0.5 + _BAND / 2], hits + 0.5, misses + 0.5)
    return (0.0 if hits == 0 else float(low)), (1.0 if misses == 0 else float(high))


def _bootstrap(shares: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % percentile interval of the mean over families drawn with replacement."""
    if not len(shares):
        return np.nan, np.nan
    means = np.random.default_rng(seed).choice(shares, size=(_N_BOOT, len(shares))).mean(axis=1)
    low, high = np.quantile(means, [0.5 - _BAND / 2, 0.5 + _BAND / 2])
    return float(low), float(high)
