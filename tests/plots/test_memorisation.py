from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.plots import plot_memorisation_map, plot_memorisation_profile


@pytest.fixture
def effects() -> pd.DataFrame:
    rows = [(10.0, 10.0, 0.5), (10.0, 20.0, 0.2), (20.0, 20.0, -0.1)]
    return pd.DataFrame(rows, columns=["cohort", "checkpoint", "estimate"])


@pytest.fixture
def profile() -> pd.DataFrame:
    table = pd.DataFrame({"event_time": [1000.0, 0.0, -1000.0], "estimate": [0.2, 0.5, 0.0]})
    for name, shift in (("lower", -0.1), ("upper", 0.1), ("band_lower", -0.2), ("band_upper", 0.2)):
        table[name] = table["estimate"] + shift
    return table


def test_the_colours_are_the_given_effects_and_empty_cells_stay_empty(effects):
    (mesh,) = plot_memorisation_map(effects).collections

    np.testing.assert_array_equal(mesh.get_array().filled(np.nan), [[0.5, 0.2], [np.nan, -0.1]])
    assert (mesh.norm.vmin, mesh.norm.vcenter, mesh.norm.vmax) == (-0.5, 0.0, 0.5)


def test_a_map_of_one_cell_or_of_no_effect_is_drawn(effects):
    (mesh,) = plot_memorisation_map(effects.iloc[:1].assign(estimate=0.0)).collections

    assert mesh.get_array().tolist() == [[0.0]]


def test_the_line_is_the_given_profile_in_order_of_time(profile):
    ax = plot_memorisation_profile(profile)
    line = next(line for line in ax.lines if line.get_label() == "profile")

    np.testing.assert_array_equal(line.get_xydata(), [[-1000, 0.0], [0, 0.5], [1000, 0.2]])
    assert len(ax.collections) == 2


def test_without_bands_only_intervals_are_shaded(profile):
    ax = plot_memorisation_profile(profile.drop(columns=["band_lower", "band_upper"]))

    assert len(ax.collections) == 1


def test_other_profiles_are_points_with_bars_and_a_name(profile):
    ax = plot_memorisation_profile(profile, others={"plain": profile.iloc[:2]})

    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["profile", "plain"]
    points = next(line for line in ax.lines if line.get_label() == "plain")
    np.testing.assert_array_equal(points.get_xydata(), [[0, 0.5], [1000, 0.2]])
