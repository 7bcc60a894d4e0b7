from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling import InputError
from bayes_scaling.planning import Kind, Target, default_candidates, read_candidates
from bayes_scaling.planning.candidates import checkpoints_of

TARGET = Target("mine", 7e9, 1.4e11, 6 * 7e9 * 1.4e11)


def rows(sizes=(1e8, 4e8, 1e9), ratio=20.0, n_checkpoints=1) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "family": "mine",
                "run": f"{size:g}",
                "n_params": size,
                "n_tokens": ratio * size * share,
                "loss": 3.0,
            }
            for size in sizes
            for share in np.linspace(1 / n_checkpoints, 1, n_checkpoints)
        ]
    )


def of_kind(found, kind):
    return [run for run in found if run.kind is kind]


def test_the_existing_runs_suggest_seeds_sizes_and_lengths():
    found = default_candidates(rows(), TARGET)

    assert [(run.n_params, run.n_tokens) for run in of_kind(found, Kind.SEED)] == [
        (1e8, 2e9),
        (4e8, 8e9),
        (1e9, 2e10),
    ]
    # 4e8 is near 3e8 but not within 1.3: both are worth a look; 1e8 and 1e9 are there already
    assert [run.n_params for run in of_kind(found, Kind.SIZE)] == pytest.approx([3e8, 3e9])
    assert [run.n_tokens for run in of_kind(found, Kind.SIZE)] == pytest.approx([6e9, 6e10], rel=0.01)
    assert [(run.n_params, run.n_tokens) for run in of_kind(found, Kind.LONGER)] == [(1e9, 6e10)]
    assert [run.flops / TARGET.flops for run in of_kind(found, Kind.PART)] == pytest.approx([0.1, 0.3, 0.5])
    assert {run.n_tokens_total for run in of_kind(found, Kind.PART)} == {1.4e11}
    assert len(of_kind(found, Kind.CHECKPOINTS)) == 1


def test_runs_of_one_length_suggest_that_length():
    same = rows().assign(n_tokens=3e11)

    sizes = of_kind(default_candidates(same, Target("mine", 7e9, 3e11, 6 * 7e9 * 3e11)), Kind.SIZE)

    assert {run.n_tokens for run in sizes} == {3e11}


def test_nothing_is_dearer_than_the_target():
    found = default_candidates(rows(), Target("mine", 1.2e9, 2e10, 6 * 1.2e9 * 2e10))

    assert max(run.flops for run in found) < 6 * 1.2e9 * 2e10
    assert of_kind(found, Kind.LONGER) == []


def test_checkpoints_that_are_there_are_not_missed():
    assert of_kind(default_candidates(rows(n_checkpoints=3), TARGET), Kind.CHECKPOINTS) == []


def test_one_size_suggests_its_own_ratio():
    sizes = of_kind(default_candidates(rows(sizes=(1e9,)), TARGET), Kind.SIZE)

    assert [run.n_tokens / run.n_params for run in sizes] == pytest.approx([20] * len(sizes), rel=0.01)


def test_a_users_candidates_keep_label_and_compute():
    frame = pd.DataFrame(
        {"n_params": [1e9, 2e9], "n_tokens": [2e10, 4e10], "label": ["wide", None], "flops": [1e20, None]}
    )

    first, second = read_candidates(frame)

    assert (first.label, first.flops) == ("wide", 1e20)
    assert (second.label, second.flops) == ("", 6 * 2e9 * 4e10)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([1e9], "bad_candidates"),
        (pd.DataFrame({"n_params": [1e9]}), "missing_column"),
        (pd.DataFrame({"n_params": [], "n_tokens": []}), "no_points"),
        (pd.DataFrame({"n_params": [-1.0], "n_tokens": [1e9]}), "bad_point"),
        (pd.DataFrame({"n_params": [1e9], "n_tokens": [1e9], "flops": ["much"]}), "bad_point"),
    ],
)
def test_candidates_that_cannot_be_used_are_refused(given, code):
    with pytest.raises(InputError) as caught:
        read_candidates(given)

    assert caught.value.code == code


def test_checkpoints_lie_evenly_in_log_tokens_up_to_the_end():
    (run,) = read_candidates(pd.DataFrame({"n_params": [1e9], "n_tokens": [2e10]}))

    found = checkpoints_of(run, 3, 0.25)["n_tokens"]

    assert found.tolist() == pytest.approx([5e9, 1e10, 2e10])
    assert checkpoints_of(run, 1, 0.25)["n_tokens"].tolist() == [2e10]
