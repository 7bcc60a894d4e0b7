from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.plots import plot_coverage

NOMINAL = [0.5, 0.8, 0.9, 0.95]


@pytest.fixture
def coverage() -> pd.DataFrame:
    observed = [0.47, 0.76, 0.88, 0.91]
    return pd.DataFrame(
        {
            "nominal": NOMINAL,
            "observed": observed,
            "band_low": [0.4, 0.7, 0.8, 0.86],
            "band_high": [0.6, 0.9, 1.0, 1.0],
        }
    )


def line(ax, label):
    return next(line for line in ax.lines if line.get_label() == label)


def test_the_points_are_the_given_shares(coverage):
    drawn = line(plot_coverage(coverage.sample(frac=1, random_state=0)), "observed")

    np.testing.assert_array_equal(drawn.get_xydata(), coverage[["nominal", "observed"]])


def test_a_point_at_the_edge_is_drawn_whole(coverage):
    assert not line(plot_coverage(coverage), "observed").get_clip_on()


def test_the_band_is_the_given_one(coverage):
    (band,) = plot_coverage(coverage).collections
    edge = set(map(tuple, band.get_paths()[0].vertices))

    assert set(zip(coverage["nominal"], coverage["band_low"], strict=True)) <= edge
    assert set(zip(coverage["nominal"], coverage["band_high"], strict=True)) <= edge


def test_without_a_band_there_is_only_the_line(coverage):
    assert not plot_coverage(coverage[["nominal", "observed"]]).collections


def test_each_share_is_written_beside_its_point(coverage):
    words = [text.get_text() for text in plot_coverage(coverage).texts]

    assert words == ["47 %", "76 %", "88 %", "91 %"]


def test_other_methods_are_drawn_and_named(coverage):
    other = pd.DataFrame({"nominal": NOMINAL, "observed": [0.1, 0.2, 0.3, 0.35]})

    ax = plot_coverage(coverage, others={"Huber": other}, label="ours")

    np.testing.assert_array_equal(line(ax, "Huber").get_xydata(), other)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Huber", "ours"]


@pytest.mark.parametrize("worst", [0.02, 0.47])
def test_both_axes_reach_as_far_down_as_the_worst_share(coverage, worst):
    coverage.loc[0, "observed"] = worst
    ax = plot_coverage(coverage)

    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_ylim()[0] <= worst


def test_the_caller_s_axes_are_used(coverage):
    ax = plot_coverage(coverage)

    assert plot_coverage(coverage, ax=ax) is ax
