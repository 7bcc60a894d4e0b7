"""Chains against posteriors that are known in closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_scaling.inference.ensemble import Ensemble
from bayes_scaling.inference.linearised import prepare
from bayes_scaling.inference.population_moves import BankedPopulation, FreePopulation
from bayes_scaling.inference.tangent import linearise
from bayes_scaling.models import ModelSpec, Whitening, build_model
from tests.inference.exact import LinearFamily, fine_grid, linear_population
from tests.laws.linear import LINEAR_SPEC
from tests.simulate import Design, simulate

N_CHAINS = 256
SPEC = replace(LINEAR_SPEC, robust=False)
VECTOR = SPEC.population_vector


def runs_of(n_families: int):
    design = Design(sizes=(5e7, 4e8, 3e9), n_seeds=1, n_checkpoints=8)
    return simulate(n_families, design=design, seed=11).runs


def one_population() -> BankedPopulation:
    """Moves of a population that is known, so that families are independent."""
    standard = VECTOR.to_standard(VECTOR.pack(linear_population()))
    return BankedPopulation(VECTOR, standard[None], N_CHAINS, np.random.default_rng(1))


@pytest.fixture(scope="module")
def start():
    return prepare(SPEC, runs_of(2), linear_population())


@pytest.fixture(scope="module")
def misled(start):
    """The same in coordinates that fit badly: scales elsewhere, and too narrow."""
    now = start.moments
    narrow = linearise(
        start.batch,
        now.origin,
        now.scale_mean + 0.4,
        0.3 * now.scale_covariance,
        start.population.mean[-2:],
        start.population.sd[-2:],
    )
    return replace(start, centring=narrow)


def opened(start):
    """The same of a law that has its chains look further."""

    class OpenLaw(type(SPEC.law)):
        weakly_identified = True

    return replace(start, batch=replace(start.batch, spec=replace(start.batch.spec, law=OpenLaw())))


@pytest.fixture(scope="module")
def wide(misled):
    """The misled ones, looking further."""
    return opened(misled)


def settle(start, n_sweeps: int = 30) -> Ensemble:
    ensemble = Ensemble(start, one_population(), np.random.default_rng(0), N_CHAINS)
    for _ in range(n_sweeps):
        ensemble.sweep()
    return ensemble


def draw(ensemble: Ensemble, n_sweeps: int = 60) -> np.ndarray:
    """Family parameters (S, F, Q) over some sweeps of all chains."""
    seen = []
    for _ in range(n_sweeps):
        ensemble.sweep()
        seen.append(ensemble.state.theta.copy())
    return np.concatenate(seen)


@pytest.mark.parametrize("coordinates", ["start", "misled", "wide"])
def test_chains_settle_to_the_posterior_whatever_their_coordinates(coordinates, request):
    start = request.getfixturevalue(coordinates)
    theta = draw(settle(start))

    for place, label in enumerate(start.batch.layout.families):
        mean, covariance = LinearFamily.of(start, label).moments(fine_grid(start.population))
        sd = np.sqrt(np.diag(covariance))
        np.testing.assert_array_less(np.abs(theta[:, place].mean(axis=0) - mean) / sd, 0.06)
        np.testing.assert_allclose(theta[:, place].std(axis=0), sd, rtol=0.05)
        found = np.corrcoef(theta[:, place].T)
        np.testing.assert_allclose(found, covariance / np.outer(sd, sd), atol=0.06)


def test_families_leave_coordinates_that_claim_too_much_only_by_wide_steps(start, wide):
    """The law's slopes are taken for a thousand times as telling as they are, as behind a break that no run reached."""
    root = np.sqrt(1e3)
    claims = replace(start.centring, gram=root**2 * start.centring.gram, cross=root * start.centring.cross)
    usual, looking = (draw(settle(replace(one, centring=claims))) for one in (start, wide))

    mean, covariance = LinearFamily.of(start, "family-0").moments(fine_grid(start.population))
    sd = np.sqrt(np.diag(covariance))[: VECTOR.n_mean]
    shares = [theta[:, 0, : VECTOR.n_mean].std(axis=0) / sd for theta in (usual, looking)]
    assert shares[0].min() < 0.5
    np.testing.assert_allclose(shares[1], 1.0, atol=0.1)
    off = looking[:, 0, : VECTOR.n_mean].mean(axis=0) - mean[: VECTOR.n_mean]
    np.testing.assert_array_less(np.abs(off) / sd, 0.1)


