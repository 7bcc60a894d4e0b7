from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.reports.pit_histogram import pit_histogram


def test_every_family_counts_the_same():
    predictions = pd.DataFrame({"family": ["many"] * 9 + ["one"], "pit": [0.1] * 9 + [0.9]})
    histogram = pit_histogram(predictions)

    np.testing.assert_allclose(histogram["observed"], [0.5, 0, 0, 0, 0.5])
    np.testing.assert_allclose(histogram[["left", "right"]].to_numpy()[[0, -1]], [[0, 0.2], [0.8, 1]])


def test_rows_without_an_interval_are_left_out():
    predictions = pd.DataFrame({"family": ["a", "a", "b"], "pit": [0.1, np.nan, np.nan]})

    assert pit_histogram(predictions)["observed"].tolist() == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(("n_families", "n_slices"), [(1, 5), (29, 5), (30, 10), (60, 10)])
def test_more_families_allow_finer_slices(n_families, n_slices):
    predictions = pd.DataFrame({"family": np.arange(n_families).astype(str), "pit": 0.5})

    assert len(pit_histogram(predictions)) == n_slices


def test_an_honest_forecast_stays_in_the_band_and_a_narrow_one_does_not():
    random = np.random.default_rng(0)
    families = np.arange(200).astype(str)
    honest = pit_histogram(pd.DataFrame({"family": families, "pit": random.uniform(size=200)}))
    narrow = pit_histogram(pd.DataFrame({"family": families, "pit": random.beta(0.2, 0.2, size=200)}))

    assert honest["observed"].between(honest["band_low"], honest["band_high"]).mean() >= 0.9
    assert not narrow["observed"].iloc[[0, -1]].between(*narrow[["band_low", "band_high"]].iloc[0]).any()
