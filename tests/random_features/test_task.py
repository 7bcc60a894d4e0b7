from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from bayes_scaling.errors import InputError
from bayes_scaling.random_features import PowerLawTask


def test_simulated_modes_and_tail_together_are_the_whole_spectrum():
    task = PowerLawTask(1.7, 1.4, n_modes=50, noise=0.3)

    assert task.initial_loss == pytest.approx(special.zeta(1.7) + 0.3)
    assert task.eigenvalues.sum() + task.tail_variance == pytest.approx(special.zeta(1.4))
    assert (task.eigenvalues**2).sum() + task.tail_squared_variance == pytest.approx(special.zeta(2.8))


def test_without_a_tail_there_is_nothing_beyond_the_modes():
    task = PowerLawTask(2.0, 0.8, n_modes=10, has_tail=False)

    assert (task.tail_power, task.tail_variance, task.tail_squared_variance) == (0.0, 0.0, 0.0)
    assert task.initial_loss == pytest.approx((np.arange(1, 11) ** -2.0).sum())


@pytest.mark.parametrize(
    "wrong",
    [
        {"a": 1.0},
        {"a": np.inf},
        {"b": 0.0},
        {"b": 1.0},
        {"n_modes": 0},
        {"noise": -0.1},
        {"noise": np.nan},
    ],
)
def test_a_value_out_of_range_is_an_input_error(wrong):
    with pytest.raises(InputError) as error:
        PowerLawTask(**{"a": 2.0, "b": 1.5} | wrong)

    assert error.value.code == "bad_task"
