"""What families say of a population, by sums that are taken once."""

from __future__ import annotations

import numpy as np

from bayes_scaling.inference import population_moves
from bayes_scaling.inference.population_moves import Families, FreePopulation
from bayes_scaling.models import ModelSpec, log_population_density


def test_sums_give_the_density_of_all_families_also_of_those_with_rough_units():
    spec = ModelSpec()
    vector, rng = spec.population_vector, np.random.default_rng(0)
    n_chains, n_families, p = 3, 7, vector.n_mean
    centre = vector.location[: vector.n_family]
    theta = centre + 0.3 * rng.standard_normal((n_chains, n_families, vector.n_family))
    is_rough, is_foreign = np.arange(n_families) % 3 > 0, np.arange(n_families) % 3 == 2
    roughness = spec.roughness(is_rough, is_foreign)
    kinds, kind = np.unique(roughness, axis=0, return_inverse=True)
    data = {"roughness": kinds, "rough_kind": kind}
    families = Families.of(theta, data)

    standard = rng.standard_normal((2, n_chains, vector.size))
    for population in (vector.unpack(np, vector.from_standard(np, one)) for one in standard):
        direct = log_population_density(np, population, theta[..., :p], theta[..., p:], data).sum(axis=1)
        np.testing.assert_allclose(families.log_density(population), direct, rtol=1e-10)


def test_blocks_of_coordinates_lead_where_single_ones_do(monkeypatch):
    """To the same population given families; only the way there differs."""
    spec = ModelSpec()
    vector, rng = spec.population_vector, np.random.default_rng(1)
    theta = vector.location[: vector.n_family] + 0.3 * rng.standard_normal((1, 20, vector.n_family))
    n_chains = 400
    data = {"roughness": np.zeros((1, vector.n_mean)), "rough_kind": np.zeros(20, dtype=int)}
    families = Families.of(np.tile(theta, (n_chains, 1, 1)), data)
    guess = vector.unpack(np, vector.location)

    found = []
    for most in (population_moves.MOST_BLOCKS, 9):
        monkeypatch.setattr(population_moves, "MOST_BLOCKS", most)
        moves = FreePopulation(vector, guess, 20, n_chains, np.random.default_rng(2))
        assert len(moves._blocks()) == min(most, vector.size)
        now, seen = moves.begin(), []
        for sweep in range(200):
            now = moves.given_families(now, families)
            if sweep >= 100 and sweep % 5 == 0:
                seen.append(now.copy())
        found.append(np.concatenate(seen))
    sd = found[0].std(axis=0)
    np.testing.assert_array_less(np.abs(found[0].mean(axis=0) - found[1].mean(axis=0)) / sd, 0.15)
    np.testing.assert_allclose(found[1].std(axis=0), sd, rtol=0.1)
