from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayes_scaling.plots import cost_label, count_label, short_label
from bayes_scaling.plots.labels import spread


@pytest.mark.parametrize(
    ("count", "label"),
    [
        (1, "1"),
        (950, "950"),
        (1_000, "1k"),
        (111e6, "111M"),
        (124_439_808, "124M"),
        (999.9e6, "1B"),
        (1.3e9, "1.3B"),
        (70e9, "70B"),
        (1.4e12, "1.4T"),
        (2e16, "20Q"),
    ],
)
def test_counts_read_as_people_say_them(count, label):
    assert count_label(count) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("", ""),
        ("Pythia", "Pythia"),
        ("x" * 34, "x" * 34),
        ("x" * 35, "x" * 33 + "…"),
        ("模" * 20, "模" * 16 + "…"),
        ("two\nlines\x00", "two lines "),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_labels_fit_on_one_line(text, label):
    assert short_label(text) == label


def test_labels_with_room_stay_where_they_are():
    assert spread([3.0, 1.0, 2.0], gap=0.5) == [3.0, 1.0, 2.0]


def test_crowded_labels_share_the_room_around_their_centre():
    np.testing.assert_allclose(spread([1.0, 1.0, 5.0], gap=0.4), [0.8, 1.2, 5.0])


def test_no_label_falls_below_the_floor():
    np.testing.assert_allclose(spread([0.0, 0.01, 0.02], gap=0.1, low=0.0), [0.0, 0.1, 0.2])


def test_no_labels_need_no_room():
    assert spread([], gap=1.0) == []


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=30), st.floats(0.01, 5))
def test_spread_labels_keep_their_order_and_distance(positions, gap):
    placed = np.array(spread(positions, gap))[np.argsort(positions, kind="stable")]

    assert (np.diff(placed) >= gap * (1 - 1e-9)).all()
    assert np.isclose(placed.mean(), np.mean(positions), atol=1e-6)


@pytest.mark.parametrize(
    ("share", "label"),
    [(0.00051, "0.051 %"), (0.0661, "6.6 %"), (0.1, "10 %"), (0.736, "74 %"), (3.0, "300 %")],
)
def test_costs_have_two_digits_where_they_are_small(share, label):
    assert cost_label(share) == label
