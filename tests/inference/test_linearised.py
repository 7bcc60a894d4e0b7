from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp

from bayes_scaling.inference.linearised import (
    NODES,
    SCALE_VARIANCE_FLOOR,
    family_moments,
    prepare,
    prior_population,
    scale_grid,
)
from bayes_scaling.inference.population_density import Families
from bayes_scaling.inference.population_step import expected_density
from bayes_scaling.inference.scale_grid import ScaleGrid
from bayes_scaling.inference.tangent import linearise
from bayes_scaling.models import ModelSpec, Population
from tests.inference.exact import LinearFamily, fine_grid, linear_population, one_in_bits
from tests.laws.linear import LINEAR_SPEC, slopes
from tests.simulate import DRIFTING, NOISY, STEADY, Design, simulate

SPEC = ModelSpec()


# --- the path shape of each family ------------------------------------------------------------


@pytest.mark.parametrize(("path", "name"), [(STEADY, "steady"), (DRIFTING, "drifting"), (NOISY, "noisy")])
def test_each_family_gets_the_path_shape_that_it_was_simulated_with(path, name):
    runs = simulate(4, path=path, design=Design(n_seeds=6, n_checkpoints=12), seed=5).runs

    layout = prepare(SPEC, runs).batch.layout

    assert [SPEC.shapes[number].name for number in layout.shape_index] == [name] * 4


def test_families_of_one_table_may_have_different_shapes():
    design = Design(n_seeds=6, n_checkpoints=12)
    noisy = simulate(1, path=NOISY, design=design, seed=5).frame.assign(family="noisy")
    steady = simulate(1, path=STEADY, design=design, seed=5)
    both = pd.concat([noisy, steady.frame.assign(family="steady")], ignore_index=True)

    layout = prepare(SPEC, replace(steady, frame=both).runs).batch.layout

    assert layout.families == ("noisy", "steady")
    assert [SPEC.shapes[number].name for number in layout.shape_index] == ["noisy", "steady"]


# --- where sampling starts --------------------------------------------------------------------


@pytest.mark.parametrize("n_families", [1, 2])
def test_coordinates_are_finite_for_families_that_say_next_to_nothing(n_families):
    small = simulate(n_families, design=Design(sizes=(1e8, 1e9), n_seeds=1, n_checkpoints=1)).runs

    start = prepare(SPEC, small)

    assert start.batch.layout.n_obs.tolist() == [2] * n_families
    assert all(np.all(np.isfinite(values)) for values in vars(start.centring).values())
    assert all(np.all(np.isfinite(values)) for values in vars(start.moments).values())
    assert np.all(np.isfinite(start.grid.weight))


def test_the_start_lies_where_the_families_are(simulation, small_runs):
    start = prepare(SPEC, small_runs)

    truth = simulation.families.to_numpy()[:, :6]
    sd = np.sqrt(np.diagonal(start.moments.covariance, axis1=1, axis2=2))
    off = (start.centring.mean_origin - truth) / sd
    assert np.abs(off).max() < 4
    assert np.sqrt(np.mean(off**2)) < 1.5
    assert np.all(sd < prior_population(SPEC).sd[:6])


def test_a_population_that_is_given_stays(small_runs):
    given = prior_population(SPEC)

    assert prepare(SPEC, small_runs, given).population is given


def test_a_population_that_is_not_given_moves_towards_the_families():
    simulated = simulate(8, seed=3)
    low = replace(SPEC.priors.parameters["log_E"], location=0.0, location_sd=1.0)
    spec = replace(SPEC, priors=SPEC.priors.with_(log_E=low))

    start = prepare(spec, simulated.runs)

    truth = simulated.families["log_E"].mean()
    assert start.population.mean[0] == pytest.approx(truth, abs=0.15)
    assert abs(truth - low.location) > 0.4


def test_the_population_of_the_start_is_the_mode_of_what_its_families_say():
    start, vector = prepare(SPEC, simulate(20, seed=8).runs), SPEC.population_vector
    moments, p = start.moments, vector.n_mean
    params, _ = SPEC.mean.from_coordinates(np, list(np.moveaxis(moments.origin, -1, 0)), start.batch.ends)
    means = np.concatenate([np.stack(params, axis=-1), moments.scale_mean], axis=1)
    covariances = np.zeros((*means.shape, vector.n_family))
    covariances[:, :p, :p], covariances[:, p:, p:] = moments.covariance, moments.scale_covariance

    families = Families.of_moments(means, covariances, start.batch.data)
    _, slope = expected_density(vector, families, vector.to_standard(vector.pack(start.population)))

    assert np.abs(slope).max() < 0.05


# --- a linear law, where all of it is exact ---------------------------------------------------


@pytest.fixture(scope="module")
def linear_runs():
    design = Design(sizes=(5e7, 4e8, 3e9), n_seeds=2, n_checkpoints=8)
    return one_in_bits(simulate(3, design=design, seed=11).runs)


@pytest.fixture(scope="module")
def start(linear_runs):
    return prepare(replace(LINEAR_SPEC, robust=False), linear_runs, linear_population())


