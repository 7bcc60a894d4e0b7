from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.plots import plot_equal_loss, plot_scores_at_equal_loss, plot_trends


@pytest.fixture
def equal_loss():
    rows = [(loss, size, size * 1e10 / loss) for loss in (3.0, 2.5) for size in (4e8, 1e8)]
    table = pd.DataFrame(rows, columns=["loss", "n_params", "flops_median"])
    return table.assign(flops_q05=0.9 * table["flops_median"], flops_q95=1.2 * table["flops_median"])


def test_each_level_is_a_line_over_size_with_its_intervals(equal_loss):
    ax = plot_equal_loss(equal_loss)

    low, high = ax.lines
    np.testing.assert_allclose(low.get_xydata(), [(1e8, 1e18 / 2.5), (4e8, 4e18 / 2.5)])
    np.testing.assert_allclose(high.get_xydata(), [(1e8, 1e18 / 3.0), (4e8, 4e18 / 3.0)])
    first = ax.collections[0].get_segments()[0]
    np.testing.assert_allclose(first[:, 1], [0.9e18 / 2.5, 1.2e18 / 2.5])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["2.50", "3.00"]


def test_scores_are_dots_over_falling_loss_one_colour_per_size():
    table = pd.DataFrame({"n_params": [1e8, 1e8, 1e9], "loss": [3.0, 2.5, 2.4], "task": [0.2, 0.3, 0.35]})

    ax = plot_scores_at_equal_loss(table, "task")

    small, large = ax.lines
    np.testing.assert_array_equal(small.get_xydata(), [(3.0, 0.2), (2.5, 0.3)])
    np.testing.assert_array_equal(large.get_xydata(), [(2.4, 0.35)])
    assert small.get_color() != large.get_color()
    assert ax.xaxis_inverted()


def test_each_series_is_a_bar_of_its_three_probabilities():
    table = pd.DataFrame({"up": [0.1, 0.0], "flat": [0.2, 0.9], "down": [0.7, 0.1]}, index=["1B", "7B"])

    ax = plot_trends(table)

    widths = np.array([[bar.get_width() for bar in bars] for bars in ax.containers])
    np.testing.assert_allclose(widths, table[["down", "flat", "up"]].T)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1B", "7B"]
    assert ax.containers[2][0].get_x() == pytest.approx(0.9)
