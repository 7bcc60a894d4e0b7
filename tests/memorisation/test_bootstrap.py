from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation import (
    PanelDesign,
    PanelNoise,
    difference_in_differences,
    placebo_p_value,
    read_panel,
    simulate_panel,
    simultaneous_bands,
)
from bayes_scaling.memorisation.bootstrap import largest_deviations


def test_the_bootstrap_has_the_analytic_standard_errors(simulated):
    effects = difference_in_differences(simulated.panel)
    signs = np.random.default_rng(1).integers(0, 2, (4000, len(effects.means.group))) * 2.0 - 1.0

    drawn = effects.estimator.apply(effects.means.perturbed(signs))

    np.testing.assert_allclose(drawn.std(axis=0), effects.se, rtol=0.05)
    np.testing.assert_allclose(drawn.mean(axis=0) / effects.se, 0.0, atol=0.06)


def test_one_effect_alone_deviates_as_a_normal_variable(simulated):
    effects = difference_in_differences(simulated.panel)
    deviations = largest_deviations(
        lambda multipliers: effects.estimator.perturbed(effects.means, multipliers)[:, :1],
        effects.se[:1],
        len(effects.means.group),
        n_draws=4000,
        seed=0,
    )

    assert np.quantile(deviations, 0.9) == pytest.approx(1.645, abs=0.08)


def test_few_instances_have_no_lighter_tails():
    """Random signs would: six of them reach 2.4 standard errors at most."""
    panel = simulate_panel(PanelDesign(n_checkpoints=3, n_cohorts=1, n_per_cohort=3, n_never=3), seed=1).panel
    effects = difference_in_differences(panel)
    deviations = largest_deviations(
        lambda multipliers: effects.estimator.perturbed(effects.means, multipliers)[:, -1:],
        effects.se[-1:],
        len(effects.means.group),
        n_draws=20_000,
        seed=0,
    )

    assert np.quantile(deviations, 0.999) == pytest.approx(3.29, abs=0.2)


def test_bands_are_wider_than_intervals_and_narrower_than_bonferroni(simulated):
    bands = simultaneous_bands(difference_in_differences(simulated.panel), seed=2)
    ratio = (bands["band_upper"] - bands["estimate"]) / bands["se"]

    assert (
        2.0 < ratio.min() < ratio.max() < 3.1
    )  # 21 cells: t of 1 - 0.05 / 21 is 2.9 for 79 to 278 instances


def test_bands_hold_all_effects_at_once_as_often_as_they_say():
    inside = []
    for seed in range(40):
        simulated = simulate_panel(PanelDesign(n_checkpoints=5, n_cohorts=3, n_per_cohort=60), seed=seed)
        bands = simultaneous_bands(difference_in_differences(simulated.panel), n_draws=300, seed=seed)
        bands = bands.merge(simulated.truth, on=["model", "cohort", "checkpoint"])
        inside.append(((bands["band_lower"] < bands["tau"]) & (bands["tau"] < bands["band_upper"])).all())

    assert 0.8 <= np.mean(inside) <= 0.98


def test_the_same_seed_gives_the_same_bands(simulated):
    effects = difference_in_differences(simulated.panel)
    one, two, other = (simultaneous_bands(effects, n_draws=100, seed=seed) for seed in (1, 1, 2))

    pd.testing.assert_frame_equal(one, two)
    assert not one["band_upper"].equals(other["band_upper"])


def test_a_placebo_test_finds_diverging_trends_and_only_those():
    def p_value(gap: float, seed: int) -> float:
        noise = PanelNoise(trend_gap=gap)
        panel = simulate_panel(PanelDesign(n_checkpoints=6, n_cohorts=4), noise=noise, seed=seed).panel
        return placebo_p_value(difference_in_differences(panel), n_draws=300, seed=seed)

    assert p_value(0.01, 0) < 0.01
    level = [p_value(0.0, seed) for seed in range(1000, 1040)]
    assert 0.3 < np.mean(level) < 0.7
    assert np.mean(np.array(level) < 0.1) < 0.25


def test_a_placebo_test_needs_placebos():
    frame = simulate_panel(PanelDesign(2, 1)).panel.frame

    with pytest.raises(InputError) as caught:
        placebo_p_value(difference_in_differences(read_panel(frame)))
    assert caught.value.code == "no_placebo"


def test_too_few_draws_are_refused(simulated):
    with pytest.raises(InputError) as caught:
        simultaneous_bands(difference_in_differences(simulated.panel), n_draws=50)
    assert caught.value.code == "bad_argument"
