from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.observational import SigmoidLaw, fit_sigmoid_law

TRUTH = SigmoidLaw(-1.0, np.array([2.0, -0.7]), 0.1)
RNG = np.random.default_rng(11)
INPUTS = RNG.normal(size=(60, 2))


def test_the_law_is_found_without_noise():
    found = fit_sigmoid_law(INPUTS, TRUTH.predict(INPUTS))

    assert found.intercept == pytest.approx(TRUTH.intercept, abs=1e-4)
    assert found.slopes == pytest.approx(TRUTH.slopes, abs=1e-4)
    assert found.floor == pytest.approx(TRUTH.floor, abs=1e-4)


def test_its_limits_are_the_floor_and_one():
    far = np.array([[-50.0, 0.0], [50.0, 0.0]])

    assert TRUTH.predict(far) == pytest.approx([0.1, 1.0])
    assert TRUTH.predict(np.zeros((1, 2))) == pytest.approx([0.1 + 0.9 / (1 + np.e)])


def test_huber_loss_is_moved_less_by_an_outlier():
    scores = TRUTH.predict(INPUTS)
    able = int(scores.argmax())
    scores[able] = 0.0

    squares, huber = (fit_sigmoid_law(INPUTS, scores, huber_delta=delta) for delta in (None, 0.01))

    assert np.abs(huber.slopes - TRUTH.slopes).max() < 0.2 * np.abs(squares.slopes - TRUTH.slopes).max()


def test_the_floor_stays_within_its_bounds():
    assert fit_sigmoid_law(INPUTS, 0.5 + 0.5 * TRUTH.predict(INPUTS)).floor == pytest.approx(0.2, abs=1e-3)


def test_a_missing_input_gives_no_forecast():
    assert np.isnan(TRUTH.predict(np.array([[np.nan, 0.0]]))).all()


@pytest.mark.parametrize(
    ("inputs", "scores", "delta", "code"),
    [
        (INPUTS, np.full(60, np.nan), None, "bad_value"),
        (INPUTS, np.ones(59), None, "bad_value"),
        (INPUTS[:, 0], np.ones(60), None, "bad_value"),
        (INPUTS[:3], np.ones(3), None, "too_few_models"),
        (INPUTS, np.ones(60), 0.0, "bad_argument"),
    ],
)
def test_what_cannot_be_fitted_is_refused(inputs, scores, delta, code):
    with pytest.raises(InputError) as caught:
        fit_sigmoid_law(inputs, scores, huber_delta=delta)
    assert caught.value.code == code
