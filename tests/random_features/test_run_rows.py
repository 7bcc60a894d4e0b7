from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.random_features import TEST_LOSS, PowerLawTask, simulate_losses, to_run_table

TASK = PowerLawTask(1.6, 1.5, n_modes=128)


def test_time_is_tokens_and_each_student_is_a_run():
    losses = simulate_losses(TASK, [1.0, 10.0], [4, 8], n_seeds=3)[TEST_LOSS]

    runs = to_run_table(losses, "simulated", params_per_width=100.0, tokens_per_step=7.0)

    assert (runs.n_runs, len(runs)) == (6, 12)
    row = runs.frame.query("run == 'N8-s2' and n_tokens == 70").iloc[0]
    assert row["loss"] == losses.sel(width=8, seed=2, time=10.0).item()
    assert (row["n_params"], row["seed"], row["family"]) == (800.0, "2", "simulated")


def test_samples_are_tokens_and_each_number_of_samples_is_a_run():
    losses = simulate_losses(TASK, [np.inf], [4, 8], [16, 32, 64])[TEST_LOSS]

    runs = to_run_table(losses, "simulated", tokens="samples", tokens_per_step=2.0)

    assert (runs.n_runs, len(runs)) == (6, 6)
    row = runs.frame.query("run == 'N4-s0-P32'").iloc[0]
    assert row["n_tokens"] == 64.0
    assert row["loss"] == losses.sel(width=4, samples=32).item()


@pytest.mark.parametrize(
    ("widths", "samples", "times", "tokens"),
    [
        ([4, np.inf], [np.inf], [1.0], "time"),
        ([4], [np.inf], [1.0, np.inf], "time"),
        ([4], [16, 32], [1.0], "time"),
        ([4], [16, 32], [1.0, 2.0], "samples"),
        ([4], [np.inf], [1.0], "epochs"),
    ],
)
def test_what_is_no_table_of_runs_is_an_input_error(widths, samples, times, tokens):
    losses = simulate_losses(TASK, times, widths, samples)[TEST_LOSS]

    with pytest.raises(InputError) as error:
        to_run_table(losses, "simulated", tokens=tokens)

    assert error.value.code == "bad_design"
