"""What families say of a population, by sums that are taken once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_scaling.inference import population_moves
from bayes_scaling.inference.population_density import Families
from bayes_scaling.inference.population_moves import BankedPopulation, FreePopulation
from bayes_scaling.models import ModelSpec, PopulationVector, family_covariance, log_population_density

VECTOR = ModelSpec().population_vector
GUESS = VECTOR.unpack(np, VECTOR.location)
N_CHAINS = 400


def test_sums_give_the_density_of_all_families_also_of_those_with_rough_units():
    spec = ModelSpec()
    vector, rng = spec.population_vector, np.random.default_rng(0)
    n_chains, n_families, p = 3, 7, vector.n_mean
    centre = vector.location[: vector.n_family]
    theta = centre + 0.3 * rng.standard_normal((n_chains, n_families, vector.n_family))
    is_rough, is_foreign = np.arange(n_families) % 3 > 0, np.arange(n_families) % 3 == 2
    roughness = spec.roughness(is_rough, is_foreign, True)
    kinds, kind = np.unique(roughness, axis=0, return_inverse=True)
    data = {"roughness": kinds, "rough_kind": kind}
    families = Families.of(theta, data)

    standard = rng.standard_normal((2, n_chains, vector.size))
    for population in (vector.unpack(np, vector.from_standard(np, one)) for one in standard):
        covariance = family_covariance(np, population, data)
        direct = log_population_density(np, population, covariance, theta[..., :p], theta[..., p:]).sum(
            axis=1
        )
        np.testing.assert_allclose(
            families.log_density(population, families.covariance(population)), direct, rtol=1e-10
        )


@pytest.mark.parametrize("is_correlated", [False, True])
def test_covariances_are_kept_only_where_a_coordinate_leaves_them(is_correlated):
    """Locations leave them under a prior of independent parts; under a correlated one they move spreads too."""
    rng, below = np.random.default_rng(4), np.tril_indices(VECTOR.size, -1)
    factor = VECTOR.factor.copy()
    if is_correlated:
        factor[below] = 0.05 * rng.standard_normal(len(below[0]))
    vector = replace(VECTOR, factor=factor)
    moves = FreePopulation(vector, GUESS, 5, N_CHAINS, rng)
    families = families_of(5)
    old = moves._standing(rng.standard_normal((N_CHAINS, vector.size)), families)

    kept = []
    for position in range(vector.size):
        moved = old.standard[:, [position]] + 1.0
        new = moves._moved(old, np.array([position]), moved, np.full(N_CHAINS, np.inf), families)
        anew = moves._standing(new.standard, families)
        np.testing.assert_allclose(new.value, anew.value, rtol=1e-9)
        np.testing.assert_allclose(new.covariance.whitener, anew.covariance.whitener, rtol=1e-9, atol=1e-12)
        kept.append(new.covariance is old.covariance)

    q, p = vector.n_family, vector.n_mean
    # the spreads of run and discrepancy scales stand after those of the mean
    expected = [not is_correlated and (i < q or q + p <= i < 2 * q) for i in range(vector.size)]
    assert kept == expected


def families_of(count: int) -> Families:
    """So many families, the same for each chain."""
    theta = GUESS.mean + 0.3 * np.random.default_rng(1).standard_normal((1, count, VECTOR.n_family))
    data = {"roughness": np.zeros((1, VECTOR.n_mean)), "rough_kind": np.zeros(count, dtype=int)}
    return Families.of(np.tile(theta, (N_CHAINS, 1, 1)), data)


def settled(families: Families) -> np.ndarray:
    """Where chains settle, families held: places (n, H)."""
    moves = FreePopulation(VECTOR, GUESS, families.count, N_CHAINS, np.random.default_rng(2))
    now, seen = moves.begin(), []
    for sweep in range(200):
        now = moves.given_families(now, families)
        if sweep >= 100 and sweep % 5 == 0:
            seen.append(now.copy())
    return np.concatenate(seen)


@pytest.mark.parametrize(
    ("count", "one", "other"),
    [
        pytest.param(20, {}, {"MOST_BLOCKS": 9}, id="steps of several coordinates at once"),
        pytest.param(2, {"MUCH": 2.0}, {"MUCH": 0.0}, id="drawn anew too, several at once"),
        pytest.param(2, {"MUCH": 2.0}, {"MUCH": 0.0, "NEWS_A_BLOCK": 0.3}, id="drawn anew too, one by one"),
    ],
)
def test_the_population_is_the_same_however_it_is_moved(monkeypatch, count, one, other):
    """Given families; only the way there differs."""
    families, found = families_of(count), []
    for constants in (one, other):
        for name, value in constants.items():
            monkeypatch.setattr(population_moves, name, value)
        found.append(settled(families))

    sd = found[0].std(axis=0)
    np.testing.assert_array_less(np.abs(found[1].mean(axis=0) - found[0].mean(axis=0)) / sd, 0.15)
    np.testing.assert_allclose(found[1].std(axis=0), sd, rtol=0.12)


def test_a_population_that_one_family_says_little_of_is_drawn_anew_in_few_blocks(monkeypatch):
    """Not coordinate by coordinate: that is what a single new family costs."""
    known = PopulationVector(VECTOR.n_family, VECTOR.n_mean, VECTOR.location, 0.15 * VECTOR.factor)
    theta = GUESS.mean + np.zeros((N_CHAINS, 1, VECTOR.n_family))
    data = {"roughness": np.zeros((1, VECTOR.n_mean)), "rough_kind": np.zeros(1, dtype=int)}
    one = Families.of(theta, data)
    asked = []
    monkeypatch.setattr(
        Families, "log_density", lambda self, population, covariance: asked.append(0) or np.zeros(N_CHAINS)
    )
    moves = FreePopulation(known, GUESS, 1, N_CHAINS, np.random.default_rng(3))
    now = moves.begin()

    moved = moves.given_families(now, one)

    assert len(asked) <= 9
    assert np.all(moved != now)


def test_a_population_that_is_all_but_known_has_one_block_left():
    """News of it rounds to nothing."""
    pinned = PopulationVector(VECTOR.n_family, VECTOR.n_mean, VECTOR.location, 1e-9 * VECTOR.factor)
    moves = FreePopulation(pinned, GUESS, 2, N_CHAINS, np.random.default_rng(4))

    moved = moves.given_families(np.zeros((N_CHAINS, VECTOR.size)), families_of(2))

    assert np.isfinite(moved).all()
    assert moved.std() == pytest.approx(1.0, abs=0.05)  # drawn anew


def test_about_half_of_the_steps_with_families_move_locations_of_the_mean_alone():
    rng = np.random.default_rng(6)
    moves = FreePopulation(VECTOR, GUESS, 5, N_CHAINS, rng)
    now = rng.standard_normal((N_CHAINS, VECTOR.size))

    step = moves.propose(now)[0] - now

    is_alone = (step[:, VECTOR.n_mean :] == 0).all(axis=1)
    assert 0.4 < is_alone.mean() < 0.6
    assert (step[:, : VECTOR.n_mean] != 0).all()
    assert (step[~is_alone] != 0).all()
    # few coordinates go further at once
    lengths = np.abs(step[:, : VECTOR.n_mean]).mean(axis=1)
    assert lengths[is_alone].mean() > 1.5 * lengths[~is_alone].mean()


def correlated_vector() -> PopulationVector:
    """A prior in which locations and spreads go together, as a posterior's."""
    factor = VECTOR.factor.copy()
    below = np.tril_indices(VECTOR.size, -1)
    factor[below] = 0.02 * np.random.default_rng(7).standard_normal(len(below[0]))
    return replace(VECTOR, factor=factor)


