from __future__ import annotations

import numpy as np

from bayes_scaling.plots import plot_intervals


def spans(collection):
    return [[path.vertices[0][0], path.vertices[-1][0]] for path in collection.get_paths()]


def test_each_row_has_its_two_bars_and_its_median(intervals):
    wide, narrow, medians = plot_intervals(intervals).collections

    np.testing.assert_allclose(spans(wide), intervals[["q05", "q95"]])
    np.testing.assert_allclose(spans(narrow), intervals[["q25", "q75"]])
    np.testing.assert_allclose(medians.get_offsets(), np.column_stack([intervals["median"], [0, 1, 2]]))


def test_rows_are_named_from_the_top(intervals):
    ax = plot_intervals(intervals, xlabel="exponent")

    assert [label.get_text() for label in ax.get_yticklabels()] == ["alpha", "beta", "E"]
    assert ax.get_xlabel() == "exponent"


def test_the_population_is_a_band_behind_all_rows(intervals):
    population = intervals.loc["beta"]
    outer, inner = plot_intervals(intervals, population=population).patches

    np.testing.assert_allclose([outer.get_x(), outer.get_x() + outer.get_width()], population[["q05", "q95"]])
    np.testing.assert_allclose([inner.get_x(), inner.get_x() + inner.get_width()], population[["q25", "q75"]])


def test_a_long_list_gets_a_high_figure(intervals):
    many = intervals.loc[["alpha"] * 60]

    assert plot_intervals(many).figure.get_figheight() > 3 * plot_intervals(intervals).figure.get_figheight()
