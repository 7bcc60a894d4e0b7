from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.laws import LOSS_TO_ERROR

PUBLISHED = {
    "c4": {"epsilon": 0.850, "k": 2.079, "gamma": 0.756},
    "redpajama": {"epsilon": 0.857, "k": 2.206, "gamma": 0.7146},
    "refinedweb": {"epsilon": 0.8653, "k": 2.215, "gamma": 0.7070},
}
"""Gadre et al. 2024, arXiv:2403.08540: fits to the average top-1 error of 17 tasks."""

every_set = pytest.mark.parametrize("constants", PUBLISHED.values(), ids=PUBLISHED)


def error(params, loss):
    return np.exp(LOSS_TO_ERROR.log_loss(np, params, {"pretraining_loss": loss}))


@every_set
def test_the_published_constants_give_the_published_law(constants):
    loss = np.linspace(2.4, 5.0, 14)
    by_hand = constants["epsilon"] - constants["k"] * np.exp(-constants["gamma"] * loss)

    found = error(LOSS_TO_ERROR.from_published(np, constants), loss)

    np.testing.assert_allclose(found, by_hand, rtol=2e-6)


@every_set
def test_published_constants_survive_the_round_trip(constants):
    back = LOSS_TO_ERROR.to_published(np, LOSS_TO_ERROR.from_published(np, constants))

    assert back == pytest.approx(constants, rel=1e-12)


@every_set
def test_where_the_published_law_turns_negative_this_one_does_not(constants):
    crossing = np.log(constants["k"] / constants["epsilon"]) / constants["gamma"]
    assert 1.1 < crossing < 1.4

    below = error(LOSS_TO_ERROR.from_published(np, constants), np.array([0.3, 1.0, crossing]))

    assert np.all(below > 0)
    assert np.all(np.diff(below) > 0)
    assert below[-1] < 0.05


@settings(deadline=None)
@given(
    epsilon=st.floats(0.01, 1.0),
    gain=st.floats(0.01, 1.5),
    gamma=st.floats(0.05, 5.0),
    loss=st.floats(1e-3, 1e15),
)
def test_the_error_stays_between_nothing_and_that_of_no_knowledge(epsilon, gain, gamma, loss):
    params = {"log_epsilon": np.log(epsilon), "log_gain": np.log(gain), "log_gamma": np.log(gamma)}

    found = error(params, loss)

    assert 0 < found <= epsilon * (1 + 1e-12)


def test_more_loss_is_more_error():
    params = LOSS_TO_ERROR.from_published(np, PUBLISHED["c4"])

    assert np.all(np.diff(error(params, np.linspace(0.5, 8.0, 200))) > 0)
    assert error(params, 60.0) == pytest.approx(0.850)
