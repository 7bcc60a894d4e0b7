from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation import (
    PanelDesign,
    PanelNoise,
    aggregate_effects,
    difference_in_differences,
    efficient_effects,
    read_panel,
    simulate_panel,
)
from bayes_scaling.memorisation.group_means import group_means
from bayes_scaling.memorisation.shrinkage import shrunk_covariances

KEY = ["model", "cohort", "checkpoint"]


def test_with_one_checkpoint_before_training_it_is_the_difference_in_differences():
    panel = simulate_panel(PanelDesign(n_checkpoints=4, n_cohorts=3), seed=1).panel
    frame = panel.frame
    only_first = read_panel(frame[frame["treatment_step"].isna() | (frame["treatment_step"] <= 1000)])

    found, did = efficient_effects(only_first).effects, difference_in_differences(only_first)

    np.testing.assert_allclose(found.estimate, did.estimate, atol=1e-10)
    np.testing.assert_allclose(found.se, did.se, rtol=1e-8)


def test_a_cohort_without_baseline_is_left_out_and_changes_nothing():
    frame = simulate_panel(PanelDesign(n_checkpoints=4, n_cohorts=3), seed=1).panel.frame
    early = frame["treatment_step"].fillna(np.inf) <= 1000
    some = frame["instance"].isin(frame.loc[early, "instance"].unique()[:40])
    moved = read_panel(
        frame[early | frame["treatment_step"].isna()].assign(
            treatment_step=frame["treatment_step"].mask(some, 0.0)
        )
    )

    found, did = efficient_effects(moved).effects, difference_in_differences(moved)

    assert found.keys["cohort"].unique().tolist() == [1000.0]
    np.testing.assert_allclose(found.estimate, did.estimate, atol=1e-10)


def test_its_averages_have_the_errors_of_the_averaged_scores(simulated):
    found = efficient_effects(simulated.panel).effects
    table = aggregate_effects(found, "event", n_draws=100)
    means = found.means
    score = found.estimator.scores[:, found.keys["event_time"] == 2000.0].mean(axis=1)
    n = means.sizes[means.group]

    assert table["se"].iloc[2] == pytest.approx(np.sqrt((score**2 / (n * (n - 1.0))).sum()))


def test_it_recovers_exact_effects_exactly(simulated):
    """The estimator, fixed by one panel's scatter, is fed the means of an exact panel."""
    effects = efficient_effects(simulated.panel).effects
    gamma = np.linspace(-3.0, -2.0, 8)
    exact = np.arange(7.0)[:, None] + gamma
    tau = np.arange(1.0, 1.0 + len(effects.cells))
    exact[effects.cells.cohort, effects.cells.column] += tau

    np.testing.assert_allclose(effects.estimator.apply(exact), tau, atol=1e-9)


def test_it_is_sharper_and_still_honest():
    inside, ratio = [], []
    for seed in range(25):
        simulated = simulate_panel(PanelDesign(n_checkpoints=8, n_cohorts=5), seed=seed)
        effects, did = efficient_effects(simulated.panel).effects, difference_in_differences(simulated.panel)
        table = effects.table().merge(simulated.truth, on=KEY, validate="one_to_one")
        inside.append(((table["lower"] < table["tau"]) & (table["tau"] < table["upper"])).mean())
        ratio.append(effects.se.mean() / did.se[did.cells.is_post].mean())

    assert np.mean(inside) == pytest.approx(0.9, abs=0.045)
    assert np.mean(ratio) < 0.9


def test_cohorts_share_the_variance_of_an_instance_as_long_after_training():
    """Own variances would give cohorts with large effects less weight, and all effects would come out too small."""
    design, noise = PanelDesign(n_checkpoints=8, n_cohorts=6), PanelNoise(effect_sd=2.0)
    frame = simulate_panel(design, noise=noise, seed=3).panel.frame
    kept = frame["treatment_step"].isna() | (frame["treatment_step"] > 2000.0)
    kept |= frame["instance"].isin(frame["instance"].unique()[:40])  # half of the first cohort
    found = efficient_effects(read_panel(frame[kept]))
    keys, variance = found.effects.keys, np.diag(found.covariance)
    own = found.effects.se**2 * keys["n_instances"]

    assert np.linalg.eigvalsh(found.covariance).min() > 0
    assert keys["n_instances"].nunique() == 2
    expected = own.groupby(keys["event_time"]).transform("mean")
    np.testing.assert_allclose(variance * keys["n_instances"], expected)
    assert own.groupby(keys["event_time"]).std().max() > 0.1 * own.mean()


def test_models_that_share_instances_share_errors():
    """The same instances are easy to memorise in every model, so errors of two models are correlated."""
    design = PanelDesign(n_checkpoints=6, n_cohorts=4, sizes=(1e9, 4e9))
    found = efficient_effects(simulate_panel(design, noise=PanelNoise(effect_sd=2.0), seed=3).panel)
    sd = np.sqrt(np.diag(found.covariance))
    n_cells = len(sd) // 2
    across = (found.covariance / np.outer(sd, sd))[:n_cells, n_cells:]

    assert len(found.effects.keys["model"].unique()) == 2
    assert np.diag(across).mean() > 0.2


@pytest.mark.parametrize(("effect_sd", "pooled"), [(0.0, True), (3.0, False)])
def test_covariances_are_pooled_as_far_as_groups_are_alike(effect_sd, pooled):
    noise = PanelNoise(effect_sd=effect_sd, noise_sd=0.01)
    means = group_means(simulate_panel(PanelDesign(8, 5, n_per_cohort=40), noise=noise, seed=1).panel)

    shrunk, own = shrunk_covariances(means).covariances, means.covariances
    average = np.tensordot(means.sizes - 1, own, axes=1) / (means.sizes - 1).sum()
    to_pooled, to_own = (np.linalg.norm(shrunk[:-1] - other) for other in (average, own[:-1]))

    assert (to_pooled < to_own) == pooled


def test_more_checkpoints_than_instances_are_refused():
    panel = simulate_panel(PanelDesign(n_checkpoints=12, n_cohorts=2, n_per_cohort=5, n_never=10)).panel

    with pytest.raises(InputError) as caught:
        efficient_effects(panel)
    assert caught.value.code == "too_few_instances"


def test_repeated_outcomes_are_refused():
    panel = simulate_panel(noise=PanelNoise(noise_sd=0.0, effect_sd=0.0)).panel

    with pytest.raises(InputError) as caught:
        efficient_effects(panel)
    assert caught.value.code == "no_noise"


def test_models_of_different_instances_are_not_put_side_by_side(sizes_simulated):
    frame = sizes_simulated.panel.frame
    first = frame["model"].eq(sizes_simulated.panel.models[0])
    panel = read_panel(frame[~(first & frame["instance"].eq("x000000"))])

    with pytest.raises(InputError) as caught:
        efficient_effects(panel)
    assert caught.value.code == "different_instances"
