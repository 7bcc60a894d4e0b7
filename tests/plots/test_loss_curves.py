from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex

from bayes_scaling.plots import plot_loss_curves


def test_each_run_is_one_line_through_its_checkpoints(runs):
    ax = plot_loss_curves(runs)

    assert len(ax.lines) == 3
    for line, (_, curve) in zip(ax.lines, runs.groupby("run"), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), curve[["n_tokens", "loss"]])


def test_sizes_are_named_and_told_apart_by_colour(runs):
    ax = plot_loss_curves(runs)

    assert [text.get_text() for text in ax.texts] == ["70M", "400M", "2B"]
    assert len({to_hex(line.get_color()) for line in ax.lines}) == 3


def test_a_forecast_is_two_bands_a_median_and_what_was_reached(runs, forecast):
    ax = plot_loss_curves(runs[runs["n_params"] < 2e9], forecast=forecast)
    wide, narrow = ax.collections
    median, reached = ax.lines[-2:]

    for band, (low, high) in ((wide, ("q05", "q95")), (narrow, ("q25", "q75"))):
        edge = set(map(tuple, band.get_paths()[0].vertices))
        assert set(zip(forecast["n_tokens"], forecast[low], strict=True)) <= edge
        assert set(zip(forecast["n_tokens"], forecast[high], strict=True)) <= edge
    np.testing.assert_array_equal(median.get_xydata(), forecast[["n_tokens", "median"]])
    np.testing.assert_array_equal(reached.get_xydata(), forecast[["n_tokens", "loss"]])


def test_a_family_of_single_checkpoints_is_drawn_against_size(runs, forecast):
    last = runs[runs["n_params"] < 2e9].groupby("run").tail(1)
    ax = plot_loss_curves(last, forecast=forecast.tail(1))
    wide, narrow = ax.collections

    assert ax.get_xlabel() == "parameters"
    np.testing.assert_array_equal(
        wide.get_paths()[0].vertices,
        forecast.tail(1)[["n_params"] * 2 + ["q05", "q95"]].to_numpy().reshape(2, 2).T,
    )
    assert len(narrow.get_paths()) == 1
    assert not ax.texts


def test_a_forecast_of_known_checkpoints_does_not_hide_that_each_run_has_one(runs, forecast):
    ax = plot_loss_curves(runs.groupby("run").tail(1), forecast=forecast.tail(1))

    assert ax.get_xlabel() == "parameters"


def test_a_single_checkpoint_gets_an_axis_with_room(runs):
    low, high = plot_loss_curves(runs.head(1)).get_xlim()

    assert low < runs["n_params"].iloc[0] < high


def test_axes_are_log_and_their_numbers_plain(runs):
    ax = plot_loss_curves(runs, loss_unit="bits per byte")
    ax.figure.canvas.draw()

    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert "10B" in [label.get_text() for label in ax.get_xticklabels()]
    assert ax.get_ylabel() == "loss, bits per byte"
