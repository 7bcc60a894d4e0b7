"""Laws of one learning curve: M1 to M4 and broken power laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling import ScalingModel
from bayes_scaling.laws import BROKEN_1, BROKEN_2, M1_LAW, M2_LAW, M3_LAW, M4_LAW
from bayes_scaling.laws.m4 import solve_log_odds
from bayes_scaling.runs import RunTable
from tests.laws.test_every_law import random_params

AMOUNT = np.geomspace(1e6, 1e12, 60)
POINTS = {"n_tokens": AMOUNT}
PUBLISHED = {
    "m1": {"beta": 40.0, "c": -0.25},
    "m2": {"eps_inf": 0.12, "beta": 90.0, "c": -0.31},
    "m3": {"beta": 3.0, "gamma": 2e-10, "c": 0.2},
    "m4": {"eps_0": 0.98, "eps_inf": 0.15, "beta": 700.0, "alpha": 1.7, "c": -0.4},
}

with_published = pytest.mark.parametrize("law", [M1_LAW, M2_LAW, M3_LAW, M4_LAW], ids=lambda law: law.name)


def error(law, params):
    return np.exp(law.log_loss(np, params, POINTS))


@with_published
def test_published_constants_survive_the_round_trip(law):
    published = PUBLISHED[law.name]

    back = law.to_published(np, law.from_published(np, published))

    assert back == pytest.approx(published, rel=1e-9)


def test_m1_to_m3_are_the_published_formulas():
    pooled = {law.name: law.from_published(np, PUBLISHED[law.name]) for law in (M1_LAW, M2_LAW, M3_LAW)}

    np.testing.assert_allclose(error(M1_LAW, pooled["m1"]), 40.0 * AMOUNT**-0.25, rtol=1e-12)
    np.testing.assert_allclose(error(M2_LAW, pooled["m2"]), 0.12 + 90.0 * AMOUNT**-0.31, rtol=1e-12)
    np.testing.assert_allclose(error(M3_LAW, pooled["m3"]), 3.0 * (1 / AMOUNT + 2e-10) ** 0.2, rtol=1e-12)


def test_m4_solves_its_implicit_equation():
    published = PUBLISHED["m4"]
    found = error(M4_LAW, M4_LAW.from_published(np, published))

    left = (found - published["eps_inf"]) / (published["eps_0"] - found) ** published["alpha"]

    np.testing.assert_allclose(left, published["beta"] * AMOUNT ** published["c"], rtol=1e-7)
    assert np.all(np.diff(found) < 0)


@pytest.mark.parametrize("alpha", [0.05, 0.5, 1.0, 3.0, 20.0])
def test_newton_finds_the_root_from_either_side(alpha):
    target = np.concatenate([-np.geomspace(1e-3, 300, 100), np.geomspace(1e-3, 300, 100)])

    root = solve_log_odds(np, target, np.log(alpha))

    back = root + (alpha - 1) * np.logaddexp(0, root)
    np.testing.assert_allclose(back, target, rtol=1e-12, atol=1e-12)


def test_without_a_floor_m2_and_m3_are_m1():
    slope = {"log_level": -0.7, "log_exponent": np.log(0.3)}
    plain = error(M1_LAW, slope)

    np.testing.assert_allclose(error(M2_LAW, slope | {"log_floor_odds": -40.0}), plain, rtol=1e-12)
    np.testing.assert_allclose(error(M3_LAW, slope | {"log_saturation": -40.0}), plain, rtol=1e-12)


def test_far_below_the_ceiling_m4_is_m2():
    params = {
        "log_ceiling": 0.0,
        "log_floor_odds": np.log(1e-6),
        "log_amplitude": -14.0,
        "log_exponent": np.log(0.3),
        "log_alpha": 0.5,
    }
    far = {"n_tokens": np.geomspace(1e9, 1e13, 20)}
    rest = np.exp(-14.0) * (far["n_tokens"] / 1e9) ** -0.3

    found = np.exp(M4_LAW.log_loss(np, params, far))

    np.testing.assert_allclose(found, (1e-6 + rest) / (1 + 1e-6), rtol=1e-4)


@pytest.mark.parametrize("law", [BROKEN_1, BROKEN_2], ids=lambda law: law.name)
def test_without_a_break_a_broken_law_is_m2(law):
    params = random_params(law, (), seed=4)
    exponent = float(np.exp(params["log_exponent"]))
    equal = {name: exponent for name in ("exponent_before", "exponent_between") if name in params}
    in_m2 = {name: params[name] for name in M2_LAW.parameter_names}

    np.testing.assert_allclose(error(law, params | equal), error(M2_LAW, in_m2), rtol=1e-12)


def test_the_second_break_is_above_the_first_and_none_of_it_gives_one_break():
    params = random_params(BROKEN_2, (50,), seed=5)
    first, second = BROKEN_2.breaks(np, params)
    last = np.exp(params["log_exponent"])

    assert np.all(second[0] > first[0])
    columns = {name: value[:, None] for name, value in (params | {"exponent_between": last}).items()}
    np.testing.assert_allclose(error(BROKEN_2, columns), error(BROKEN_1, columns), rtol=1e-11)


def test_a_broken_law_is_the_published_product():
    params = random_params(BROKEN_2, (), seed=6) | {"log_width": -1.0, "log_width_2": -0.5}
    constants = BROKEN_2.to_published(np, params)

    product = constants["b"] * AMOUNT ** -constants["c0"]
    for number in (1, 2):
        c, d, f = (constants[f"{letter}{number}"] for letter in "cdf")
        product = product * (1 + (AMOUNT / d) ** (1 / f)) ** (-c * f)

    np.testing.assert_allclose(error(BROKEN_2, params), constants["a"] + product, rtol=1e-9)


def test_half_a_curve_tells_the_other_half():
    """Twelve sigmoids with noise of 1 %: the second half lies where the first says, as often as stated."""
    rng = np.random.default_rng(8)
    amount = np.geomspace(1e7, 4e9, 40)
    frames = []
    for number in range(12):
        params = M4_LAW.from_published(np, PUBLISHED["m4"] | {"alpha": rng.uniform(0.8, 2), "beta": 2000.0})
        loss = np.exp(M4_LAW.log_loss(np, params, {"n_tokens": amount}) + 0.01 * rng.standard_normal(40))
        frames.append({"family": f"c{number}", "run": "r", "n_params": 1e9, "n_tokens": amount, "loss": loss})
    rows = pd.concat([pd.DataFrame(frame) for frame in frames], ignore_index=True)
    is_given = (rows["n_tokens"] <= 2e9).to_numpy()
    model = ScalingModel("m4", priors="weak", max_checkpoints=30)

    fit = model.fit(RunTable.from_frame(rows[is_given]), method="laplace", progress=False)
    hidden = rows[~is_given].reset_index(drop=True)
    found = fit.predict(hidden.drop(columns=["loss", "run"])).table

    assert np.abs(np.log(found["median"] / hidden["loss"])).mean() < 0.02
    inside = (hidden["loss"] > found["lower"]) & (hidden["loss"] < found["upper"])
    assert 0.75 < inside.mean() <= 1.0
