from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation import (
    EffectShape,
    PanelDesign,
    PanelNoise,
    difference_in_differences,
    difference_in_means,
    read_panel,
    simulate_panel,
)

KEY = ["model", "cohort", "checkpoint"]


@pytest.fixture
def by_hand():
    """Cohort 20 has outcomes (1, 3, 9), (3, 5, 15); the untreated (0, 1, 2), (2, 2, 2), (4, 3, 5)."""
    outcomes = {"a": (1, 3, 9), "b": (3, 5, 15), "x": (0, 1, 2), "y": (2, 2, 2), "z": (4, 3, 5)}
    rows = [
        (name, step, 20.0 if name in "ab" else np.nan, float(value))
        for name, values in outcomes.items()
        for step, value in zip((0, 10, 20), values, strict=True)
    ]
    return read_panel(pd.DataFrame(rows, columns=["instance", "checkpoint", "treatment_step", "outcome"]))


def test_the_difference_in_means_by_hand(by_hand):
    table = difference_in_means(by_hand).table()

    # means of the cohort 2, 4, 12 and of the untreated 2, 2, 3
    np.testing.assert_allclose(table["estimate"], [0.0, 2.0, 9.0])
    np.testing.assert_allclose(table["se"] ** 2, [2 / 2 + 4 / 3, 2 / 2 + 1 / 3, 18 / 2 + 3 / 3])


def test_the_difference_in_differences_by_hand(by_hand):
    table = difference_in_differences(by_hand).table()

    # less the gap of 2 at checkpoint 10; at checkpoint 0 a placebo
    np.testing.assert_allclose(table["estimate"], [-2.0, 7.0])
    assert table["checkpoint"].tolist() == [0.0, 20.0]
    assert table["is_post"].tolist() == [False, True]
    # changes after the baseline: 6, 10 and 1, 0, 2; before it: -2, -2 and -1, 0, 1
    np.testing.assert_allclose(table["se"] ** 2, [0 / 2 + 1 / 3, 8 / 2 + 1 / 3])


def test_intervals_are_those_of_welch(by_hand):
    """Against SciPy's test of two samples with different variances."""
    effect = difference_in_differences(by_hand).table(level=0.95).iloc[1]
    welch = stats.ttest_ind([6.0, 10.0], [1.0, 0.0, 2.0], equal_var=False).confidence_interval(0.95)

    np.testing.assert_allclose([effect["lower"], effect["upper"]], [welch.low, welch.high])


@pytest.mark.parametrize("level", [0.0, 1.0, 90, np.nan])
def test_a_level_is_a_share(by_hand, level):
    with pytest.raises(InputError) as caught:
        difference_in_differences(by_hand).table(level)
    assert caught.value.code == "bad_argument"


def test_both_are_equal_when_baselines_are_equal():
    simulated = simulate_panel(noise=PanelNoise(instance_sd=0.3), seed=2)
    frame = simulated.panel.frame
    # every group has the same mean at every checkpoint before its own: nothing to subtract
    cohort = simulated.panel.outcomes().cohort.repeat(12)
    before = np.isnan(cohort) | (frame["checkpoint"] < cohort)
    group = pd.Series(cohort).fillna(-1.0)
    centred = frame["outcome"] - frame["outcome"].groupby([group, frame["checkpoint"]]).transform("mean")
    panel = read_panel(frame.assign(outcome=frame["outcome"].where(~before, centred)))

    did, means = difference_in_differences(panel).table(), difference_in_means(panel).table()
    both = did.merge(means, on=KEY)
    np.testing.assert_allclose(both["estimate_x"], both["estimate_y"], atol=1e-12)


def test_exactly_parallel_trends_give_the_exact_effect_with_no_uncertainty():
    noise = PanelNoise(instance_sd=1.0, noise_sd=0.0, effect_sd=0.0)
    simulated = simulate_panel(noise=noise, seed=4)
    table = difference_in_differences(simulated.panel).table()
    both = table.merge(simulated.truth, on=KEY)

    np.testing.assert_allclose(both["estimate"], both["tau"], atol=1e-12)
    np.testing.assert_allclose(table.loc[~table["is_post"], "estimate"], 0.0, atol=1e-12)
    np.testing.assert_allclose(table["se"], 0.0, atol=1e-7)


def test_instance_effects_hurt_the_difference_in_means_alone():
    shape = EffectShape()
    quiet, loud = (
        simulate_panel(shape=shape, noise=PanelNoise(instance_sd=sd), seed=5).panel for sd in (0.1, 5.0)
    )

    np.testing.assert_allclose(difference_in_differences(quiet).se, difference_in_differences(loud).se)
    assert difference_in_means(loud).se.mean() > 20 * difference_in_means(quiet).se.mean()


def test_intervals_hold_the_truth_as_often_as_they_say():
    inside = []
    for seed in range(30):
        simulated = simulate_panel(PanelDesign(n_checkpoints=6, n_cohorts=4), seed=seed)
        table = difference_in_differences(simulated.panel).table().merge(simulated.truth, on=KEY)
        inside.append(((table["lower"] < table["tau"]) & (table["tau"] < table["upper"])).mean())

    assert np.mean(inside) == pytest.approx(0.9, abs=0.04)


def test_placebo_effects_are_zero_within_their_errors(simulated):
    table = difference_in_differences(simulated.panel).table()
    placebo = table[~table["is_post"]]

    assert len(placebo) == 21
    assert (placebo["estimate"] / placebo["se"]).abs().max() < 3.5


def test_a_cohort_without_baseline_is_left_out():
    frame = simulate_panel(PanelDesign(4, 2, n_per_cohort=4, n_never=3), seed=1).panel.frame
    early = frame["instance"].isin(frame["instance"].unique()[:2])
    panel = read_panel(frame.assign(treatment_step=frame["treatment_step"].mask(early, 0.0)))

    assert sorted(difference_in_differences(panel).keys["cohort"].unique()) == [2000.0, 3000.0]
    assert sorted(difference_in_means(panel).keys["cohort"].unique()) == [0.0, 2000.0, 3000.0]


def test_no_baseline_at_all_is_an_error(by_hand):
    panel = read_panel(by_hand.frame.assign(treatment_step=by_hand.frame["treatment_step"] * 0.0))

    with pytest.raises(InputError) as caught:
        difference_in_differences(panel)
    assert caught.value.code == "no_baseline"


def test_a_lone_instance_is_an_error(by_hand):
    frame = by_hand.frame
    panel = read_panel(frame[frame["instance"] != "b"])

    with pytest.raises(InputError) as caught:
        difference_in_differences(panel)
    assert caught.value.code == "cohort_too_small"