def test_recentring_moves_the_coordinates_and_not_the_families(misled):
    ensemble = settle(misled)
    theta, density = ensemble.state.theta.copy(), ensemble.state.log_density.copy()
    before = ensemble.centring

    ensemble.recentre()

    assert not np.allclose(ensemble.centring.scale_mode, before.scale_mode, atol=0.05)
    np.testing.assert_allclose(ensemble.state.theta, theta, rtol=1e-6, atol=1e-8)
    # a linear law has the same frame wherever it is linearised
    np.testing.assert_allclose(ensemble.state.log_density, density, rtol=1e-6, atol=1e-6)
    # and the chains go on as well as before
    mean, covariance = LinearFamily.of(misled, "family-0").moments(fine_grid(misled.population))
    off = draw(ensemble)[:, 0].mean(axis=0) - mean
    np.testing.assert_array_less(np.abs(off) / np.sqrt(np.diag(covariance)), 0.06)


def test_coordinates_for_gradients_move_neither_model_nor_families():
    start = prepare(ModelSpec(), runs_of(2))
    moves = FreePopulation(
        start.batch.spec.population_vector, start.population, 2, 16, np.random.default_rng(1)
    )
    ensemble = Ensemble(start, moves, np.random.default_rng(2), 16)
    ensemble.sweep()
    before = ensemble.state

    ensemble.for_gradients()

    after = ensemble.state
    np.testing.assert_allclose(after.theta, before.theta, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(after.log_likelihood, before.log_likelihood, rtol=1e-8)
    assert not np.allclose(after.z, before.z, atol=0.05)
    assert ensemble.spec.law.sharpness < start.batch.spec.law.sharpness
    # a place in the new variables is where the new map puts it
    again = ensemble._at(after.populations, after.z)
    np.testing.assert_allclose(again.theta, after.theta, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(again.log_density, after.log_density, rtol=1e-6, atol=1e-5)


@pytest.fixture(scope="module")
def free() -> Ensemble:
    """Chains that move the population too."""
    start = prepare(SPEC, runs_of(3))
    rng = np.random.default_rng(2)
    moves = FreePopulation(VECTOR, start.population, 3, 64, rng)
    ensemble = Ensemble(start, moves, rng, 64)
    for _ in range(30):
        ensemble.sweep()
    return ensemble


def test_a_state_is_consistent_after_any_number_of_moves(free):
    """What is kept of populations, parameters and density are those that the variables stand for."""
    free.sweep()
    state = free.state

    again = free._at(free._populations(state.populations.standard), state.z)

    np.testing.assert_allclose(again.theta, state.theta, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(again.log_density, state.log_density, rtol=1e-6, atol=1e-6)
    kept, anew = state.populations.prior, again.populations.prior
    np.testing.assert_allclose(kept.population.mean, anew.population.mean, rtol=1e-12)
    np.testing.assert_allclose(kept.covariance.whitener, anew.covariance.whitener, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(kept.precision, anew.precision, rtol=1e-9)
    np.testing.assert_allclose(kept.pull, anew.pull, rtol=1e-9)


def test_all_chains_move_and_all_differ(free):
    before = free.state.theta.copy()
    population = free.state.populations.standard.copy()

    for _ in range(10):
        free.sweep()

    assert np.all(np.any(free.state.theta != before, axis=2))
    assert np.all(np.any(free.state.populations.standard != population, axis=1))
    assert len(np.unique(free.state.theta[:, 0, 0])) == 64


def test_scales_beyond_all_reason_are_never_taken(free):
    z = free.state.z.copy()
    z[:, 0, 0] = 1e6

    refused = free._at(free.state.populations, z)

    assert np.all(np.isneginf(refused.log_density[:, 0]))
    np.testing.assert_allclose(
        refused.log_density[:, 1:], free.state.log_density[:, 1:], rtol=1e-6, atol=1e-6
    )


def test_families_that_were_refused_unseen_are_evaluated_when_the_population_moves(free):
    """Scales beyond reason stand for parameters that are possible, once they have been put back."""
    z = free.state.z.copy()
    z[:, 0, 0] = 1e6
    before, free.state = free.state, free._at(free.state.populations, z)

    free._restate(free.state.populations.standard)
    found, free.state = free.state.log_density, before

    assert np.isfinite(found).all()


@pytest.mark.filterwarnings("ignore:PyTensor could not link to a BLAS")
def test_the_whitening_of_its_draws_makes_a_model_that_can_be_sampled(free):
    whitening = free.whitening(6)

    assert isinstance(whitening, Whitening)
    n_family = len(SPEC.family_parameters)
    assert whitening.population_factor.shape == (VECTOR.size, VECTOR.size)
    assert whitening.family_location.shape == (3, n_family)
    assert whitening.family_factor.shape == (3, n_family, n_family)
    # standardised variables are nearly standard already: that is what they are for
    np.testing.assert_allclose(whitening.family_location, 0, atol=1.0)
    model = build_model(SPEC, free._start.batch.layout, free.centring, whitening)
    assert [variable.name for variable in model.free_RVs] == ["z_population", "z_family"]


def test_tempered_chains_look_around_as_if_data_said_less_and_come_back(start):
    ensemble = settle(opened(start), n_sweeps=1)
    sd = np.sqrt(np.diag(start.population.mean_factor @ start.population.mean_factor.T))

    ensemble.temper(1e-6)
    theta = draw(ensemble, n_sweeps=40)[20 * N_CHAINS :]
    spreads = theta[:, 0, : VECTOR.n_mean].std(axis=0) / sd
    ensemble.temper(1.0)
    for _ in range(30):
        ensemble.sweep()

    np.testing.assert_allclose(spreads, 1.0, atol=0.1)
    mean, covariance = LinearFamily.of(start, "family-0").moments(fine_grid(start.population))
    sd = np.sqrt(np.diag(covariance))
    theta = draw(ensemble)[:, 0]
    np.testing.assert_array_less(np.abs(theta.mean(axis=0) - mean) / sd, 0.06)
    np.testing.assert_allclose(theta.std(axis=0), sd, rtol=0.05)


def of_population(start, n_sweeps: int, n_seen: int, power: float = 1.0) -> np.ndarray:
    """Standard variables (S, H) of a free population over some sweeps, started in one place."""
    rng = np.random.default_rng(5)
    moves = FreePopulation(VECTOR, start.population, len(start.batch.blocks), 64, rng)
    ensemble = Ensemble(start, moves, rng, 64)
    first = np.tile(ensemble.state.populations.standard[:1], (64, 1))
    ensemble._restate(first + 0.05 * rng.standard_normal(first.shape))
    ensemble.temper(power)
    seen = []
    for number in range(n_sweeps):
        ensemble.sweep()
        if number >= n_sweeps - n_seen:
            seen.append(ensemble.state.populations.standard.copy())
    return np.concatenate(seen)


def test_what_all_families_share_and_no_data_tell_is_found_in_few_sweeps_by_shifts(monkeypatch):
    """Data that say nothing, coordinates made for data that do, and a population that starts in one place."""
    start = opened(prepare(SPEC, runs_of(24), linear_population()))
    looking = of_population(start, 5, 2, power=1e-6)
    monkeypatch.setattr(FreePopulation, "shifted", lambda self, now: None)
    without = of_population(start, 5, 2, power=1e-6)

    spreads = [standard[:, : VECTOR.n_mean].std(axis=0) for standard in (looking, without)]
    np.testing.assert_allclose(spreads[0], 1.0, atol=0.3)
    assert spreads[1].max() < 0.6


def test_populations_are_the_same_with_shifts_and_without(start, monkeypatch):
    with_them = of_population(opened(start), 250, 200)
    monkeypatch.setattr(FreePopulation, "shifted", lambda self, now: None)
    without = of_population(opened(start), 250, 200)

    sd = without.std(axis=0)
    np.testing.assert_array_less(np.abs(with_them.mean(axis=0) - without.mean(axis=0)) / sd, 0.12)
    np.testing.assert_allclose(with_them.std(axis=0), sd, rtol=0.1)
