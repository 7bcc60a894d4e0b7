"""The law whose terms change with size: its published form, and the laws that it reduces to."""

from __future__ import annotations

import numpy as np

from bayes_scaling.laws.farseer import FARSEER

N, D = np.geomspace(1e8, 1e11, 7), np.geomspace(1e12, 1e9, 7)
PARAMS = {
    "log_E": np.log(2.0),
    "log_floor_slope": np.log(0.06),
    "log_floor_bend": np.log(0.3),
    "log_data_share": np.log(0.2),
    "data_slope": 0.04,
    "log_data_bend": np.log(0.2),
    "log_beta": np.log(0.35),
    "beta_slope": 0.03,
    "log_beta_bend": np.log(0.25),
}
INPUTS = {"n_params": N, "n_tokens": D}


def powers(value: float, slope: float, bend: float) -> tuple[float, float, float]:
    """a, b and p of a N^p + b with this value and slope at 1e9 and p = -bend."""
    a = -slope / bend * 1e9**bend
    return a, value + slope / bend, -bend


def test_it_is_the_published_form():
    a3, b3, gamma = powers(np.log(2.0), -0.06, 0.3)
    a2, b2, beta = powers(np.log(0.4), 0.04, 0.2)
    a1, b1, alpha = powers(np.log(0.35), 0.03, 0.25)
    exponent = np.exp(a1 * N**alpha + b1)
    # the data term is stated at 2e10 tokens
    amplitude = np.exp(a2 * N**beta + b2) * 2e10**exponent

    loss = np.exp(a3 * N**gamma + b3) + amplitude * D**-exponent

    np.testing.assert_allclose(np.exp(FARSEER.log_loss(np, PARAMS, INPUTS)), loss, rtol=1e-10)


def test_without_bends_the_floor_is_a_power_of_size():
    straight = PARAMS | {name: np.log(1e-7) for name in PARAMS if name.endswith("_bend")}
    plain = straight | {"data_slope": 0.0, "beta_slope": 0.0}
    power = 2.0 * (N / 1e9) ** -0.06 + 0.4 * (D / 2e10) ** -0.35

    np.testing.assert_allclose(np.exp(FARSEER.log_loss(np, plain, INPUTS)), power, rtol=1e-6)


def test_endless_data_leave_the_floor():
    endless = INPUTS | {"n_tokens": np.full(len(N), 1e290)}
    floor = 2.0 * np.exp(-0.06 * (1 - (N / 1e9) ** -0.3) / 0.3)

    np.testing.assert_allclose(np.exp(FARSEER.log_loss(np, PARAMS, endless)), floor, rtol=1e-9)


def test_a_steep_exponent_of_small_models_is_no_overflow():
    steep = PARAMS | {"beta_slope": -7.0, "log_beta_bend": -2.0}
    smallest = {"n_params": np.ones(3), "n_tokens": np.array([1.0, 1e9, 1e15])}

    with np.errstate(over="raise"):
        assert np.isfinite(FARSEER.log_loss(np, steep, smallest)).all()
