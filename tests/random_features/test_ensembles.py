from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.random_features import TEST_LOSS, PowerLawTask, ensemble_losses, simulate_losses

TASK = PowerLawTask(1.6, 1.5, n_modes=512)
TIMES = [3.0, 30.0, 300.0, np.inf]


def test_an_ensemble_of_one_is_one_student():
    alone = simulate_losses(TASK, TIMES, [12], n_seeds=3, seed=9)[TEST_LOSS].isel(width=0, samples=0)

    np.testing.assert_allclose(ensemble_losses(TASK, TIMES, 12, 1, n_seeds=3, seed=9), alone, rtol=1e-9)


@pytest.mark.parametrize("n_members", [2, 4, 8])
def test_one_wider_student_is_at_least_as_good_as_an_ensemble_of_the_same_cost(n_members):
    together = ensemble_losses(TASK, TIMES, 16, n_members, n_seeds=20)
    wider = simulate_losses(TASK, TIMES, [16 * n_members], n_seeds=20, seed=1)[TEST_LOSS].isel(
        width=0, samples=0
    )
    error = np.sqrt((together.var("seed") + wider.var("seed")) / 20)

    assert (wider.mean("seed") <= together.mean("seed") + 2.0 * error).all()
    assert (wider.mean("seed") < together.mean("seed") - 5.0 * error).sel(time=np.inf)


def test_an_ensemble_is_better_than_its_members():
    alone, together = (ensemble_losses(TASK, TIMES, 16, count, n_seeds=20).mean("seed") for count in (1, 6))

    assert (together.sel(time=[300.0, np.inf]) < alone.sel(time=[300.0, np.inf])).all()


def test_an_empty_ensemble_is_an_input_error():
    with pytest.raises(InputError):
        ensemble_losses(TASK, TIMES, 16, 0)
    with pytest.raises(InputError):
        ensemble_losses(TASK, [-1.0], 16, 2)
