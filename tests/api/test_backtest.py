"""A back-test from the table of runs to its report."""

from __future__ import annotations

import json

import matplotlib.axes
import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.api import forecaster
from bayes_scaling.evaluation.predictions import CONTRACT_COLUMNS
from bayes_scaling.inference import LaplaceSettings


@pytest.fixture(scope="module")
def back(simulation, small_runs, small_fit) -> bs.Backtest:
    """A back-test whose one fit is at hand already: without the largest size, the runs are those of `small_fit`."""
    asked = []

    def fit_at_hand(spec, runs, settings, **_):
        assert isinstance(settings, LaplaceSettings)  # many fits: the fast path unless told otherwise
        asked.append((spec, runs))
        return small_fit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forecaster, "fit_posterior", fit_at_hand)
        model = bs.ScalingModel(priors="weak")
        result = model.backtest(simulation.runs, "largest-model", seed=1, progress=False)
    assert asked == [(small_fit.spec, small_runs)]
    return result


def test_every_family_is_scored_beside_the_baselines(back, simulation):
    assert back.summary["n_families"] == 3
    assert set(back.summary["baselines"]) == {
        "least-squares",
        "huber-lbfgs",
        "variable-projection",
        "complete-pooling",
    }
    assert back.holdout == "largest-model"
    assert set(back.table["family"]) == set(simulation.families.index)
    assert (back.table["n_params"] == 2e10).all()
    assert (back.table["n_tokens"] >= 0.7e11).all()


def test_simulated_families_are_forecast_well(back):
    assert back.summary["are_median"] < 0.02
    assert back.table["loss"].between(back.table["q05"], back.table["q95"]).mean() >= 0.5
    assert back.summary["n_divergent"] == 0
    assert back.summary["r_hat_max"] < 1.1


def test_it_shows_itself(back):
    assert repr(back).startswith("<back-test largest-model of hierarchical: 3 families")


@pytest.mark.parametrize("name", ["plot_pit", "plot_coverage", "plot_forecasts"])
def test_it_draws_itself(back, name):
    assert isinstance(getattr(back, name)(), matplotlib.axes.Axes)


def test_it_leaves_the_three_files_of_the_contract(back, tmp_path):
    folder = back.save(tmp_path / "out", title="Of three families")

    assert sorted(path.name for path in folder.iterdir()) == [
        "predictions.csv",
        "report.html",
        "summary.json",
    ]
    predictions = pd.read_csv(folder / "predictions.csv")
    assert tuple(predictions)[: len(CONTRACT_COLUMNS)] == CONTRACT_COLUMNS
    np.testing.assert_allclose(predictions["loss"], back.table["loss"])
    assert json.loads((folder / "summary.json").read_text()) == json.loads(json.dumps(back.summary))
    assert "Of three families" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"method": "laplas"}, "unknown_method"),
        ({"n_draws": 5}, "bad_argument"),
        ({"holdout": "smallest"}, "unknown_holdout"),
    ],
    ids=str,
)
def test_a_back_test_that_makes_no_sense_is_one_clear_error(simulation, arguments, code):
    with pytest.raises(bs.InputError) as error:
        bs.ScalingModel().backtest(simulation.runs, progress=False, **arguments)

    assert error.value.code == code
