from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from bayes_scaling.plots import Colour, plot_forecasts


def segments(collection):
    return np.array([[path.vertices[0], path.vertices[-1]] for path in collection.get_paths()])


def test_bars_are_the_quantiles_relative_to_the_truth_in_per_cent(forecasts):
    wide, narrow, medians = plot_forecasts(forecasts).collections[:3]

    def error(name):
        return 100 * (forecasts[name] / forecasts["loss"] - 1)

    np.testing.assert_allclose(segments(wide)[:, :, 0], np.column_stack([error("q05"), error("q95")]))
    np.testing.assert_allclose(segments(narrow)[:, :, 0], np.column_stack([error("q25"), error("q75")]))
    np.testing.assert_allclose(medians.get_offsets()[:, 0], error("median"))


def test_rows_stand_in_the_table_s_order_from_the_top(forecasts):
    ax = plot_forecasts(forecasts)

    assert [label.get_text() for label in ax.get_yticklabels()] == forecasts["family"].tolist()
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_a_missed_truth_is_set_apart_by_shape_and_colour(forecasts):
    ax = plot_forecasts(forecasts)
    marks = {line.get_label(): line for line in ax.lines}

    assert marks["inside the 90 % interval"].get_ydata().tolist() == [0, 1, 2]
    assert marks["outside"].get_ydata().tolist() == [3]
    assert marks["outside"].get_marker() != marks["inside the 90 % interval"].get_marker()
    assert [to_hex(colour) for colour in ax.collections[0].get_colors()] == [*[Colour.OURS] * 3, Colour.MISS]


def test_everything_fits_without_a_limit(forecasts):
    low, high = plot_forecasts(forecasts).get_xlim()

    assert low == -high
    assert high > 100 * (1.08 * 1.2 - 1)


@pytest.mark.parametrize(("factor", "words"), [(2.0, "median +142 % →"), (0.3, "← median −64 %")])
def test_a_median_beyond_the_limit_is_named_at_the_edge(forecasts, factor, words):
    forecasts.loc[3, ["q05", "q25", "median", "q75", "q95"]] *= factor
    ax = plot_forecasts(forecasts, limit=20)

    assert ax.get_xlim() == (-20, 20)
    assert [text.get_text() for text in ax.texts] == [words]


def test_the_truth_is_marked_on_the_axis_and_signs_are_shown(forecasts):
    show = plot_forecasts(forecasts).xaxis.get_major_formatter()

    assert [show(-10), show(0), show(2.5)] == ["−10 %", "truth", "+2.5 %"]
