from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.plots import plot_fan


@pytest.fixture
def fan(runs):
    base = runs.head(5)[["n_tokens", "loss"]]
    factors = {"q05": 0.8, "q25": 0.9, "median": 1.0, "q75": 1.2, "q95": 1.5}
    return base[["n_tokens"]].assign(**{name: base["loss"] * factor for name, factor in factors.items()})


def test_the_bands_and_the_median_are_the_given_ones(fan):
    ax = plot_fan(fan.sample(frac=1, random_state=0))
    (median,) = ax.lines

    np.testing.assert_array_equal(median.get_xydata(), fan[["n_tokens", "median"]])
    for band, (low, high) in zip(ax.collections, (("q05", "q95"), ("q25", "q75")), strict=True):
        edge = set(map(tuple, band.get_paths()[0].vertices))
        assert set(zip(fan["n_tokens"], fan[low], strict=True)) <= edge
        assert set(zip(fan["n_tokens"], fan[high], strict=True)) <= edge


def test_observed_runs_lie_over_the_fan(fan, runs):
    observed = plot_fan(fan, runs=runs).lines[-1]

    np.testing.assert_array_equal(observed.get_xydata(), runs[["n_tokens", "loss"]])


def test_the_fan_can_open_along_another_column(fan):
    ax = plot_fan(fan.rename(columns={"n_tokens": "n_params"}), x="n_params")

    assert ax.get_xlabel() == "params"
