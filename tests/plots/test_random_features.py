from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.plots import plot_bottleneck, plot_compute_frontier


@pytest.fixture
def losses():
    rows = [(width, seed, (2.0 + seed) / width) for width in (8, 32, 16) for seed in (0, 1)]
    table = pd.DataFrame(rows, columns=["width", "seed", "loss"])
    return table.assign(mean_loss=2.5 / table["width"])


def test_seeds_means_and_theory_are_drawn_as_given(losses):
    seeds, mean, theory = plot_bottleneck(losses, exponent=1.0).lines

    assert sorted(map(tuple, seeds.get_xydata())) == sorted(zip(losses["width"], losses["loss"], strict=True))
    np.testing.assert_allclose(mean.get_xydata(), [(8, 2.5 / 8), (16, 2.5 / 16), (32, 2.5 / 32)])
    np.testing.assert_allclose(theory.get_xydata(), mean.get_xydata())


def test_without_an_exponent_there_is_no_line_of_theory(losses):
    assert len(plot_bottleneck(losses).lines) == 2


def test_each_width_has_a_curve_over_compute_and_the_frontier_is_dots(losses):
    curves = pd.DataFrame(
        [(width, time, 1 / width + 1 / time) for width in (8.0, 16.0) for time in (4.0, 2.0, 8.0)],
        columns=["width", "time", "loss"],
    )
    frontier = pd.DataFrame({"compute": [32.0, 64.0], "loss": [0.4, 0.3]})

    narrow, wide, dots = plot_compute_frontier(curves, frontier).lines

    np.testing.assert_allclose(narrow.get_xydata(), [(16, 0.625), (32, 0.375), (64, 0.25)])
    np.testing.assert_allclose(wide.get_xydata()[:, 0], [32, 64, 128])
    np.testing.assert_array_equal(dots.get_xydata(), frontier)
