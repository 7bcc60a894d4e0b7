from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation import EffectShape, PanelDesign, PanelNoise, simulate_panel

NO_NOISE = PanelNoise(instance_sd=0.0, noise_sd=0.0, effect_sd=0.0)
EXACT = EffectShape(cohort_slope=0.0, size_sd=0.0, cell_sd=0.0)
DESIGN = PanelDesign(n_checkpoints=5, n_cohorts=3, n_per_cohort=4, n_never=4, sizes=(1e9, 1e10))


def test_the_same_seed_gives_the_same_panel_and_another_seed_another():
    one, two, other = (simulate_panel(DESIGN, seed=seed) for seed in (1, 1, 2))

    pd.testing.assert_frame_equal(one.panel.frame, two.panel.frame)
    assert not np.allclose(one.panel.frame["outcome"], other.panel.frame["outcome"])


def test_the_true_effect_is_the_stated_formula():
    truth = simulate_panel(DESIGN, EXACT, NO_NOISE).truth
    event = truth["event_time"] / 1000
    expected = 0.05 * (truth["n_params"] / 1e9) ** 0.3 * (0.3 + 0.7 / (1 + event))

    np.testing.assert_allclose(truth["tau"], expected)
    assert len(truth) == 2 * (3 + 2 + 1)


def test_without_noise_the_gap_to_the_untreated_is_the_true_effect():
    simulated = simulate_panel(DESIGN, EXACT, NO_NOISE)
    outcomes = simulated.panel.outcomes(simulated.panel.models[0])
    never = np.isnan(outcomes.cohort)
    gap = outcomes.outcome[outcomes.cohort == 2000.0] - outcomes.outcome[never].mean(axis=0)

    np.testing.assert_allclose(gap, np.tile([0, 0, 0.05, 0.0325, 0.05 * (0.3 + 0.7 / 3)], (4, 1)), atol=1e-12)


def test_noise_has_the_stated_scale_and_autocorrelation():
    design = PanelDesign(n_checkpoints=3, n_cohorts=1, n_per_cohort=2, n_never=20_000)
    noise = PanelNoise(instance_sd=0.0, noise_sd=0.2, autocorrelation=0.6)
    outcomes = simulate_panel(design, noise=noise, seed=1).panel.outcomes()
    untreated = outcomes.outcome[np.isnan(outcomes.cohort)]

    assert untreated.std(axis=0) == pytest.approx([0.2] * 3, rel=0.02)
    assert np.corrcoef(untreated.T)[0, 1] == pytest.approx(0.6, abs=0.02)
    assert np.corrcoef(untreated.T)[0, 2] == pytest.approx(0.36, abs=0.02)


def test_treatment_steps_lie_between_checkpoints():
    outcomes = simulate_panel(DESIGN).panel.outcomes("1e+09")
    delay = (outcomes.cohort - outcomes.treatment_step)[~np.isnan(outcomes.cohort)]

    assert ((delay >= 0) & (delay < 1000)).all()


@pytest.mark.parametrize(
    "options", [{"n_cohorts": 12}, {"n_per_cohort": 1}, {"sizes": ()}, {"sizes": (-1.0,)}]
)
def test_an_impossible_design_is_refused(options):
    with pytest.raises(InputError):
        PanelDesign(**options)
