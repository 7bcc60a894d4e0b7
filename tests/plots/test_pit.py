from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from bayes_scaling.plots import Colour, plot_pit


@pytest.fixture
def histogram() -> pd.DataFrame:
    edges = np.linspace(0, 1, 6)
    return pd.DataFrame(
        {
            "left": edges[:-1],
            "right": edges[1:],
            "observed": [0.4, 0.2, 0.1, 0.1, 0.2],
            "band_low": 0.09,
            "band_high": 0.31,
        }
    )


def test_the_bars_are_the_given_shares(histogram):
    bars = plot_pit(histogram).patches[-5:]

    np.testing.assert_array_equal([bar.get_height() for bar in bars], histogram["observed"])
    middles = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    np.testing.assert_allclose(middles, (histogram["left"] + histogram["right"]) / 2)


def test_slices_outside_the_band_are_in_the_warning_colour(histogram):
    bars = plot_pit(histogram).patches[-5:]

    assert [to_hex(bar.get_facecolor()) for bar in bars] == [Colour.MISS, *[Colour.OURS] * 4]


def test_the_band_is_the_given_one(histogram):
    band = plot_pit(histogram).patches[0].get_path().vertices

    assert set(band[:, 1]) == {0.09, 0.31}


def test_the_line_is_the_share_of_an_even_spread(histogram):
    (even,) = plot_pit(histogram).lines

    np.testing.assert_allclose(even.get_ydata(), 0.2)


def test_without_a_band_nothing_is_judged(histogram):
    bars = plot_pit(histogram[["left", "right", "observed"]]).patches

    assert {to_hex(bar.get_facecolor()) for bar in bars} == {Colour.OURS}