@pytest.mark.parametrize("vector", [VECTOR, correlated_vector()], ids=["independent", "correlated"])
def test_shifts_keep_a_population_of_which_nothing_is_known_under_its_prior(vector):
    n_chains, rng = 4000, np.random.default_rng(8)
    moves = FreePopulation(vector, GUESS, 3, n_chains, rng)
    first = now = rng.standard_normal((n_chains, vector.size))

    for _ in range(60):
        shift = moves.shifted(now)
        better = np.log(rng.random(n_chains)) < shift.log_gain
        now = np.where(better[:, None], shift.standard, now)

    np.testing.assert_allclose(now.mean(axis=0), 0, atol=0.08)
    np.testing.assert_allclose(np.cov(now.T), np.eye(vector.size), atol=0.1)
    locations = [vector.from_standard(np, one)[:, : vector.n_mean] for one in (first, now)]
    kept = [np.corrcoef(*(part[:, i] for part in locations))[0, 1] for i in range(vector.n_mean)]
    assert np.max(np.abs(kept)) < 0.6


def test_a_shift_is_of_locations_of_the_mean_by_what_it_says():
    rng = np.random.default_rng(9)
    vector = correlated_vector()
    moves = FreePopulation(vector, GUESS, 3, N_CHAINS, rng)
    now = rng.standard_normal((N_CHAINS, vector.size))

    shift = moves.shifted(now)

    moved = vector.from_standard(np, shift.standard) - vector.from_standard(np, now)
    np.testing.assert_allclose(moved[:, : vector.n_mean], shift.step, atol=1e-10)
    np.testing.assert_allclose(moved[:, vector.n_mean :], 0, atol=1e-10)
    assert ((shift.step != 0).sum(axis=1) == 1).mean() > 0.45


def test_the_draws_of_another_fit_are_not_shifted():
    moves = BankedPopulation(VECTOR, np.zeros((2, VECTOR.size)), N_CHAINS, np.random.default_rng(10))

    assert moves.shifted(moves.begin()) is None
