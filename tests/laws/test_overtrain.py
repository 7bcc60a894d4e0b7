from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from bayes_scaling.datasets import load_dataset
from bayes_scaling.laws import CHINCHILLA, OVERTRAIN

CODE_FORM = {
    "c4": (113.7, 189.5, -0.2425, 1.508),
    "redpajama": (166.2, 366.7, -0.2729, 1.837),
    "refinedweb": (125.1, 246.2, -0.2544, 1.734),
}
"""c_alpha, c_beta, b and E of Gadre et al. 2024, arXiv:2403.08540, one fit for each training set."""

N_PARAMS, MULTIPLIER = np.geomspace(1e7, 1e11, 9)[:, None], np.array([5.0, 20.0, 320.0, 640.0])

every_set = pytest.mark.parametrize("constants", CODE_FORM.values(), ids=CODE_FORM)


def loss(params, n_params, n_tokens):
    return np.exp(OVERTRAIN.log_loss(np, params, {"n_params": n_params, "n_tokens": n_tokens}))


@every_set
def test_the_published_code_form_is_this_law(constants):
    c_alpha, c_beta, b, offset = constants
    written_out = c_alpha * N_PARAMS**b + c_beta * 6 ** (b / 2) * (MULTIPLIER * N_PARAMS) ** b + offset

    found = loss(OVERTRAIN.from_code_form(np, *constants), N_PARAMS, MULTIPLIER * N_PARAMS)

    np.testing.assert_allclose(found, written_out, rtol=1e-12)


@every_set
def test_the_published_form_in_compute_and_multiplier_is_this_law(constants):
    params = OVERTRAIN.from_code_form(np, *constants)
    published = OVERTRAIN.to_published(np, params)
    eta, flops = published["eta"], 6 * MULTIPLIER * N_PARAMS**2

    by_paper = published["E"] + (
        published["a"] * MULTIPLIER**eta + published["b"] * MULTIPLIER**-eta
    ) * flops ** (-eta)

    np.testing.assert_allclose(loss(params, N_PARAMS, MULTIPLIER * N_PARAMS), by_paper, rtol=1e-12)
    assert OVERTRAIN.from_published(np, published) == pytest.approx(params, rel=1e-12)
    assert eta == pytest.approx(-constants[2] / 2)
    assert published["b"] == pytest.approx(constants[1])


@pytest.mark.parametrize(
    ("run", "relative_error"), [("rpj-open_lm_1b-32.0", 0.0071), ("rpj-open_lm_7b-1.0", 0.0073)]
)
def test_the_published_fit_misses_its_two_targets_by_the_published_errors(mirror, run, relative_error):
    """1.4e9 parameters at 640 tokens each and 6.9e9 at 20: table 1 of the paper."""
    rows = load_dataset("gadre", mirror).frame
    (target,) = rows[rows["run"] == run].itertuples()

    predicted = loss(OVERTRAIN.from_code_form(np, *CODE_FORM["redpajama"]), target.n_params, target.n_tokens)

    assert abs(predicted / target.loss - 1) == pytest.approx(relative_error, abs=5e-4)


def test_it_is_the_additive_law_with_equal_exponents():
    params = OVERTRAIN.from_code_form(np, *CODE_FORM["c4"])
    exponent = params["log_eta"] + np.log(2)
    additive = {name: params[name] for name in OVERTRAIN.parameter_names[:3]}
    inputs = {"n_params": N_PARAMS, "n_tokens": MULTIPLIER * N_PARAMS}

    expected = CHINCHILLA.log_loss(np, additive | {"log_alpha": exponent, "log_beta": exponent}, inputs)

    np.testing.assert_allclose(OVERTRAIN.log_loss(np, params, inputs), expected, rtol=1e-14)


def test_overtraining_moves_the_loss_on_parallel_lines():
    """At fixed tokens a parameter, the slope of the reducible loss in compute does not depend on them."""
    params = OVERTRAIN.from_code_form(np, *CODE_FORM["c4"])

    reducible = loss(params, N_PARAMS, MULTIPLIER * N_PARAMS) - 1.508

    slopes = np.diff(np.log(reducible), axis=0) / np.diff(np.log(6 * MULTIPLIER * N_PARAMS**2), axis=0)
    np.testing.assert_allclose(slopes, -0.2425 / 2, rtol=1e-9)


@pytest.mark.parametrize("flops", [1e19, 1e22, 1e25])
def test_the_optimum_is_the_numeric_one_and_its_multiplier_constant(flops):
    params = OVERTRAIN.from_code_form(np, *CODE_FORM["refinedweb"])
    published = OVERTRAIN.to_published(np, params)

    closed = OVERTRAIN.optimal_n_params(np, params, flops)
    numeric = optimize.minimize_scalar(
        lambda log_n: loss(params, np.exp(log_n), flops / (6 * np.exp(log_n))),
        bracket=(np.log(closed) - 2, np.log(closed) + 3),
        tol=1e-12,
    )

    assert np.log(closed) == pytest.approx(numeric.x, abs=1e-5)
    multiplier = flops / 6 / closed**2
    assert multiplier == pytest.approx((published["b"] / published["a"]) ** (1 / (2 * published["eta"])))
