"""The model's closed forms against dense linear algebra; nothing is sampled."""

from __future__ import annotations

import numpy as np
import pytest
from pytensor.compile.mode import Mode
from scipy import stats

from bayes_scaling.observational import LatentPriors, ScoreTable
from bayes_scaling.observational.latent_design import design_latent_model
from bayes_scaling.observational.latent_model import build_latent_model
from tests.observational import models
from tests.observational.models import TASK

INTERPRETED = Mode(linker="py", optimizer="fast_compile")


@pytest.fixture(scope="module")
def model(design):
    return build_latent_model(design, LatentPriors())


@pytest.fixture(scope="module")
def point(model):
    """A point of the unconstrained space away from the start."""
    rng = np.random.default_rng(4)
    return {
        name: value + 0.3 * rng.standard_normal(value.shape) for name, value in model.initial_point().items()
    }


def evaluated(model, point):
    """Every variable, and the densities that are added to the prior's, at a point."""
    wanted = [*model.unobserved_value_vars, *model.replace_rvs_by_values(model.potentials)]
    names = [variable.name for variable in (*model.unobserved_value_vars, *model.potentials)]
    evaluate = model.compile_fn(wanted, inputs=model.value_vars, point_fn=False, mode=INTERPRETED)
    found = evaluate(**{variable.name: point[variable.name] for variable in model.value_vars})
    return dict(zip(names, found, strict=True))


@pytest.fixture(scope="module")
def values(model, point):
    return evaluated(model, point)


def test_density_and_gradient_are_finite_at_the_start(model):
    start = model.initial_point()

    assert np.isfinite(model.compile_logp(mode=INTERPRETED)(start))
    assert np.isfinite(model.compile_dlogp(mode=INTERPRETED)(start)).all()


def population_line(design, values):
    """Capability of each model on the population's line, and its distance from the family's mean compute."""
    distance = design.log_compute - design.family_compute[design.family_index]
    level = values["level_mean"] + values["slope_mean"] * design.family_compute[:, None]
    return level[design.family_index] + values["slope_mean"] * distance[:, None], distance


def benchmark_mean(design, values, capability):
    return design.complement @ values["shift"] + capability @ values["loadings"].T


def family_prior(values, members, distance):
    """Covariance of the capabilities of a family's models, flattened model by model."""
    ones, x = np.ones((len(members), len(members))), np.outer(distance[members], distance[members])
    total = np.kron(ones, np.diag(values["level_sd"] ** 2)) + np.kron(x, np.diag(values["slope_sd"] ** 2))
    return total + np.kron(np.eye(len(members)), np.diag(values["capability_sd"] ** 2))


def test_benchmark_scores_have_the_density_of_a_dense_normal(design, values):
    line, distance = population_line(design, values)
    mean = benchmark_mean(design, values, line)
    total = 0.0
    for family in range(len(design.families)):
        members = np.flatnonzero(design.family_index == family)
        prior = family_prior(values, members, distance)
        loadings = np.kron(np.eye(len(members)), values["loadings"])
        covariance = loadings @ prior @ loadings.T + values["benchmark_sd"] ** 2 * np.eye(len(loadings))
        row, center = design.linked[members].ravel(), mean[members].ravel()
        has = ~np.isnan(row)
        total += stats.multivariate_normal(center[has], covariance[np.ix_(has, has)]).logpdf(row[has])

    n_scores = (~np.isnan(design.linked)).sum()
    found = values["benchmarks"] + values["families"]
    assert found == pytest.approx(total + 0.5 * n_scores * np.log(2 * np.pi), rel=1e-9)


def test_with_no_scatter_capabilities_are_their_conditional_mean(model, design, point):
    still = point | {"standard": 0.0 * point["standard"], "family_standard": 0.0 * point["family_standard"]}
    values = evaluated(model, still)
    line, distance = population_line(design, values)
    mean = benchmark_mean(design, values, line)
    members = np.flatnonzero(design.family_index == 3)
    prior = family_prior(values, members, distance)
    loadings = np.kron(np.eye(len(members)), values["loadings"])
    row, center = design.linked[members].ravel(), mean[members].ravel()
    has = ~np.isnan(row)
    covariance = (loadings @ prior @ loadings.T)[np.ix_(has, has)] + values["benchmark_sd"] ** 2 * np.eye(
        has.sum()
    )
    gain = prior @ loadings.T[:, has] @ np.linalg.inv(covariance)

    expected = line[members] + (gain @ (row - center)[has]).reshape(-1, design.n_capabilities)
    np.testing.assert_allclose(values["capability"][members], expected, rtol=1e-8)


def test_capabilities_scatter_by_their_conditional_spread(design, values):
    distance = population_line(design, values)[1]
    on_line = values["level"][design.family_index] + values["slope"][design.family_index] * distance[:, None]
    mean = benchmark_mean(design, values, on_line)
    for position in (0, 7, 44):
        has = ~np.isnan(design.linked[position])
        part = values["loadings"][has]
        precision = np.diag(values["capability_sd"] ** -2.0) + part.T @ part / values["benchmark_sd"] ** 2
        residual = (design.linked[position] - mean[position])[has]
        center = np.linalg.solve(precision, part.T @ residual) / values["benchmark_sd"] ** 2
        scatter = np.linalg.solve(np.linalg.cholesky(precision).T, values["standard"][position])

        assert values["capability"][position] == pytest.approx(on_line[position] + center + scatter)


def test_projected_on_the_principal_directions_the_loadings_are_the_basis(design, values):
    directions = design.basis / np.linalg.norm(design.basis, axis=0)

    np.testing.assert_allclose(directions.T @ values["loadings"], directions.T @ design.basis, atol=1e-9)


def test_only_models_for_fitting_have_counts(model, design):
    (observed,) = model.observed_RVs

    assert observed.name == "task_counts"
    assert model.rvs_to_values[observed].data.tolist() == design.counts.tolist()


def test_a_model_of_unknown_compute_has_the_population_s_slope(made_up):
    frame = made_up.frame.copy()
    frame.loc[frame["run"] == "model 4", "flops"] = np.nan
    table = ScoreTable.from_frame(frame, models.BENCHMARKS)
    design = design_latent_model(table, TASK, made_up.training_scores, 2)
    model = build_latent_model(design, LatentPriors())

    assert list(model.coords["unknown"]) == ["model 4"]
    assert np.isfinite(model.compile_logp(mode=INTERPRETED)(model.initial_point()))


def test_clear_counts_and_vague_ones_are_sampled_differently(model, design):
    start = model.initial_point()
    n_clear, n_vague = start["task_logit"].size, start["task_offset"].size

    assert n_clear + n_vague == len(design.fitted)
    assert min(n_clear, n_vague) > 0
