from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bayes_scaling.errors import InputError
from bayes_scaling.inference import NutsSettings
from bayes_scaling.memorisation import (
    aggregate_effects,
    difference_in_differences,
    fit_profile,
    predict_profile,
    read_panel,
)

KEY = ["model", "cohort", "checkpoint"]
SHORT = NutsSettings(draws=400, tune=300, target_accept=0.9)


@pytest.fixture(scope="module")
def fit(simulated):
    return fit_profile(simulated.panel, settings=SHORT, seed=1)


@pytest.fixture(scope="module")
def sizes_fit(sizes_simulated):
    panel = sizes_simulated.panel
    return fit_profile(panel, panel.models[:-1], settings=SHORT, seed=1)


def test_it_converges(fit, sizes_fit):
    for one in (fit, sizes_fit):
        assert one.convergence.r_hat_max < 1.02
        assert one.convergence.n_divergent < 0.01 * 1600


def test_pooling_is_closer_and_sharper_than_plain_differences(fit, simulated):
    did = difference_in_differences(simulated.panel).table().merge(simulated.truth, on=KEY)
    pooled = fit.effects.table().merge(simulated.truth, on=KEY)

    assert len(pooled) == len(did) == 21
    assert (pooled["upper"] - pooled["lower"]).mean() < 0.8 * (did["upper"] - did["lower"]).mean()
    assert ((pooled["estimate"] - pooled["tau"]) ** 2).mean() < ((did["estimate"] - did["tau"]) ** 2).mean()
    assert ((pooled["lower"] < pooled["tau"]) & (pooled["tau"] < pooled["upper"])).mean() > 0.7


def test_summaries_have_the_same_rows_as_those_of_the_estimators(fit, simulated):
    plain = aggregate_effects(difference_in_differences(simulated.panel), "cohort", n_draws=100)
    pooled = fit.effects.summary("cohort")

    assert pooled.columns.tolist() == plain.columns.tolist()
    assert pooled["cohort"].tolist() == plain["cohort"].tolist()
    assert (pooled["band_upper"] > pooled["upper"]).all()
    assert ((pooled["estimate"] - plain["estimate"]).abs() < 3 * plain["se"]).all()


def test_bands_hold_whole_draws_as_often_as_they_say(fit):
    bands = fit.effects.summary("instantaneous", level=0.8)
    draws = fit.effects.draws.to_numpy().reshape(-1, len(fit.effects.keys))
    own = draws[:, (fit.effects.keys["event_time"] == 0).to_numpy()]
    inside = ((own >= bands["band_lower"].to_numpy()) & (own <= bands["band_upper"].to_numpy())).all(axis=1)

    assert inside.mean() == pytest.approx(0.8, abs=0.01)


def test_the_same_seed_gives_the_same_draws(sizes_fit):
    one, two, other = (predict_profile(sizes_fit, 6.9e9, seed=seed).draws for seed in (1, 1, 2))

    xr.testing.assert_identical(one, two)
    assert not np.allclose(one, other)


def test_a_larger_model_is_predicted(sizes_fit, sizes_simulated):
    largest = sizes_simulated.panel.models[-1]
    cells = predict_profile(sizes_fit, 6.9e9, label=largest).table().merge(sizes_simulated.truth, on=KEY)

    assert len(cells) == 10
    assert np.corrcoef(cells["estimate"], cells["tau"])[0, 1] > 0.8
    assert ((cells["lower"] < cells["tau"]) & (cells["tau"] < cells["upper"])).mean() >= 0.7


def test_a_model_farther_away_is_less_certain(sizes_fit):
    near, far = (predict_profile(sizes_fit, size, label="x").table() for size in (1.5e9, 1e12))

    relative = [(table["se"] / table["estimate"].abs()).mean() for table in (near, far)]
    assert relative[1] > 1.5 * relative[0]


def test_a_size_between_is_about_as_its_neighbours(sizes_fit):
    between = predict_profile(sizes_fit, 7.6e8, label="x").summary("overall")["estimate"].iloc[0]
    overall = sizes_fit.effects.summary("overall")

    assert overall["model"].tolist() == ["7e+07", "4.1e+08", "1.4e+09"]
    assert 0.6 * overall["estimate"].iloc[1] < between < 1.4 * overall["estimate"].iloc[2]


def test_the_size_of_a_fitted_model_has_its_profile(sizes_fit):
    predicted = predict_profile(sizes_fit, 1.4e9, label="x").table()
    fitted = sizes_fit.effects.table()
    fitted = fitted[fitted["model"] == "1.4e+09"]

    np.testing.assert_allclose(predicted["estimate"], fitted["estimate"], atol=0.2 * fitted["se"].min())
    np.testing.assert_allclose(predicted["se"], fitted["se"], rtol=0.15)


def test_one_model_predicts_no_other(fit):
    with pytest.raises(InputError) as caught:
        predict_profile(fit, 1e10)
    assert caught.value.code == "no_sizes"


@pytest.mark.parametrize(("size", "label"), [(-1.0, "x"), (np.nan, "x"), (1e10, "7e+07")])
def test_an_impossible_prediction_is_refused(sizes_fit, size, label):
    with pytest.raises(InputError) as caught:
        predict_profile(sizes_fit, size, label=label)
    assert caught.value.code == "bad_argument"


def test_several_models_without_sizes_are_refused(sizes_simulated):
    panel = read_panel(sizes_simulated.panel.frame.drop(columns="n_params"))

    with pytest.raises(InputError) as caught:
        fit_profile(panel)
    assert caught.value.code == "no_sizes"
