from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from bayes_scaling.plots import Colour, plot_groups


def spans(collection):
    return [[path.vertices[0][0], path.vertices[-1][0]] for path in collection.get_paths()]


def test_each_group_has_its_band_and_its_dot(groups):
    bands, dots = plot_groups(groups).collections

    np.testing.assert_allclose(spans(bands), groups[["band_low", "band_high"]])
    np.testing.assert_allclose(dots.get_offsets()[:, 0], groups["observed"])


def test_rows_run_from_the_top_with_a_gap_between_breakdowns(groups):
    ax = plot_groups(groups)
    heights = ax.collections[1].get_offsets()[:, 1]
    first_to_second, within, second_to_third = np.diff(heights)

    assert ax.yaxis_inverted()
    assert within == pytest.approx(1.0)
    assert first_to_second == pytest.approx(second_to_third)
    assert first_to_second > 1.3
    np.testing.assert_allclose(ax.get_yticks(), heights)


def test_groups_are_named_with_their_shares_and_families(groups):
    ax = plot_groups(groups)

    assert [label.get_text() for label in ax.get_yticklabels()] == groups["group"].tolist()
    assert [text.get_text() for text in ax.texts] == [
        *("88 %", "of 30 families"),
        *("70 %", "of 10 families"),
        *("95 %", "of 20 families"),
        *("0 %", "of 1 family"),
    ]


def test_a_group_whose_band_misses_the_promise_from_below_is_in_the_warning_colour(groups):
    dots = plot_groups(groups.assign(band_high=[0.95, 0.89, 1.0, 0.9])).collections[1]

    assert [to_hex(colour) for colour in dots.get_facecolors()] == [
        Colour.OURS,
        Colour.MISS,
        Colour.OURS,
        Colour.OURS,
    ]


def test_the_line_is_the_promised_share(groups):
    (line,) = plot_groups(groups, level=0.8).lines

    assert set(line.get_xdata()) == {0.8}
    assert "80 %" in plot_groups(groups, level=0.8).get_xlabel()


@pytest.mark.parametrize("worst", [0.03, 0.72])
def test_the_axis_reaches_as_far_down_as_the_lowest_band(groups, worst):
    low, high = plot_groups(groups.assign(band_low=[0.8, 0.9, 0.9, worst])).get_xlim()

    assert low <= worst
    assert high == 1.0


def test_a_group_without_a_share_leaves_its_row_empty(groups):
    groups.loc[1, ["observed", "band_low", "band_high"]] = np.nan
    ax = plot_groups(groups)

    assert ax.texts[2].get_text() == "none"
    assert len(ax.get_yticklabels()) == len(groups)
    assert np.isfinite(ax.get_xlim()).all()


def test_more_groups_get_a_higher_figure(groups):
    many = groups.loc[[0] * 30].reset_index(drop=True)

    assert plot_groups(many).figure.get_figheight() > 3 * plot_groups(groups).figure.get_figheight()
