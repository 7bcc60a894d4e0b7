from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bayes_scaling.errors import InputError
from bayes_scaling.inference import ImportanceSettings, NutsSettings, check_importance, importance
from bayes_scaling.memorisation import (
    ImportanceWarning,
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


# --- by importance sampling ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def weighed(simulated):
    return fit_profile(simulated.panel, method="importance", seed=1)


@pytest.fixture(scope="module")
def sizes_weighed(sizes_simulated):
    panel = sizes_simulated.panel
    return fit_profile(panel, panel.models[:-1], method="importance", seed=1)


def test_importance_sampling_reports_how_well_it_did(weighed, sizes_weighed):
    for one in (weighed, sizes_weighed):
        assert one.convergence.pareto_k < 0.7
        assert one.convergence.ess_min > 400
        assert not check_importance(one.convergence)


def test_importance_sampling_agrees_with_nuts(fit, weighed, sizes_fit, sizes_weighed):
    for by_nuts, by_importance in ((fit, weighed), (sizes_fit, sizes_weighed)):
        assert_same_draws(by_nuts.parameters[list(by_importance.parameters)], by_importance.parameters)
        assert_same_draws(by_nuts.effects.draws.to_dataset(), by_importance.effects.draws.to_dataset())


def assert_same_draws(expected, found):
    """Means to a fifth of the posterior standard deviation, and standard deviations to 15 %."""
    dims = ("chain", "draw")
    sd = expected.std(dims).drop_vars("mean_sd", errors="ignore")
    apart = (found.mean(dims) - expected.mean(dims)) / sd
    assert abs(apart).max().to_array().max() < 0.2
    assert abs(found.std(dims) / sd - 1.0).max().to_array().max() < 0.15


def test_a_larger_model_is_predicted_alike_from_either(sizes_fit, sizes_weighed):
    by_nuts, by_importance = (
        predict_profile(one, 6.9e9, label="x").table() for one in (sizes_fit, sizes_weighed)
    )

    np.testing.assert_allclose(by_importance["estimate"], by_nuts["estimate"], atol=0.2 * by_nuts["se"].min())
    np.testing.assert_allclose(by_importance["se"], by_nuts["se"], rtol=0.2)


def test_importance_sampling_gives_the_same_draws_for_the_same_seed(simulated):
    few = ImportanceSettings(draws=300, proposals=3000)
    one, two, other = (
        fit_profile(simulated.panel, method="importance", settings=few, seed=seed) for seed in (1, 1, 2)
    )

    xr.testing.assert_identical(one.effects.draws, two.effects.draws)
    assert not np.allclose(one.effects.draws, other.effects.draws)


def test_proposals_that_miss_the_posterior_are_warned_of(sizes_simulated, monkeypatch):
    monkeypatch.setattr(importance, "LEAST_CURVATURE", 1e4)  # proposals as narrow as a hundredth of the prior
    poor = ImportanceSettings(draws=150, proposals=1000, rounds=0)

    with pytest.warns(ImportanceWarning) as caught:
        fit_profile(sizes_simulated.panel, method="importance", settings=poor, seed=1)
    told = [str(warning.message) for warning in caught]
    assert told[0].startswith("error: pareto_k: ")
    assert all('method="nuts"' in message for message in told)


def test_an_unknown_method_is_refused(simulated):
    with pytest.raises(InputError, match="method 'laplace'; expected one of nuts, importance") as caught:
        fit_profile(simulated.panel, method="laplace")
    assert caught.value.code == "unknown_method"


def test_settings_of_another_method_are_refused(simulated):
    with pytest.raises(InputError, match="NutsSettings for method 'importance'") as caught:
        fit_profile(simulated.panel, method="importance", settings=SHORT)
    assert caught.value.code == "bad_argument"
