from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from bayes_scaling.plots import Colour, plot_sharpness


def label_heights(ax):
    return {text.get_text(): text.xy[1] for text in ax.texts}


def test_each_method_is_a_dot_at_its_width_and_coverage(methods):
    dots = plot_sharpness(methods).collections[-1]

    np.testing.assert_allclose(dots.get_offsets(), methods[["width", "observed"]])
    assert not dots.get_clip_on()


def test_the_bars_are_the_given_bands(methods):
    bars = plot_sharpness(methods).collections[0]
    ends = [path.vertices[[0, -1]] for path in bars.get_paths()]

    np.testing.assert_allclose([end[:, 1] for end in ends], methods[["band_low", "band_high"]])
    np.testing.assert_allclose([end[:, 0] for end in ends], methods[["width", "width"]])


def test_without_bands_there_are_only_dots(methods):
    assert len(plot_sharpness(methods[["width", "observed"]]).collections) == 1


def test_the_line_is_the_promised_share(methods):
    (line,) = plot_sharpness(methods, level=0.8).lines

    assert set(line.get_ydata()) == {0.8}


def test_one_method_is_set_apart(methods):
    ax = plot_sharpness(methods, ours="hierarchical")

    assert [to_hex(colour) for colour in ax.collections[-1].get_facecolors()] == [
        Colour.OURS,
        Colour.MUTED,
        Colour.MUTED,
    ]
    assert [text.get_fontweight() for text in ax.texts] == ["bold", "normal", "normal"]


def test_names_of_dots_that_meet_are_moved_apart(methods):
    close = methods.assign(observed=[0.9, 0.895, 0.2])
    heights = label_heights(plot_sharpness(close))

    assert list(heights) == ["hierarchical", "Huber", "best seen"]
    assert heights["hierarchical"] - heights["Huber"] > 0.03
    assert heights["best seen"] == pytest.approx(0.2)


def test_the_axis_starts_at_no_width_unless_one_method_s_dwarfs_another_s(methods):
    alike, wild = methods.assign(width=[0.02, 0.03, 0.01]), methods.assign(width=[0.02, 0.03, 0.9])

    assert plot_sharpness(alike).get_xscale() == "linear"
    assert plot_sharpness(alike).get_xlim()[0] == 0.0
    assert plot_sharpness(wild).get_xscale() == "log"


def test_intervals_without_any_width_are_seen(methods):
    ax = plot_sharpness(methods.assign(width=[0.02, 0.9, 0.0]))

    assert ax.get_xscale() == "linear"
    assert ax.get_xlim()[0] <= 0.0


@pytest.mark.parametrize("worst", [0.02, 0.45])
def test_every_dot_is_within_the_axes(methods, worst):
    ax = plot_sharpness(methods.assign(observed=[1.0, 0.9, worst]))
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()

    assert left < methods["width"].min() < methods["width"].max() < right
    assert low <= worst < 1.0 < high
