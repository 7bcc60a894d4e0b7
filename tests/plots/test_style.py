"""What holds for every figure, whatever it shows."""

from __future__ import annotations

import re

import matplotlib
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from bayes_scaling import plots
from bayes_scaling.plots.style import SIZE_RAMP, Colour, size_colours
from tests.plots.test_memorisation import effects, profile  # noqa: F401  # fixtures
from tests.plots.test_observational import task_forecasts  # noqa: F401
from tests.plots.test_random_features import losses  # noqa: F401
from tests.plots.test_trajectories import equal_loss  # noqa: F401


@pytest.fixture
def draw(request, forecasts, intervals, runs, forecast, groups, methods):
    """Draw any figure by its name with fitting data."""
    given = {
        name: request.getfixturevalue(name)
        for name in ("losses", "equal_loss", "effects", "profile", "task_forecasts")
    }
    curves = pd.DataFrame(
        {"width": [8.0, 8.0, 16.0, 16.0], "time": [2.0, 4.0] * 2, "loss": [0.6, 0.4, 0.5, 0.3]}
    )
    frontier = pd.DataFrame({"compute": [32.0, 64.0], "loss": [0.4, 0.3]})
    scored = pd.DataFrame({"n_params": [1e8, 1e8, 1e9], "loss": [3.0, 2.5, 2.4], "task": [0.2, 0.3, 0.35]})
    trends = pd.DataFrame({"up": [0.1, 0.0], "flat": [0.2, 0.9], "down": [0.7, 0.1]}, index=["1B", "7B"])
    nominal = pd.DataFrame({"nominal": [0.5, 0.9], "observed": [0.4, 0.8]})
    slices = pd.DataFrame({"left": [0.0, 0.5], "right": [0.5, 1.0], "observed": [0.4, 0.6]})
    arguments = {
        "plot_coverage": (nominal,),
        "plot_fan": (forecast,),
        "plot_forecasts": (forecasts,),
        "plot_groups": (groups,),
        "plot_intervals": (intervals,),
        "plot_loss_curves": (runs,),
        "plot_pit": (slices,),
        "plot_prior_posterior": (intervals, intervals),
        "plot_scores": (pd.Series({"a": 1.0, "b": 2.0}),),
        "plot_sharpness": (methods,),
        "plot_bottleneck": (given["losses"],),
        "plot_compute_frontier": (curves, frontier),
        "plot_equal_loss": (given["equal_loss"],),
        "plot_memorisation_map": (given["effects"],),
        "plot_memorisation_profile": (given["profile"],),
        "plot_scores_at_equal_loss": (scored, "task"),
        "plot_task_forecasts": (given["task_forecasts"],),
        "plot_trends": (trends,),
    }
    return lambda name, **options: getattr(plots, name)(*arguments[name], **options)


every_figure = pytest.mark.parametrize("name", [name for name in plots.__all__ if name.startswith("plot_")])


@every_figure
def test_a_figure_leaves_the_settings_as_they_were(name, draw):
    before = dict(matplotlib.rcParams)
    draw(name)

    assert dict(matplotlib.rcParams) == before


@every_figure
def test_a_figure_draws_into_the_caller_s_axes(name, draw):
    ax = Figure().subplots()

    assert draw(name, ax=ax) is ax
    assert ax.has_data()


@every_figure
def test_a_figure_paints_without_a_warning(name, draw, tmp_path):
    path = tmp_path / "figure.svg"
    draw(name).figure.savefig(path)

    assert path.stat().st_size > 2_000


FLAT_FIGURES = [
    # a map of effects shades between the palette's colours
    name
    for name in plots.__all__
    if name.startswith("plot_") and name != "plot_memorisation_map"
]


@pytest.mark.parametrize("name", FLAT_FIGURES)
def test_a_figure_uses_no_colour_outside_the_palette(name, draw, tmp_path):
    path = tmp_path / "figure.svg"
    draw(name).figure.savefig(path)

    assert set(re.findall("#[0-9a-f]{6}", path.read_text())) <= {colour.value for colour in Colour}


@every_figure
def test_a_figure_s_numbers_are_plain_words(name, draw, tmp_path):
    path = tmp_path / "figure.svg"
    draw(name).figure.savefig(path)

    assert not re.findall(r"<!-- .*[$\\].* -->", path.read_text())  # each label stands there as a comment


@every_figure
def test_a_figure_is_unknown_to_pyplot(name, draw):
    before = pyplot.get_fignums()
    draw(name)

    assert pyplot.get_fignums() == before


def test_each_colour_occurs_once():
    assert len({colour.value for colour in Colour}) == len(Colour.__members__)


def test_sizes_run_through_the_colours_on_a_log_scale():
    colours = size_colours([1e8, 1e9, 1e10])

    assert list(colours.values()) == [SIZE_RAMP[0], SIZE_RAMP[len(SIZE_RAMP) // 2], SIZE_RAMP[-1]]


def test_a_single_size_has_the_darkest_colour():
    assert size_colours([7e7, 7e7]) == {7e7: SIZE_RAMP[-1]}
