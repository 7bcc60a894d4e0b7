"""The effect of size at equal loss: found where it is, not found where it is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from bayes_scaling.datasets import load_dataset, load_table
from bayes_scaling.errors import InputError
from bayes_scaling.trajectories import ScorePrior, fit_size_effect, leave_one_size_out
from bayes_scaling.trajectories.score_curve import build_regression, natural_spline
from bayes_scaling.trajectories.score_evidence import grid_posteriors
from tests.trajectories.conftest import law

SMALL_GRID = ScorePrior(noise_sds=(0.05, 0.1, 0.2), run_sds=(0.0, 0.1, 0.3), drift_sds=(0.0, 0.1))


def simulated_scores(gamma: float, run_sd: float = 0.05, seed: int = 0) -> pd.DataFrame:
    """Six sizes of 15 checkpoints with a sigmoid of the loss, a run offset and noise."""
    rng, frames = np.random.default_rng(seed), []
    for size in (1e8, 4e8, 1.5e9, 7e9, 3e10, 1.5e11):
        loss = law(size, np.geomspace(5e9, 3e11, 15))
        logit = -3.0 * (loss - 2.7) + gamma * (np.log10(size) - 9.5) + run_sd * rng.standard_normal()
        frames.append(pd.DataFrame({"run": f"{size:g}", "n_params": size, "loss": loss, "logit": logit}))
    table = pd.concat(frames, ignore_index=True)
    return table.assign(task=special.expit(table["logit"] + 0.1 * rng.standard_normal(len(table))))


def test_an_effect_comes_back_with_its_sign_and_evidence():
    effect = fit_size_effect(simulated_scores(0.5), "task", prior=SMALL_GRID)

    assert effect.quantile(0.05) < 0.5 < effect.quantile(0.95)
    assert effect.prob_below(0.0) < 0.01
    assert effect.log_bayes_factor > 2.0
    assert effect.prob_none < 0.15


def test_without_an_effect_the_data_speak_against_one():
    effects = [
        fit_size_effect(simulated_scores(0.0, seed=seed), "task", prior=SMALL_GRID) for seed in range(8)
    ]

    assert np.median([effect.log_bayes_factor for effect in effects]) < -0.3
    assert np.mean([effect.quantile(0.05) < 0.0 < effect.quantile(0.95) for effect in effects]) > 0.7


def test_intervals_hold_effects_drawn_from_the_prior():
    rng, inside = np.random.default_rng(1), []
    for seed in range(40):
        gamma, run_sd = 0.3 * rng.standard_normal(), rng.choice(SMALL_GRID.run_sds)
        effect = fit_size_effect(simulated_scores(gamma, run_sd, seed), "task", prior=SMALL_GRID)
        inside.append(effect.quantile(0.05) <= gamma <= effect.quantile(0.95))

    assert 0.77 <= np.mean(inside) <= 1.0


def test_many_checkpoints_of_runs_that_differ_do_not_make_an_effect_certain():
    """With offsets of half a logit between six runs, the standard deviation is that of six points."""
    effect = fit_size_effect(
        simulated_scores(0.0, run_sd=0.4, seed=3), "task", prior=ScorePrior(run_sds=(0.4,), drift_sds=(0.0,))
    )

    assert effect.sd > 0.1


def test_the_evidence_is_the_density_of_the_dense_normal():
    prior = ScorePrior(noise_sds=(0.1,), run_sds=(0.2,), drift_sds=(0.15,))
    regression = build_regression(simulated_scores(0.2), "task", prior)
    same = (regression.runs[:, None] == regression.runs).astype(float)
    path = np.exp(-np.abs(regression.x[:, None] - regression.x) / prior.drift_length)
    errors = 0.01 * np.eye(len(same)) + 0.04 * same + 0.15**2 * same * path

    for columns, posterior in zip(
        (regression.without_size, slice(None)),
        grid_posteriors(regression, np.ones(len(same), dtype=bool), prior),
        strict=True,
    ):
        design, sds = regression.design[:, columns], regression.prior_sds[columns]
        total = errors + design * sds**2 @ design.T
        assert posterior.log_evidence == pytest.approx(
            stats.multivariate_normal.logpdf(regression.response, cov=total), abs=1e-6
        )
        gain = (sds**2)[:, None] * design.T @ np.linalg.inv(total)
        np.testing.assert_allclose(posterior.mean, gain @ regression.response, atol=1e-6)


def test_the_spline_is_straight_beyond_its_knots_and_smooth_at_them():
    x, knots = np.linspace(-4.0, 4.0, 1601), np.array([-1.0, -0.2, 0.5, 1.0])
    columns = natural_spline(x, knots)
    bend = np.gradient(np.gradient(columns, x, axis=0), x, axis=0)

    outside = (np.abs(x) > 1.05) & (np.abs(x) < 3.9)
    np.testing.assert_allclose(bend[outside], 0.0, atol=1e-6)
    assert np.abs(np.diff(bend, axis=0)).max() < 0.06
    assert columns.shape[1] == len(knots)


def test_leaving_sizes_out_finds_the_model_that_made_the_scores():
    flat, sloped = (
        leave_one_size_out(simulated_scores(gamma, 0.02), "task", prior=SMALL_GRID) for gamma in (0.0, 0.8)
    )

    assert flat["n_rows"].tolist() == [15] * 6
    assert flat["log_density"].sum() > flat["log_density_with_size"].sum()
    assert sloped["log_density_with_size"].sum() > sloped["log_density"].sum() + 3.0
    assert sloped["rmse_with_size"].mean() < sloped["rmse"].mean()


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop(columns="loss"),
        lambda table: table.assign(task=100.0 * table["task"]),
        lambda table: table.assign(task=table["task"].where(table.index > 0)),
        lambda table: table.assign(n_params=1e9),
        lambda table: table.head(5),
    ],
)
def test_tables_that_cannot_be_used_are_input_errors(change):
    with pytest.raises(InputError) as error:
        fit_size_effect(change(simulated_scores(0.0)), "task")

    assert error.value.code == "bad_scores"


def test_two_sizes_are_too_few_to_leave_one_out():
    table = simulated_scores(0.0)

    with pytest.raises(InputError) as error:
        leave_one_size_out(table[table["n_params"] < 1e9], "task")

    assert error.value.code == "too_few_sizes"


def test_priors_that_make_no_sense_are_input_errors():
    for wrong in ({"noise_sds": (0.0,)}, {"run_sds": ()}, {"size_sd": -1.0}):
        with pytest.raises(InputError):
            ScorePrior(**wrong)


def test_opt_scores_follow_perplexity_whatever_the_size_on_most_tasks(mirror):
    """arXiv:2212.09803, section 6: accuracy follows perplexity, independent of size."""
    runs = load_dataset("colpret", mirror, ["opt"]).frame[["run", "n_params", "n_tokens", "loss"]]
    scores = load_table("colpret", "opt-scores", mirror).drop(columns="run")
    table = scores.merge(runs, on=["n_params", "n_tokens"])
    tasks = [name for name in table if name.startswith("bigbench__")]
    table[tasks] = table[tasks] / 100.0

    evidence = {task: fit_size_effect(table, task).log_bayes_factor for task in tasks}

    assert len(table) == 142
    assert sum(value < 0.0 for value in evidence.values()) == 5
    assert max(evidence, key=evidence.get) == "bigbench__codelinedescription"
