"""The hierarchical model as one forecaster among others: what reaches it, and what it hands back."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.api import HierarchicalForecaster, ScalingModel, forecaster
from bayes_scaling.baselines import Forecaster
from bayes_scaling.errors import Findings
from bayes_scaling.evaluation import run_backtest
from bayes_scaling.inference import LaplaceSettings, NutsSettings
from bayes_scaling.prediction import predict
from tests.made_up_posterior import SPEC, made_up_posterior

MODEL = ScalingModel(priors="weak")
POINTS = pd.DataFrame(
    {
        "family": ["apple", "apple", "pear"],
        "run": ["large", "large", "other"],
        "n_params": [1e10, 1e10, 2e10],
        "n_tokens": [5e10, 1e11, 1e11],
        "n_tokens_total": 1e11,
    }
)


@pytest.fixture
def fits(monkeypatch) -> list:
    """The arguments of each fit; the posterior is a made-up one."""
    seen = []

    def pretend(*arguments, **options):
        seen.append((arguments, options))
        return made_up_posterior()

    monkeypatch.setattr(forecaster, "fit_posterior", pretend)
    return seen


def test_it_is_a_forecaster():
    assert isinstance(HierarchicalForecaster(MODEL), Forecaster)
    assert HierarchicalForecaster(MODEL).name == "hierarchical"


def test_its_draws_are_those_of_new_runs(fits, small_runs):
    forecast = HierarchicalForecaster(MODEL).forecast(small_runs, POINTS, seed=4)

    expected = predict(made_up_posterior(), POINTS, kind="run", seed=4).draws
    np.testing.assert_array_equal(forecast.draws, expected.to_numpy().reshape(-1, 3))
    assert not forecast.is_point


def test_it_hands_on_what_the_sampler_said(fits, small_runs):
    forecast = HierarchicalForecaster(MODEL).forecast(small_runs, POINTS, seed=4)

    assert isinstance(forecast.notes, Findings)
    assert forecast.diagnostics["fit_seconds"] == 1.5
    assert forecast.diagnostics["n_divergent"] == 0
    assert forecast.diagnostics["r_hat_max"] == pytest.approx(1, abs=0.01)
    assert forecast.diagnostics["ess_min"] > 400


@pytest.mark.parametrize("settings", [NutsSettings(draws=50, chains=1), LaplaceSettings(thin=2)])
def test_settings_and_seed_reach_the_fit(fits, small_runs, settings):
    HierarchicalForecaster(MODEL, settings).forecast(small_runs, POINTS, seed=4)

    ((arguments, options),) = fits
    assert arguments == (SPEC, small_runs, settings)
    assert options["seed"] == 4


def test_the_description_is_that_for_the_training_runs(fits, small_runs):
    other = dataclasses.replace(SPEC, max_checkpoints=2)
    asked = []

    class Chooses:
        def spec_for(self, runs):
            asked.append(runs)
            return other

    HierarchicalForecaster(Chooses()).forecast(small_runs, POINTS, seed=4)

    assert asked == [small_runs]
    assert fits[0][0][:2] == (other, small_runs)


def test_unless_told_otherwise_it_takes_the_fast_path(fits, small_runs):
    HierarchicalForecaster(MODEL).forecast(small_runs, POINTS, seed=4)

    assert fits[0][0][2] == LaplaceSettings()


def test_no_held_out_row_reaches_the_fit(fits, simulation):
    """Not as a row of the training table, and not as a loss among the points."""
    runs = simulation.runs
    held_out = runs.frame[runs.frame["n_params"] > 1e10]

    result = run_backtest(runs, HierarchicalForecaster(MODEL))

    ((arguments, _),) = fits
    train = arguments[1].frame
    assert set(result.table["loss"]) <= set(held_out["loss"])
    assert not set(train["loss"]) & set(held_out["loss"])
    assert train["n_params"].max() < 1e10
    assert len(train) == len(runs) - len(held_out)
