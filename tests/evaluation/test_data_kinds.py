"""What the columns of the data say, and that they are read off inputs alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.evaluation import run_backtest, split_runs
from bayes_scaling.evaluation.data_kinds import DATA_COLUMNS, data_columns
from bayes_scaling.evaluation.predictions import CONTRACT_COLUMNS, FURTHER_COLUMNS
from bayes_scaling.names import HOLDOUTS
from bayes_scaling.runs import RunTable
from tests.evaluation.fakes import Recorder


def rows(family: str, sizes=(1e8, 1e9, 1e10), tokens=(8e9, 1e10), **columns) -> pd.DataFrame:
    """One run of each size with checkpoints at `tokens`; further columns as given, of any length that fits."""
    frame = pd.DataFrame(
        [
            (family, f"{place}-{size:g}", size, n)
            for place, size in enumerate(sizes)
            for n in np.atleast_1d(tokens)
        ],
        columns=["family", "run", "n_params", "n_tokens"],
    )
    return frame.assign(loss=3.0 - 0.1 * np.log10(frame["n_params"]), **columns)


def of_family(*frames: pd.DataFrame, holdout: str = "largest-model", **options) -> pd.DataFrame:
    """The data's columns of the last scored row of each family."""
    runs = RunTable.from_frame(pd.concat(frames, ignore_index=True))
    parts = [
        pd.DataFrame(data_columns(split)).assign(family=split.test.frame["family"].to_numpy())
        for split in split_runs(runs, holdout, **options)
    ]
    return pd.concat(parts).groupby("family").last()


def test_sizes_are_counted_among_the_training_runs_of_the_family():
    found = of_family(rows("two"), rows("four", (1e7, 1e8, 1e8, 1e9, 3e9, 1e10)))

    assert found["n_train_sizes"].to_dict() == {"two": 2, "four": 4}


def test_a_family_of_which_nothing_was_given_has_no_training_size():
    found = of_family(rows("new"), rows("other"), holdout="family", n_given=0)

    assert found["n_train_sizes"].to_dict() == {"new": 0, "other": 0}
    assert found["data_kind"].to_dict() == {"new": "trajectories", "other": "trajectories"}


def test_runs_of_several_checkpoints_are_trajectories():
    mixed = pd.concat([rows("mixed", (1e8,)), rows("mixed", (1e9, 1e10), 1e10).replace("0-1e+09", "1-1e+09")])

    found = of_family(rows("curves"), rows("points", tokens=1e10), mixed)

    assert found["data_kind"].to_dict() == {
        "curves": "trajectories",
        "points": "final points",
        "mixed": "trajectories",
    }


def test_a_learning_rate_that_varies_within_runs_is_a_schedule_and_one_that_differs_between_runs_is_not():
    within, between = rows("within"), rows("between")

    found = of_family(
        within.assign(learning_rate=np.tile([1e-3, 1e-4], 3)),
        between.assign(learning_rate=np.repeat([3e-3, 2e-3, 1e-3], 2)),
        rows("unknown"),
    )

    assert found["is_schedule"].to_dict() == {"within": True, "between": False, "unknown": False}


@pytest.mark.parametrize(("longest", "is_schedule"), [(2e10, True), (1.01e10, False)])
def test_runs_of_one_size_that_are_planned_for_different_lengths_are_schedules(longest, is_schedule):
    replicated = rows("grid", (1e8, 1e8, 1e9), 1e10, n_tokens_total=[1e10, longest, 1e10])

    assert of_family(replicated)["is_schedule"].tolist() == [is_schedule]


def test_lengths_that_differ_between_sizes_are_no_schedule():
    assert of_family(rows("rule", tokens=1e10, n_tokens_total=[1e10, 2e10, 4e10]))[
        "is_schedule"
    ].tolist() == [False]


def test_a_row_repeats_data_once_it_has_seen_more_tokens_than_are_unique():
    runs = RunTable.from_frame(rows("a", tokens=(1e10, 2e10, 2.1e10), n_unique_tokens=2e10))
    (split,) = split_runs(runs, "largest-model")

    assert data_columns(split)["is_repeated"].tolist() == [False, True]


@pytest.mark.parametrize(
    ("epochs", "is_repeated"), [(4.0, True), (1.0, False), ("4", True), ("some", False), (np.nan, False)]
)
def test_a_column_of_epochs_counts_where_it_is_a_number_above_one(epochs, is_repeated):
    assert of_family(rows("a", epochs=epochs))["is_repeated"].tolist() == [is_repeated]


def test_what_only_some_families_have_says_nothing_about_the_others():
    found = of_family(
        rows("rich", n_unique_tokens=1e9, learning_rate=np.tile([1e-3, 1e-4], 3)), rows("plain")
    )

    assert found.loc["plain", ["is_schedule", "is_repeated"]].tolist() == [False, False]
    assert found.loc["rich", ["is_schedule", "is_repeated"]].tolist() == [True, True]


@pytest.mark.parametrize("holdout", HOLDOUTS)
def test_no_loss_decides_a_column(holdout):
    frame = pd.concat([rows("a", n_unique_tokens=9e9), rows("b", tokens=1e10), rows("c", (1e8, 1e8, 1e10))])
    random = np.random.default_rng(0)
    other = frame.assign(loss=random.uniform(1.0, 9.0, len(frame)), loss_se=random.uniform(size=len(frame)))

    given, changed = (
        [data_columns(split) for split in split_runs(RunTable.from_frame(each), holdout)]
        for each in (frame, other)
    )

    assert len(given) == len(changed) > 0
    for first, second in zip(given, changed, strict=True):
        assert {name: list(values) for name, values in first.items()} == {
            name: list(values) for name, values in second.items()
        }


def test_the_name_of_a_family_decides_nothing():
    plain = of_family(rows("a", epochs=4.0), rows("b", tokens=1e10))
    renamed = of_family(rows("final points", epochs=4.0), rows("4 epochs of trajectories", tokens=1e10))

    assert plain.loc["a"].tolist() == renamed.loc["final points"].tolist()
    assert plain.loc["b"].tolist() == renamed.loc["4 epochs of trajectories"].tolist()


def test_the_columns_stand_at_the_end_of_the_predictions_and_fit_to_their_rows():
    runs = RunTable.from_frame(pd.concat([rows("a"), rows("b", (1e9, 1e10), 1e10, epochs=2.0)]))

    table = run_backtest(runs, Recorder()).table

    assert tuple(table) == (*CONTRACT_COLUMNS, *FURTHER_COLUMNS)
    assert FURTHER_COLUMNS[-len(DATA_COLUMNS) :] == DATA_COLUMNS
    assert table[["family", *DATA_COLUMNS]].to_numpy().tolist() == [
        ["a", 2, "trajectories", False, False],
        ["a", 2, "trajectories", False, False],
        ["b", 1, "final points", False, True],
    ]
