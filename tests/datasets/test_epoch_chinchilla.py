"""The digitised Chinchilla points."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def points(load):
    return load("epoch-chinchilla").frame


def test_every_point_is_a_run(points):
    assert len(points) == points["run"].nunique() == 245
    assert set(points["family"]) == {"epoch-chinchilla"}


def test_tokens_come_from_compute(points):
    first = points.set_index("run").loc["point-000"]

    assert first["n_params"] == 6795600349.289497
    assert first["n_tokens"] == pytest.approx(9.993852799709755e18 / (6 * 6795600349.289497), rel=1e-12)


def test_the_five_outliers_are_those_not_below_the_fifth_largest_loss(points):
    fifth_largest = points["loss"].sort_values().iloc[-5]
    core = points[~points["suspect"]]

    assert len(core) == 240
    assert core["loss"].max() < fifth_largest == points.loc[points["suspect"], "loss"].min()
    assert fifth_largest == pytest.approx(3.446995, abs=1e-6)


def test_colpret_has_the_same_points(points, load):
    theirs = load("colpret", "chinchilla").frame

    assert theirs.drop(columns="family").equals(points.drop(columns="family"))
