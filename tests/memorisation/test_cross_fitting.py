from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.memorisation import (
    EffectShape,
    PanelDesign,
    PanelNoise,
    efficient_effects,
    read_panel,
    simulate_panel,
)

SMALL = PanelDesign(n_checkpoints=6, n_cohorts=4, n_per_cohort=10, n_never=20)


def own_scores(effects):
    """What each instance adds with the weights that it had a say in."""
    means = effects.means
    return np.einsum("kni,ni->nk", effects.estimator.operator[:, means.group], means.residuals)


@pytest.mark.parametrize("effect_sd", [0.0, 1.0])
def test_scores_are_those_under_the_weights_of_the_others(effect_sd):
    """Left out for good, with another fit of all; instances of like and of unlike effects."""
    panel = simulate_panel(SMALL, noise=PanelNoise(effect_sd=effect_sd), seed=2).panel
    effects, labels = efficient_effects(panel).effects, panel.frame["instance"].unique()
    means, own = effects.means, own_scores(effects)
    expected = []
    for label, group, residuals in zip(labels, means.group, means.residuals, strict=True):
        others = efficient_effects(read_panel(panel.frame[panel.frame["instance"] != label])).effects
        expected.append(others.estimator.operator[:, group] @ residuals)
    change, expected_change = effects.estimator.scores - own, np.array(expected) - own

    assert np.corrcoef(change.ravel(), expected_change.ravel())[0, 1] > 0.9
    assert (change * expected_change).sum() / (expected_change**2).sum() == pytest.approx(1.0, abs=0.2)


def test_standard_errors_are_as_large_as_the_errors_of_estimated_weights():
    """Given residuals, the error has the variance that the true covariance gives the estimated weights."""
    noise = PanelNoise()
    lag = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    covariance = noise.instance_sd**2 + noise.noise_sd**2 * noise.autocorrelation**lag
    true, told, with_own_weights = [], [], []
    for seed in range(40):
        panel = simulate_panel(SMALL, EffectShape(instantaneous=0.0), noise, seed=seed).panel
        effects = efficient_effects(panel).effects
        operator, n = effects.estimator.operator, effects.means.sizes
        n_of = n[effects.means.group][:, None]
        true.append((np.einsum("kgi,ij,kgj->kg", operator, covariance, operator) / n).sum(axis=1).mean())
        told.append((effects.se**2).mean())
        with_own_weights.append((own_scores(effects) ** 2 / (n_of * (n_of - 1.0))).sum(axis=0).mean())

    assert np.mean(with_own_weights) < 0.95 * np.mean(true)
    assert np.mean(told) == pytest.approx(np.mean(true), rel=0.04)


def test_weights_that_are_not_estimated_need_no_correction():
    """One checkpoint before training: nothing to choose."""
    panel = simulate_panel(PanelDesign(n_checkpoints=4, n_cohorts=3), seed=1).panel
    frame = panel.frame
    first = read_panel(frame[frame["treatment_step"].isna() | (frame["treatment_step"] <= 1000)])
    effects = efficient_effects(first).effects

    np.testing.assert_allclose(effects.estimator.scores, own_scores(effects), atol=1e-10)