@pytest.fixture(scope="module")
def families(start) -> list[LinearFamily]:
    return [LinearFamily.of(start, label) for label in start.batch.layout.families]


@pytest.fixture(scope="module")
def elsewhere(start):
    """The same, linearised at another point: it must not matter."""
    now = start.moments
    population = start.population
    return linearise(
        start.batch,
        now.origin + 0.05,
        now.scale_mean,
        now.scale_covariance,
        population.mean[-2:],
        population.sd[-2:],
    )


def test_slopes_are_those_of_the_equation(start):
    whitened = [
        block.transform[:, : block.rows.stop - block.rows.start].T
        @ slopes(start.batch.layout.frame)[block.rows]
        for block in start.batch.blocks
    ]

    gram = np.stack([one.T @ one for one in whitened])
    np.testing.assert_allclose(start.centring.gram, gram, rtol=1e-6, atol=1e-6 * np.abs(gram).max())


@pytest.mark.parametrize("where", ["start", "elsewhere"])
def test_the_evidence_is_the_integral_by_brute_force(where, start, families, elsewhere):
    centring = start.centring if where == "start" else elsewhere

    found = family_moments(start.batch, centring, start.population)

    nodes = np.stack(np.meshgrid(NODES, NODES), axis=-1).reshape(-1, 2)
    for place, family in enumerate(families):
        scales = centring.scale_mode[place] + nodes @ centring.scale_factor[place].T
        log_density = [family.evidence(one) for one in scales]
        area = (NODES[1] - NODES[0]) ** 2 * np.prod(np.diag(centring.scale_factor[place]))
        assert found.log_evidence[place] == pytest.approx(logsumexp(log_density) + np.log(area), abs=1e-5)


def test_few_nodes_are_enough(start, families):
    """The evidence and the moments against a grid that is wide and fine; they are a start, and no result."""
    grid = fine_grid(start.population)
    cell = np.prod(grid[-1] - grid[0]) / 20**2

    for place, family in enumerate(families):
        fine = logsumexp([family.evidence(one) for one in grid]) + np.log(cell)
        mean, covariance = family.moments(grid)
        sd = np.sqrt(np.diag(covariance))
        assert start.moments.log_evidence[place] == pytest.approx(fine, abs=0.3)
        centre = np.concatenate([start.moments.origin[place], start.moments.scale_mean[place]])
        np.testing.assert_array_less(np.abs(centre - mean) / sd, 0.5)
        np.testing.assert_allclose(np.sqrt(np.diag(start.moments.covariance[place])), sd[:4], rtol=0.6)
        found = np.diag(start.moments.scale_covariance[place]) - SCALE_VARIANCE_FLOOR
        np.testing.assert_allclose(np.sqrt(found), sd[4:], rtol=0.6)


def test_moments_of_the_parameters_are_those_of_the_normal_posterior(start, families):
    nodes = np.stack(np.meshgrid(NODES, NODES), axis=-1).reshape(-1, 2)
    centring = start.centring

    found = family_moments(start.batch, centring, start.population)

    for place, family in enumerate(families):
        scales = centring.scale_mode[place] + nodes @ centring.scale_factor[place].T
        mean, covariance = family.moments(scales)
        np.testing.assert_allclose(found.origin[place], mean[:4], rtol=1e-5)
        np.testing.assert_allclose(found.covariance[place], covariance[:4, :4], rtol=1e-4, atol=1e-9)
        np.testing.assert_allclose(found.scale_mean[place], mean[4:], rtol=1e-6)
        floor = SCALE_VARIANCE_FLOOR * np.eye(2)
        np.testing.assert_allclose(
            found.scale_covariance[place] - floor, covariance[4:, 4:], rtol=1e-4, atol=1e-7
        )


def test_the_grid_of_scales_has_their_posterior(start, families):
    grid = scale_grid(start.batch, start.centring, start.population)

    middles = ScaleGrid.middles(grid.low, grid.step)
    for weight, family in zip(grid.weight, families, strict=True):
        log_density = np.array([family.evidence(one) for one in middles])
        np.testing.assert_allclose(weight, np.exp(log_density - logsumexp(log_density)), atol=2e-4)


def test_the_population_s_own_density_counts(start, families):
    """A family far from the population has less evidence by what the normal density says."""
    wide = Population(start.population.mean, 3 * start.population.sd, start.population.correlation_factor, 4)

    found = family_moments(start.batch, start.centring, wide).log_evidence

    nodes = np.stack(np.meshgrid(NODES, NODES), axis=-1).reshape(-1, 2)
    for place, family in enumerate(families):
        other = replace(
            family,
            population=wide.widened(start.batch.layout.roughness[start.batch.layout.rough_kind[place]]),
        )
        scales = start.centring.scale_mode[place] + nodes @ start.centring.scale_factor[place].T
        area = (NODES[1] - NODES[0]) ** 2 * np.prod(np.diag(start.centring.scale_factor[place]))
        expected = logsumexp([other.evidence(one) for one in scales]) + np.log(area)
        assert found[place] == pytest.approx(expected, abs=1e-5)
