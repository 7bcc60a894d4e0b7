from __future__ import annotations

import numpy as np

from bayes_scaling.baselines.variable_projection import fit_variable_projection
from bayes_scaling.random_features import FamilyDesign, PowerLawTask, simulate_families

DESIGN = FamilyDesign(widths=(8, 16, 32), times=(3.0, 30.0, 300.0), n_seeds=2, noise=0.5, n_modes=256)


def test_each_pair_is_a_family_with_its_irreducible_loss():
    runs = simulate_families([(1.5, 1.5), (2.0, 1.7), (1.5, 1.5)], DESIGN, seed=1)

    assert len(runs.families) == 3
    assert runs.n_runs == 3 * 3 * 2
    by_family = runs.frame.groupby("family")["loss"]
    floors = [0.5 * PowerLawTask(a, b).initial_loss for a, b in ((1.5, 1.5), (2.0, 1.7), (1.5, 1.5))]
    labels = ("a1.5-b1.5-0", "a2-b1.7-1", "a1.5-b1.5-2")
    for label, floor in zip(labels, floors, strict=True):
        assert floor < by_family.min()[label] < by_family.max()[label] < 3 * floor


def test_families_of_equal_decays_are_independent_and_a_seed_repeats_them():
    first, again = (simulate_families([(1.5, 1.5), (1.5, 1.5)], DESIGN, seed=2) for _ in range(2))

    assert first == again
    one, other = (first.select(family).frame["loss"].to_numpy() for family in first.families)
    assert not np.isclose(one, other).any()


def test_an_additive_law_describes_the_mean_of_many_seeds_closely_but_not_within_their_error():
    design = FamilyDesign(n_modes=512, widths=(16, 32, 64, 128), n_seeds=40)
    losses = simulate_families([(1.6, 1.6)], design, seed=0).frame.groupby(["n_params", "n_tokens"])["loss"]
    points = losses.mean().reset_index()
    error = (losses.std() / np.sqrt(40) / losses.mean()).to_numpy()
    columns = [points[name].to_numpy() for name in ("n_params", "n_tokens", "loss")]

    residuals = np.log(columns[2] / fit_variable_projection(*columns).loss(*columns[:2]))

    assert residuals.std() < 0.05
    assert np.abs(residuals / error).max() > 5.0
