"""Rows in pieces: nothing is lost, nothing is shared, and nothing grows with the longest family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.models import ModelSpec, build_layout, likelihood_arrays
from bayes_scaling.models.pieces import PLACES
from tests.models.dense import awkward_runs
from tests.simulate import Design, simulate

SPEC = ModelSpec()
LONG = simulate(2, design=Design(n_checkpoints=40)).runs
"""Runs longer than a piece usually is."""


def filled(arrays) -> np.ndarray:
    """Which places (S, B) hold an observation: those whose residual counts."""
    return np.abs(arrays["piece_whitener"]).sum(axis=2) > 0


@pytest.mark.parametrize("most", [1, 5, 6])
@pytest.mark.parametrize("runs", [awkward_runs(), LONG], ids=["awkward", "long"])
def test_every_row_is_in_one_place_of_a_piece_of_its_family(most, runs):
    layout = build_layout(
        replace(SPEC, max_checkpoints=most * (5 if runs is LONG else 1), min_progress=0.0), runs
    )
    arrays = likelihood_arrays(layout)

    is_filled = filled(arrays)
    assert arrays["log_loss"].shape == is_filled.shape
    np.testing.assert_array_equal(np.sort(arrays["log_loss"][is_filled]), np.sort(layout.log_loss))
    of_family = np.bincount(arrays["piece_family"], is_filled.sum(axis=1), len(layout.families))
    np.testing.assert_array_equal(of_family, layout.n_obs)
    np.testing.assert_array_equal(arrays["n_params"][is_filled], layout.frame["n_params"])  # in order
    by_run = pd.Series(np.nonzero(is_filled)[0]).groupby([layout.frame["family"], layout.frame["run"]])
    assert (by_run.max() == by_run.min()).all()  # what whitens a row is all there


def test_what_fills_up_is_some_row_of_the_family_and_counts_for_nothing():
    layout = build_layout(SPEC, awkward_runs())
    arrays = likelihood_arrays(layout)

    empty = ~filled(arrays)
    assert empty.any()
    assert np.all(arrays["piece_projector"][empty] == 0)
    assert np.all(arrays["piece_whitener"].swapaxes(1, 2)[empty] == 0)
    for piece, family in enumerate(arrays["piece_family"]):
        own = layout.log_loss[layout.family_index == family]
        assert np.isin(arrays["log_loss"][piece], own).all()


def test_a_long_family_makes_more_pieces_not_larger_ones():
    design = Design(n_seeds=1, n_checkpoints=1, sizes=tuple(np.geomspace(1e7, 1e10, 300)))
    long, short = simulate(1, design=design).runs, simulate(1).runs

    pieces = [likelihood_arrays(build_layout(SPEC, runs))["log_loss"].shape for runs in (long, short)]

    assert pieces[0] == (300 // PLACES, PLACES)
    assert pieces[1][1] == PLACES
