from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from bayes_scaling.plots import Colour, plot_task_forecasts


@pytest.fixture
def task_forecasts() -> pd.DataFrame:
    """Two models for fitting, one held out inside its interval, one outside, one not yet scored."""
    return pd.DataFrame(
        {
            "equivalent_flops": [1e20, 1e21, 1e23, 5e23, 1e24],
            "observed": [0.01, 0.03, 0.4, 0.9, np.nan],
            "median": [0.01, 0.02, 0.35, 0.5, 0.8],
            "q05": [0.0, 0.01, 0.1, 0.2, 0.5],
            "q25": [0.0, 0.01, 0.3, 0.4, 0.7],
            "q75": [0.02, 0.03, 0.5, 0.6, 0.9],
            "q95": [0.03, 0.05, 0.6, 0.7, 0.95],
            "is_held_out": [False, False, True, True, True],
        }
    )


def test_dots_are_what_was_observed_coloured_by_what_the_interval_promised(task_forecasts):
    _, _, forecast, fitted, inside, outside = plot_task_forecasts(task_forecasts).collections

    assert forecast.get_offsets().tolist() == [[1e23, 0.35], [5e23, 0.5], [1e24, 0.8]]
    assert fitted.get_offsets().tolist() == [[1e20, 0.01], [1e21, 0.03]]
    assert inside.get_offsets().tolist() == [[1e23, 0.4]]
    assert outside.get_offsets().tolist() == [[5e23, 0.9]]
    assert to_hex(outside.get_facecolors()[0]) == Colour.MISS


def test_intervals_are_those_of_the_held_out_models(task_forecasts):
    wide, narrow, *_ = plot_task_forecasts(task_forecasts).collections

    ends = [path.vertices[:, 1].tolist() for path in wide.get_paths()]
    assert ends == [[0.1, 0.6], [0.2, 0.7], [0.5, 0.95]]
    assert [path.vertices[:, 1].tolist() for path in narrow.get_paths()] == [
        [0.3, 0.5],
        [0.4, 0.6],
        [0.7, 0.9],
    ]


def test_the_axis_counts_compute_of_the_reference_family(task_forecasts):
    ax = plot_task_forecasts(task_forecasts, reference="Llama-2")

    assert ax.get_xscale() == "log"
    assert ax.get_xlabel().startswith("Llama-2-equivalent")
