from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import least_squares

from bayes_scaling.laws import CHINCHILLA, PRECISION
from bayes_scaling.models.inputs import NOT_QUANTIZED_BITS
from bayes_scaling.priors import weak_priors
from tests.laws.test_every_law import random_params

PUBLISHED = {
    "A": 4.299e3,
    "B": 1.806e4,
    "E": 2.7648,
    "alpha": 0.4965,
    "beta": 0.4965,
    "gamma_w": 2.6745,
    "n_w": 0.3037,
    "gamma_a": 2.2102,
    "n_a": 1.4072,
    "gamma_kv": 0.9578,
    "n_kv": 2.4185,
    "C_T": 0.0598,
    "gamma_D": 0.5068,
    "gamma_N": 0.3439,
    "gamma_post": 0.5907,
    "C_w": 1.0,
    "C_a": 1.0,
    "C_kv": 1.0,
}
"""Kumar et al. 2024, arXiv:2411.04330, appendix K; the last three are made up for these tests."""

PARAMS = PRECISION.from_published(np, PUBLISHED)
FULL = {"n_bits_weights": 16.0, "n_bits_activations": 16.0, "n_bits_kv": 16.0}
NOT_QUANTIZED = {"n_bits_post": NOT_QUANTIZED_BITS}


def loss(params=PARAMS, **inputs):
    return np.exp(PRECISION.log_loss(np, params, inputs))


def test_in_many_bits_it_is_the_additive_law():
    many = dict.fromkeys(FULL, 500.0)
    params, points = random_params(PRECISION, (50,)), {"n_params": 1e9, "n_tokens": 1e11}

    found = PRECISION.log_loss(np, params, points | many | NOT_QUANTIZED)

    np.testing.assert_allclose(found, CHINCHILLA.log_loss(np, params, points), atol=1e-9)


def test_the_published_constants_give_the_published_formula():
    n, d, bits, post = 2.2e8, 2.6e10, {"w": 8.0, "a": 6.0, "kv": 7.0}, 4.0
    share = np.prod([1 - np.exp(-p / PUBLISHED[f"gamma_{x}"] + PUBLISHED[f"n_{x}"]) for x, p in bits.items()])
    damage = 0.0598 * d**0.5068 / (n * share) ** 0.3439 * np.exp(-post / 0.5907)
    damage *= np.prod([1 - np.exp(-(p - post)) for p in bits.values()])
    expected = 4.299e3 * (n * share) ** -0.4965 + 1.806e4 * d**-0.4965 + 2.7648 + damage

    found = loss(
        n_params=n,
        n_tokens=d,
        n_bits_weights=8.0,
        n_bits_activations=6.0,
        n_bits_kv=7.0,
        n_bits_post=post,
    )

    assert found == pytest.approx(expected, rel=1e-10)


def test_damage_is_never_negative_and_vanishes_without_quantization():
    params = {name: value[:, None] for name, value in random_params(PRECISION, (50,)).items()}
    points = {"n_params": 3e8, "n_tokens": 1e11} | FULL
    bits = np.linspace(2.0, 20.0, 40)

    quantized = loss(params, **points, n_bits_post=bits)
    plain = loss(params, **points, **NOT_QUANTIZED)

    assert np.all(quantized >= plain)
    np.testing.assert_allclose(
        quantized[:, bits >= 16], np.broadcast_to(plain, quantized[:, bits >= 16].shape)
    )


def test_more_data_hurt_beyond_the_most_useful_tokens():
    model = {"n_params": 1e8, "n_bits_post": 4.0} | FULL
    best = PRECISION.most_useful_tokens(np, PARAMS, model)

    with jax.enable_x64(True):
        slope = jax.grad(lambda tokens: PRECISION.log_loss(jnp, PARAMS, model | {"n_tokens": tokens}))
        at_best = float(slope(float(best)))

    assert abs(at_best * best) < 1e-9
    assert loss(**model, n_tokens=best) < min(
        loss(**model, n_tokens=best / 2), loss(**model, n_tokens=2 * best)
    )
    assert 1e9 < best < 1e13


def test_draws_give_an_interval_of_the_most_useful_tokens():
    draws = random_params(PRECISION, (400,), seed=3)
    best = [
        PRECISION.most_useful_tokens(np, draws, {"n_params": 1e8, "n_bits_post": bits} | FULL)
        for bits in (3.0, 5.0, NOT_QUANTIZED_BITS)
    ]

    assert best[0].shape == (400,)
    assert np.all((best[0] < best[1]) & (best[1] < best[2]))
    lower, upper = np.quantile(best[0], [0.05, 0.95])
    assert lower < np.median(best[0]) < upper
    assert best[2].min() > 1e15


def test_the_constants_are_recovered_from_simulated_runs():
    rng = np.random.default_rng(5)
    count = 600
    inputs = {
        "n_params": np.exp(rng.uniform(np.log(3e7), np.log(2e9), count)),
        "n_tokens": np.exp(rng.uniform(np.log(1.5e9), np.log(3e10), count)),
        "n_bits_weights": rng.choice([3.0, 4.0, 6.0, 8.0, 12.0, 16.0], count),
        "n_bits_activations": rng.choice([4.0, 6.0, 8.0, 12.0, 16.0], count),
        "n_bits_kv": rng.choice([3.0, 4.0, 6.0, 8.0, 16.0], count),
        "n_bits_post": rng.choice([3.0, 4.0, 5.0, NOT_QUANTIZED_BITS], count),
    }
    truth = PRECISION.log_loss(np, PARAMS, inputs)
    observed = truth + 0.002 * rng.standard_normal(count)
    names = PRECISION.parameter_names
    start = weak_priors(PRECISION).parameters

    def residuals(values):
        params = dict(zip(names, values, strict=True))
        misfit = (PRECISION.log_loss(np, params, inputs) - observed) / 0.002
        off = [(params[name] - start[name].location) / (3 * start[name].family_sd) for name in names]
        return np.concatenate([misfit, off])

    found = dict(
        zip(names, least_squares(residuals, [start[name].location for name in names]).x, strict=True)
    )

    fitted = PRECISION.log_loss(np, found, inputs)
    assert np.sqrt(np.mean((fitted - truth) ** 2)) < 0.0006
    for name in ("log_E", "log_alpha", "log_beta", "log_gamma_w", "log_gamma_D"):
        assert found[name] == pytest.approx(PARAMS[name], abs=0.25), name
