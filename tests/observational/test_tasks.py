from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.datasets import load_table
from bayes_scaling.errors import InputError
from bayes_scaling.observational import CUTOFF_FLOPS, MULTIPLICATION, PERSIAN_QA, SUBTRACTION, TASKS, Task


def test_zero_is_chance_and_one_the_ceiling():
    assert PERSIAN_QA.normalised([0.25, 1.0, 0.625]).tolist() == [0.0, 1.0, 0.5]


def test_arithmetic_has_a_quarter_of_the_cut_off_and_no_gsm8k():
    for task in (SUBTRACTION, MULTIPLICATION):
        assert task.cutoff_flops == CUTOFF_FLOPS / 4
        assert "gsm8k" not in {benchmark.column for benchmark in task.benchmarks}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.column)
def test_every_score_is_a_whole_number_of_items(task, mirror):
    scores = load_table("obsscaling", "emergent", mirror)[task.column].dropna()
    counts = scores.to_numpy() * task.n_items

    np.testing.assert_allclose(counts, np.round(counts), atol=1e-6)
    assert np.gcd.reduce([*np.round(counts).astype(int), task.n_items]) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"chance": 1.0},
        {"chance": -0.1},
        {"ceiling": 1.2},
        {"n_items": 0},
        {"cutoff_flops": 0.0},
        {"cutoff_flops": np.nan},
    ],
)
def test_what_is_no_task_is_refused(options):
    with pytest.raises(InputError) as caught:
        Task(**({"column": "t", "chance": 0.25, "n_items": 100} | options))
    assert caught.value.code == "bad_argument"
