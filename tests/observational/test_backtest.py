"""The back-test with a fit that no sampler made: splits, leaks, scores, and the published protocol's point errors."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.datasets import load_table
from bayes_scaling.errors import InputError
from bayes_scaling.evaluation.scores import crps
from bayes_scaling.observational import (
    MULTIPLICATION,
    PERSIAN_QA,
    WORD_UNSCRAMBLE,
    backtest,
    backtest_task,
    hold_out_top,
)
from bayes_scaling.observational.latent_design import design_latent_model
from tests.observational.models import TASK


@pytest.fixture
def seen(monkeypatch, made_up_fit):
    """The task scores that reached each fit, with a made-up posterior in place of sampling."""
    given = []

    def fit(table, task, task_scores, *, n_capabilities, **_):
        given.append(task_scores)
        return made_up_fit(design_latent_model(table, task, task_scores, n_capabilities), n_draws=50)

    monkeypatch.setattr(backtest, "fit_latent", fit)
    return given


def test_models_beyond_the_cut_off_are_held_out(seen, made_up):
    result = backtest_task(made_up.frame, TASK, n_components=2)

    beyond = made_up.frame["flops"] > TASK.cutoff_flops
    assert result.table["run"].tolist() == made_up.frame["run"][beyond].tolist()
    assert result.n_fitted == (~beyond).sum()
    assert np.isnan(seen[0]).tolist() == beyond.tolist()


def test_no_held_out_score_reaches_any_fit(seen, made_up):
    beyond = made_up.frame["flops"] > TASK.cutoff_flops
    changed = made_up.frame.assign(task=made_up.frame["task"].where(~beyond, 1.0 - made_up.frame["task"]))

    first, second = (backtest_task(frame, TASK, n_components=2) for frame in (made_up.frame, changed))

    np.testing.assert_array_equal(seen[0], seen[1])
    forecasts = ["run", "compute", "components", "latent", "q05", "q95"]
    assert first.table[forecasts].equals(second.table[forecasts])
    assert not first.table["observed"].equals(second.table["observed"])


def test_models_of_unknown_compute_are_held_out_and_have_no_compute_forecast(seen, made_up):
    frame = made_up.frame.assign(flops=made_up.frame["flops"].where(made_up.frame["run"] != "model 0"))
    table = backtest_task(frame, TASK, n_components=2).table.set_index("run")

    assert np.isnan(table.loc["model 0", "compute"])
    assert table.drop(index="model 0")["compute"].notna().all()
    assert table["components"].notna().all()


def test_models_without_a_task_score_are_left_out(seen, made_up):
    frame = made_up.frame.assign(task=made_up.frame["task"].where(made_up.frame["run"] != "model 4"))

    assert "model 4" not in set(backtest_task(frame, TASK, n_components=2).table["run"])


def test_the_summary_is_of_normalised_scores(seen, made_up):
    result = backtest_task(made_up.frame, TASK, n_components=2)
    summary, table = result.summary(), result.table
    draws = TASK.normalised(result.fit.predict().select(result.fit.predict().is_held_out).draws)

    assert summary["mse_components"] == pytest.approx(((table["components"] - table["observed"]) ** 2).mean())
    assert summary["crps_compute"] == pytest.approx((table["compute"] - table["observed"]).abs().mean())
    assert summary["crps_latent"] == pytest.approx(crps(draws, table["observed"].to_numpy()).mean())
    raw = made_up.frame.set_index("run").loc[table["run"], "task"]
    assert table["observed"].to_numpy() == pytest.approx((raw.to_numpy() - 0.1) / 0.9)


def test_a_summary_can_be_of_some_models(seen, made_up):
    result = backtest_task(made_up.frame, TASK, n_components=2)
    run = result.table["run"].iloc[0]

    assert result.summary({run})["n_models"] == 1
    with pytest.raises(InputError) as caught:
        result.summary({"nobody"})
    assert caught.value.code == "no_models"


def test_the_best_can_be_held_out_instead(seen, made_up):
    result = backtest_task(made_up.frame, TASK, hold_out=hold_out_top("task", 0.1), n_components=2)

    assert set(result.table["run"]) == set(made_up.frame.nlargest(4, "task")["run"])


def test_one_model_is_held_out_at_least(made_up):
    assert hold_out_top("task", 0.01)(made_up.frame.head(6)).sum() == 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda frame: backtest_task(frame.drop(columns="task"), TASK), "missing_column"),
        (lambda frame: backtest_task(frame[frame["flops"] < 1e22], TASK), "nothing_held_out"),
        (lambda frame: hold_out_top("task", 1.0), "bad_argument"),
    ],
)
def test_a_back_test_that_cannot_be_made_is_refused(made_up, call, code):
    with pytest.raises(InputError) as caught:
        call(made_up.frame)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("task", "components", "compute"),
    [(WORD_UNSCRAMBLE, 4.0e-3, 1.3e-2), (PERSIAN_QA, 3.2e-3, 2.1e-2), (MULTIPLICATION, 9.9e-3, 1.2e-1)],
    ids=lambda value: getattr(value, "column", ""),
)
def test_point_errors_are_near_the_printed_ones(seen, mirror, task, components, compute):
    """The data have changed a little since: 65 models of the first version remain, by a factor of 2 it is the same.

    Not so for subtraction, whose fit hangs on three models with any score: see docs/observational.md.
    """
    frame = load_table("obsscaling", "emergent", mirror)
    summary = backtest_task(frame, task).summary(set(frame.loc[frame["cohort"] == "paper", "run"]))

    assert components / 2 < summary["mse_components"] < components * 2
    assert compute / 2.5 < summary["mse_compute"] < compute * 2.5
    assert summary["mse_components"] < summary["mse_compute"] / 4
