from __future__ import annotations

import numpy as np
import pandas as pd
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from scipy import stats

from bayes_scaling.memorisation.profile_draws import SeenEffects
from bayes_scaling.memorisation.profile_kernel import JITTER, ProfileCells, profile_covariance
from bayes_scaling.memorisation.profile_model import build_profile_model

INTERPRETED = Mode(linker="py", optimizer="fast_compile")
"""Slow to run and quick to build: each function here is called once."""

PARAMETERS = {
    "mean_sd": 2.0,
    "decay": 0.7,
    "event_sd": 0.5,
    "event_range": 1.2,
    "cohort_sd": 0.3,
    "cohort_range": 0.4,
    "cell_sd": 0.1,
}
SIZES = {"small": 1e8, "large": 1e10}
WITH_SIZES = {**PARAMETERS, "log_scale": np.array([-0.5, 0.5]), "size_sd": 0.4, "size_range": 1.0}


def keys(models) -> pd.DataFrame:
    rows = [
        (model, cohort, checkpoint, checkpoint - cohort)
        for model in models
        for cohort in (10.0, 20.0)
        for checkpoint in (10.0, 20.0, 30.0)
        if checkpoint >= cohort
    ]
    return pd.DataFrame(rows, columns=["model", "cohort", "checkpoint", "event_time"])


@pytest.fixture
def cells():
    return ProfileCells.of(keys(SIZES), np.array([0.0, 10.0, 20.0, 30.0]), SIZES, 1e9)


@pytest.fixture
def one_model():
    return ProfileCells.of(keys(["m"]), np.array([0.0, 10.0, 20.0, 30.0]), {"m": 1e9}, 1e9)


def test_cells_are_placed_in_event_time_training_and_size(cells):
    np.testing.assert_allclose(cells.lag, np.log([1, 2, 3, 1, 2]))
    np.testing.assert_allclose(cells.place, [1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3])
    np.testing.assert_allclose(cells.log_size, [-1.0, 1.0])
    np.testing.assert_array_equal(cells.cell, [0, 1, 2, 3, 4] * 2)
    np.testing.assert_array_equal(cells.model, [0] * 5 + [1] * 5)


def test_numpy_and_pytensor_agree(cells):
    symbolic = profile_covariance(pt, {name: pt.constant(value) for name, value in WITH_SIZES.items()}, cells)

    np.testing.assert_allclose(
        symbolic.eval(mode=INTERPRETED), profile_covariance(np, WITH_SIZES, cells), rtol=1e-12
    )


def test_it_is_a_covariance(cells):
    found = profile_covariance(np, WITH_SIZES, cells)

    np.testing.assert_allclose(found, found.T)
    assert np.linalg.eigvalsh(found).min() > 0


def test_the_variance_of_a_cell_is_the_sum_of_its_parts_faded(one_model):
    variance = np.diag(profile_covariance(np, PARAMETERS, one_model))

    np.testing.assert_allclose(variance - JITTER, 4.35 * np.exp(-1.4 * one_model.lag))


def test_models_of_equal_scale_without_drift_have_the_same_profile(cells):
    same = {**WITH_SIZES, "log_scale": np.zeros(2), "size_sd": 0.0, "size_range": 1e9}
    found = profile_covariance(np, same, cells)

    np.testing.assert_allclose(found[:5, :5], found[5:, 5:])
    np.testing.assert_allclose(found[:5, 5:], found[:5, :5] - JITTER * np.eye(5))


def test_profiles_drift_apart_with_size(cells):
    found = profile_covariance(np, {**WITH_SIZES, "log_scale": np.zeros(2), "decay": 0.0}, cells)
    shared = profile_covariance(
        np, {**WITH_SIZES, "log_scale": np.zeros(2), "decay": 0.0, "size_sd": 0.0, "cell_sd": 0.0}, cells
    )
    own = (found - shared)[:5]

    # two decades leave e^-2 of what a model has for itself, which is the rough part and no other level
    np.testing.assert_allclose(own[:, 5:], np.exp(-2.0) * own[:, :5], atol=1e-12)
    np.testing.assert_allclose(own[:, :5].sum(axis=1), 0.01)


def test_conditional_draws_are_those_of_the_normal_distribution(one_model):
    estimate, covariance = np.array([1.0, 0.6, 0.5, 1.2, 0.7]), 0.05 * np.eye(5)
    prior = profile_covariance(np, PARAMETERS, one_model)
    gain = prior @ np.linalg.inv(prior + covariance)
    parameters = pd.DataFrame([PARAMETERS] * 4000).to_xarray().rename(index="draw").expand_dims("chain")

    draws = SeenEffects(estimate, covariance).conditional_draws(
        parameters, one_model, one_model, np.random.default_rng(0)
    )

    np.testing.assert_allclose(draws[0].mean(axis=0), gain @ estimate, atol=0.015)
    np.testing.assert_allclose(np.cov(draws[0].T), prior - gain @ prior, atol=0.003)


def test_the_likelihood_is_normal_with_the_prior_and_the_error_covariance(cells):
    estimate, covariance = np.arange(10.0), 0.3 * np.eye(10) + 0.1
    model = build_profile_model(estimate, covariance, cells)
    density = model.logp(vars=[model["estimate"]])
    point = {name: value + 0.1 for name, value in model.initial_point().items()}

    function = model.compile_fn(density, inputs=model.value_vars, mode=INTERPRETED, on_unused_input="ignore")
    found = function(point)

    parameters = {
        name: np.exp(point[f"{name}_log__"])
        for name in (*PARAMETERS, *WITH_SIZES)
        if f"{name}_log__" in point
    }
    apart = point["scale_contrast"][0] / np.sqrt(2)
    parameters |= {"mean_sd": 2.0, "log_scale": np.array([apart, -apart])}
    expected = stats.multivariate_normal(np.zeros(10), profile_covariance(np, parameters, cells) + covariance)
    assert found == pytest.approx(expected.logpdf(estimate))
    assert parameters.keys() == WITH_SIZES.keys()


def test_one_model_has_no_parameters_of_size(one_model):
    model = build_profile_model(np.ones(5), np.eye(5), one_model)

    assert {variable.name for variable in model.free_RVs} == PARAMETERS.keys() - {"mean_sd"}


def test_scales_deviate_from_their_line_as_their_sizes_are_alike(cells):
    model = build_profile_model(np.zeros(10), np.eye(10), cells)
    density = model.logp(vars=[model["scale_contrast"]])
    point = {name: value + 0.1 for name, value in model.initial_point().items()}

    function = model.compile_fn(density, inputs=model.value_vars, mode=INTERPRETED, on_unused_input="ignore")

    model_sd, size_range = np.exp(point["model_sd_log__"]), np.exp(point["size_range_log__"])
    first_less_second = stats.norm(
        point["growth"] * (cells.log_size[0] - cells.log_size[1]),
        model_sd * np.sqrt(2 * (1 - np.exp(-2.0 / size_range))),  # two decades apart
    )
    expected = first_less_second.logpdf(np.sqrt(2) * point["scale_contrast"][0]) + 0.5 * np.log(2)
    assert function(point) == pytest.approx(expected, rel=1e-6)
