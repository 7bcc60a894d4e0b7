"""The PIT histogram of a back-test, in which every family counts the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from bayes_scaling.names import FAMILY

_BAND = (0.025, 0.975)
_FAMILIES_FOR_TEN_SLICES = 30


def pit_histogram(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the share of truths in each slice of their forecast distributions, with the band of chance.

    Parameters
    ----------
    predictions : DataFrame
        A back-test's table: ``family`` and ``pit`` (0 to 1, NaN where there was no interval).

    Returns
    -------
    DataFrame
        Columns ``left, right, observed, band_low, band_high``: five slices, or ten from 30 families on. Each
        family has the same weight, and the band is the central 95 % of a binomial share with families as its
        trials: cautious, like the band of the coverage.
    """
    rows = predictions.dropna(subset="pit")
    per_family = rows.groupby(FAMILY)["pit"].transform("size")
    n_families = rows[FAMILY].nunique()
    n_slices = 10 if n_families >= _FAMILIES_FOR_TEN_SLICES else 5
    edges = np.linspace(0.0, 1.0, n_slices + 1)
    shares, _ = np.histogram(rows["pit"], bins=edges, weights=1.0 / (per_family * n_families))
    shares = shares.round(12)  # a share on the edge of the band must not leave it by a rounding error
    low, high = (stats.binom.ppf(_BAND, n_families, 1.0 / n_slices) / n_families).round(12)
    return pd.DataFrame(
        {"left": edges[:-1], "right": edges[1:], "observed": shares, "band_low": low, "band_high": high}
    )
