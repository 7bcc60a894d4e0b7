from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.baselines import hitchhiker_test_rows, hitchhiker_train_rows
from bayes_scaling.evaluation.splits import LeakError
from bayes_scaling.runs import RunTable
from bayes_scaling.study.rows import CellRows, cell_rows, window_sizes
from tests.baselines.families import family_rows, table
from tests.study.test_cell import CELL

SIZES = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


@pytest.mark.parametrize(
    ("n_sizes", "window", "chosen"),
    [
        (2, "smallest", [1, 2]),
        (2, "nearest", [3, 4]),
        (2, 1, [3, 4]),
        (2, 2, [2, 3]),
        (2, 3, [1, 2]),
        (2, 4, []),
        (4, "smallest", [1, 2, 3, 4]),
        (4, "nearest", [1, 2, 3, 4]),
        (5, "smallest", []),
        (5, "nearest", []),
        (1, 4, [1]),
        (1, 5, []),
    ],
)
def test_windows_of_sizes_lie_below_the_target(n_sizes, window, chosen):
    assert window_sizes(SIZES, n_sizes, window).tolist() == chosen


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("test_from", [0.7, 1.0])
def test_rows_are_those_of_the_hitchhikers_guide(share, test_from):
    runs = table(family_rows(n_checkpoints=30))
    cell = replace(CELL, family="made-up", train_share=share, drop_tokens=5e9, test_from=test_from)

    rows = cell_rows(runs, cell)

    expected = hitchhiker_train_rows(runs.frame, 3, share, min_tokens=5e9)
    pd.testing.assert_frame_equal(rows.train.frame, expected.reset_index(drop=True))
    expected = hitchhiker_test_rows(runs.frame, test_from)
    pd.testing.assert_frame_equal(rows.test.frame, expected.reset_index(drop=True))


def test_the_final_checkpoint_is_the_last_that_the_share_leaves():
    runs = table(family_rows(n_checkpoints=30))
    cell = replace(CELL, family="made-up", train_share=0.5, checkpoints="final")

    train = cell_rows(runs, cell).train.frame

    seen = hitchhiker_train_rows(runs.frame, 3, 0.5, min_tokens=0.0)
    assert len(train) == 3
    assert train["n_tokens"].tolist() == seen.groupby("n_params")["n_tokens"].max().tolist()


def test_a_share_of_infinity_keeps_the_last_checkpoint_of_the_longest_run():
    runs = table(family_rows(n_checkpoints=30))
    ends = [
        cell_rows(runs, replace(CELL, family="made-up", train_share=share, checkpoints="final"))
        .train.frame["n_tokens"]
        .max()
        for share in (1.0, float("inf"))
    ]

    assert ends[0] < ends[1] == pytest.approx(1e11)


def test_the_first_part_of_the_target_can_be_all_there_is():
    runs = table(family_rows(n_checkpoints=30))

    train = cell_rows(runs, replace(CELL, family="made-up", n_sizes=0, target_share=0.5)).train.frame

    assert set(train["n_params"]) == {1e10}
    assert train["n_tokens"].max() < 0.5 * 1e11


def test_a_share_of_the_target_can_be_given_and_is_not_scored():
    runs = table(family_rows(n_checkpoints=30))

    rows = cell_rows(runs, replace(CELL, family="made-up", target_share=0.5))

    given = rows.train.frame.query("n_params == 1e10")["n_tokens"]
    assert 0 < given.max() < 0.5 * 1e11
    assert rows.test.frame["n_tokens"].min() >= 0.7 * 1e11


def test_runs_of_a_configuration_are_drawn_by_the_seed():
    seeds = [family_rows(seed=seed, noise_sd=0.1).assign(seed=str(seed)) for seed in range(4)]
    frame = pd.concat([rows.assign(run=rows["run"] + "-" + rows["seed"]) for rows in seeds])
    runs = RunTable.from_frame(frame)
    drawn = [cell_rows(runs, replace(CELL, family="made-up", n_seeds=2, seed=seed)) for seed in (0, 0, 1)]

    kept = [set(rows.train.frame["run"]) for rows in drawn]

    assert kept[0] == kept[1] != kept[2]
    assert drawn[0].train.frame.groupby("n_params")["run"].nunique().tolist() == [2, 2, 2]
    assert drawn[0].test.frame["run"].nunique() == 4


def test_points_carry_no_loss_whatever_it_is_called():
    frame = family_rows().assign(loss_se=0.01, copied_loss=lambda rows: rows["loss"])

    points = cell_rows(RunTable.from_frame(frame), replace(CELL, family="made-up")).points

    assert {"family", "run", "n_params", "n_tokens", "n_tokens_total"} <= set(points)
    assert not {"loss", "loss_se", "copied_loss"} & set(points)


def test_a_scored_checkpoint_among_the_training_rows_is_a_leak():
    runs = table(family_rows())
    rows = cell_rows(runs, replace(CELL, family="made-up"))

    with pytest.raises(LeakError, match="scored checkpoints"):
        CellRows(runs, rows.test)
