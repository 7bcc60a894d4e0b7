"""A few checkpoints stand for all: how many, which, and in which order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.baselines import thin_checkpoints
from tests.baselines.families import family_rows


def test_the_last_and_the_first_checkpoint_of_every_run_are_kept_and_the_others_in_even_steps():
    rows = family_rows(sizes=(1e8, 1e9), n_checkpoints=9)
    tokens = rows["n_tokens"].unique()

    thinned = thin_checkpoints(rows, 3)

    assert thinned.groupby("n_params")["n_tokens"].apply(list).tolist() == [tokens[[0, 4, 8]].tolist()] * 2


@pytest.mark.parametrize("at_most", [1, 2, 5, 11])
def test_a_long_run_keeps_as_many_as_asked_the_last_among_them(at_most):
    rows = family_rows(sizes=(1e9,), n_checkpoints=11)

    thinned = thin_checkpoints(rows, at_most)

    assert len(thinned) == at_most
    assert thinned["n_tokens"].max() == rows["n_tokens"].max()


def test_a_run_of_few_checkpoints_keeps_all_beside_a_long_one():
    rows = pd.concat([family_rows("long", n_checkpoints=50), family_rows("short", n_checkpoints=4)])

    assert thin_checkpoints(rows, 6)["family"].value_counts().to_dict() == {"long": 30, "short": 20}


def test_rows_in_any_order_keep_their_order_and_lose_the_same_checkpoints():
    rows = family_rows(n_checkpoints=20)
    shuffled = rows.sample(frac=1.0, random_state=0)

    thinned = thin_checkpoints(shuffled, 4)

    assert thinned.index.tolist() == [label for label in shuffled.index if label in set(thinned.index)]
    assert set(thinned.index) == set(thin_checkpoints(rows, 4).index)


def test_runs_of_one_label_in_two_families_are_two_runs():
    rows = pd.concat([family_rows("a", sizes=(1e9,)), family_rows("b", sizes=(1e9,))]).assign(run="same")

    assert len(thin_checkpoints(rows, 3)) == 6


@pytest.mark.parametrize("rows", [family_rows(), family_rows().iloc[:0]], ids=["rows", "no rows"])
def test_nothing_is_left_out_unless_asked(rows):
    pd.testing.assert_frame_equal(thin_checkpoints(rows, None), rows)
    pd.testing.assert_frame_equal(thin_checkpoints(rows, 1000), rows)
    assert np.isfinite(rows["loss"]).all()
