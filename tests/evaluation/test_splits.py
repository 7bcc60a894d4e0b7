"""What each hold-out rule hides, what it scores, and that nothing hidden is learned from."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.evaluation import LeakError, Split, assert_no_leak, backtest, run_backtest, split_runs
from bayes_scaling.names import HOLDOUTS
from bayes_scaling.runs import RunTable
from tests.evaluation.fakes import Recorder, many_families


def runs_of(*runs: tuple[str, str, float, list[float]]) -> RunTable:
    """A table from (family, run, n_params, tokens of its checkpoints), every loss different."""
    rows = [(family, run, size, tokens) for family, run, size, all_tokens in runs for tokens in all_tokens]
    frame = pd.DataFrame(rows, columns=["family", "run", "n_params", "n_tokens"])
    return RunTable.from_frame(frame.assign(loss=[2.0 + 0.001 * index for index in range(len(frame))]))


TWO_FAMILIES = runs_of(
    ("a", "small", 1e8, [1e9, 1e10]),
    ("a", "middle", 1e9, [1e9, 1e10]),
    ("a", "large-1", 1e10, [1e9, 6.9e9, 7e9, 1e10]),
    ("a", "large-2", 1e10, [1e9, 2e9]),
    ("b", "one", 1e9, [1e9, 2e9]),
    ("b", "two", 1e9, [1e9, 2e9]),
)


def labels(runs: RunTable) -> list[tuple[str, float]]:
    return list(zip(runs.frame["run"], runs.frame["n_tokens"], strict=True))


def test_largest_model_hides_every_run_of_the_largest_size_and_scores_its_last_30_percent():
    (split,) = split_runs(TWO_FAMILIES, "largest-model")

    assert labels(split.test) == [("large-1", 7e9), ("large-1", 1e10), ("large-2", 2e9)]
    assert set(split.train.frame["run"]) == {"small", "middle", "one", "two"}
    assert dict(split.skipped) == {"b": "all runs have one size"}


def test_top_compute_hides_whole_runs_within_a_factor_of_four_of_the_largest():
    runs = runs_of(
        ("a", "far", 1e9, [1e10]),
        ("a", "just-below", 1e9, [2.4e10]),
        ("a", "just-within", 1e9, [1e9, 2.5e10]),
        ("a", "largest", 1e10, [1e9, 1e10]),
        ("b", "near-1", 1e9, [1e10]),
        ("b", "near-2", 2e9, [1e10]),
    )

    (split,) = split_runs(runs, "top-compute")

    assert labels(split.test) == [("just-within", 2.5e10), ("largest", 1e10)]
    assert set(split.train.frame["run"]) == {"far", "just-below", "near-1", "near-2"}
    assert list(split.skipped) == ["b"]


def test_a_new_family_is_known_by_its_smallest_runs_only_and_by_all_other_families():
    first, second = split_runs(TWO_FAMILIES, "family")

    assert set(first.train.frame["run"]) == {"small", "one", "two"}
    assert labels(first.test) == [
        ("large-1", 7e9),
        ("large-1", 1e10),
        ("large-2", 2e9),
        ("middle", 1e10),
    ]
    assert set(second.train.frame["run"]) == {"small", "middle", "large-1", "large-2", "one"}
    assert labels(second.test) == [("two", 2e9)]


@pytest.mark.parametrize(
    ("n_given", "given"), [(0, set()), (2, {"small", "middle"}), (3, {"small", "middle", "large-1"})]
)
def test_so_many_smallest_runs_are_given(n_given, given):
    split = split_runs(TWO_FAMILIES, "family", n_given)[0]

    assert set(split.train.select("a").frame["run"] if given else ()) == given


def test_a_family_of_which_all_runs_are_given_is_skipped():
    (split,) = split_runs(TWO_FAMILIES, "family", n_given=2)

    assert dict(split.skipped) == {"b": "2 runs, of which 2 are given"}
    assert set(split.train.families) == {"a", "b"}


def test_points_hold_no_loss_nor_any_column_of_unknown_meaning():
    frame = TWO_FAMILIES.frame.assign(loss_se=0.01, perplexity=9.0, learning_rate=1e-3)
    (split,) = split_runs(RunTable.from_frame(frame), "largest-model")

    assert list(split.points) == [
        "family",
        "run",
        "n_params",
        "n_tokens",
        "n_tokens_total",
        "metric",
        "learning_rate",
    ]
    assert len(split.points) == len(split.test)


@pytest.mark.parametrize(
    ("holdout", "n_given", "code"),
    [
        ("biggest", 1, "unknown_holdout"),
        ("family", -1, "bad_n_given"),
        ("family", 9, "nothing_to_hold_out"),
    ],
)
def test_a_rule_that_cannot_be_applied_is_refused(holdout, n_given, code):
    with pytest.raises(InputError) as problem:
        split_runs(TWO_FAMILIES, holdout, n_given)

    assert problem.value.code == code


# --- leaks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("holdout", HOLDOUTS)
def test_nothing_of_a_held_out_run_reaches_a_forecaster(holdout):
    runs, recorder = many_families(4), Recorder()

    result = run_backtest(runs, recorder, holdout=holdout)

    keys = ["family", "run"]
    for train, points, _ in recorder.seen:
        held_out = runs.frame.merge(points[keys].drop_duplicates(), on=keys)
        assert len(held_out) > 0
        assert not set(held_out["loss"]) & set(train.frame["loss"])  # noise makes every loss different
        assert not set(held_out["loss"]) & set(points.select_dtypes("number").to_numpy().ravel())
        assert train.frame.merge(points[keys].drop_duplicates(), on=keys).empty
    assert sum(len(points) for _, points, _ in recorder.seen) == len(result.table)


@pytest.mark.parametrize("holdout", HOLDOUTS)
def test_a_held_out_row_let_through_on_purpose_is_caught(holdout):
    split = split_runs(many_families(4), holdout)[0]
    one_row_too_many = pd.concat([split.train.frame, split.test.frame.head(1)])

    with pytest.raises(LeakError, match="1 held-out runs are among the training rows: family-000/"):
        dataclasses.replace(split, train=RunTable.from_frame(one_row_too_many))


def test_an_unscored_checkpoint_of_a_held_out_run_let_through_on_purpose_is_caught():
    runs = many_families(2)
    (split,) = split_runs(runs, "largest-model")
    early = runs.frame.query("n_params == 1e10").head(1)

    assert early["n_tokens"].item() not in set(split.test.frame["n_tokens"])
    with pytest.raises(LeakError):
        Split("largest-model", RunTable.from_frame(pd.concat([split.train.frame, early])), split.test)


def test_a_back_test_checks_again_before_each_fit(monkeypatch):
    runs, recorder = many_families(2), Recorder()
    (split,) = split_runs(runs, "largest-model")
    object.__setattr__(split, "train", runs)  # as careless code might
    monkeypatch.setattr(backtest, "split_runs", lambda *args: [split])

    with pytest.raises(LeakError):
        run_backtest(runs, recorder)
    assert recorder.seen == []


def test_a_split_that_leaks_nothing_passes():
    (split,) = split_runs(many_families(2), "largest-model")

    assert assert_no_leak(split) is None
