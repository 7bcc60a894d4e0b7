"""Predictions from draws that are known, so that each can be computed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayes_scaling import InputError
from bayes_scaling.inference import Posterior, draw_prior
from bayes_scaling.prediction import draws as drawing
from bayes_scaling.prediction import make_points, predict
from bayes_scaling.prediction.predict import MAX_RUN_POINTS, extrapolation_decades
from tests.made_up_posterior import SPEC, made_up_draws, made_up_posterior
from tests.simulate import fresh_tokens, true_loss

N_PARAMS, N_TOKENS = 1e10, 5e11


def points(**columns) -> pd.DataFrame:
    """Points of the family apple at one size and length, unless told otherwise."""
    return make_points(
        pd.DataFrame({"family": "apple", "n_params": N_PARAMS, "n_tokens": N_TOKENS} | columns)
    )


def one_point(**columns) -> pd.DataFrame:
    return points(**{name: [value] for name, value in ({"family": "apple"} | columns).items()})


def log_draws(posterior, at: pd.DataFrame, **options) -> np.ndarray:
    """Log loss, shape (n_draws, n_points)."""
    return np.log(predict(posterior, at, **options).draws.to_numpy().reshape(posterior.n_draws, -1))


@pytest.fixture(scope="module")
def posterior():
    return made_up_posterior()


# --- fitted families --------------------------------------------------------------------------


@pytest.mark.parametrize("family", [0, 1], ids=["apple", "pear"])
def test_the_mean_of_a_fitted_family_is_its_law_with_its_discrepancy(family):
    draws, log_unit = made_up_draws(), (0.0, 0.7)
    posterior = made_up_posterior(draws, log_unit=log_unit)

    found = log_draws(posterior, one_point(family=posterior.families[family]), kind="mean")[:, 0]

    theta = draws["theta_family"][:, :, family].to_numpy().reshape(2000, -1)
    weights = draws["discrepancy_weights"][:, :, family].to_numpy().reshape(2000, -1)
    law = true_loss(pd.DataFrame(theta, columns=SPEC.family_parameters), N_PARAMS, N_TOKENS)
    features = SPEC.basis.features(np.log([N_PARAMS]), np.log([N_TOKENS]))[0]
    np.testing.assert_allclose(found, np.log(law) + weights @ features + log_unit[family], rtol=1e-12)


@pytest.mark.parametrize("n_params", [1e9, 1e11])
def test_a_run_adds_its_own_scale_to_the_mean_and_large_runs_less(posterior, n_params):
    at = one_point(n_params=n_params)

    path = log_draws(posterior, at, kind="run") - log_draws(posterior, at, kind="mean")

    scale = np.exp(posterior.draws["theta_family"].sel(family="apple", parameter="log_run_sd")).to_numpy()
    standard = path[:, 0] / scale.ravel() / (n_params / 1e9) ** -SPEC.run_size_exponent
    assert standard.mean() == pytest.approx(0, abs=4 / np.sqrt(2000))
    assert standard.std() == pytest.approx(1, rel=4 / np.sqrt(2 * 2000))


def test_the_mean_is_narrower_than_a_run(posterior):
    at = points(n_tokens=np.geomspace(1e10, 1e13, 5), family=["apple", "pear", "new", "apple", "other"])

    mean, run = (predict(posterior, at, kind=kind).table["sd"] for kind in ("mean", "run"))

    # a new family's sd is a few times larger than a run's: there the difference is within the noise of draws
    assert np.all((mean < run)[[0, 1, 3]])
    np.testing.assert_array_less(mean, 1.05 * run)


# --- schedules and repeats --------------------------------------------------------------------


@pytest.mark.parametrize("family", ["apple", "new"])
def test_a_run_that_has_not_decayed_lies_above_its_end_by_its_share_of_the_gap(posterior, family):
    at = points(family=family, n_tokens=5e11, n_tokens_total=[5e11, 1e12, np.nan])

    decayed, half_way, of_unknown_length = log_draws(posterior, at, kind="mean").T

    sampler = drawing.PredictiveSampler(posterior, at, "mean", 0)
    gap = sampler.family_draws(family).theta[:, SPEC.family_parameters.index("schedule_gap")]
    np.testing.assert_allclose(half_way - decayed, 0.5 * gap, atol=1e-12)
    np.testing.assert_allclose(of_unknown_length, decayed, rtol=1e-12)


def test_a_logged_learning_rate_is_compared_with_the_peak_of_the_training_rows(posterior):
    tree = posterior.idata.copy()
    constants = tree["constant_data"].to_dataset().assign(peak_learning_rate=("family", [1e-3, np.nan]))
    tree["constant_data"] = xr.DataTree(constants)
    logged = Posterior(posterior.spec, tree)
    at = points(
        family=["apple", "apple", "pear"],
        n_tokens=5e11,
        n_tokens_total=1e12,
        learning_rate=[2.5e-4, np.nan, 2.5e-4],
    )

    rise = log_draws(logged, at, kind="mean") - log_draws(
        logged, at.drop(columns=["learning_rate", "n_tokens_total"]), kind="mean"
    )

    # a quarter of the peak; not logged, or no peak known: half-way along a cosine
    gap = posterior.draws["theta_family"].sel(parameter="schedule_gap").to_numpy().reshape(-1, 2)
    np.testing.assert_allclose(rise, gap[:, [0, 0, 1]] * [0.25, 0.5, 0.5], atol=1e-12)


def test_repeated_tokens_are_worth_less_and_wear_out(posterior):
    at = points(n_tokens=4e11, n_unique_tokens=[4e11, 1e11, np.nan, 1e13])

    once, four_times, unknown, not_all = log_draws(posterior, at, kind="mean").T

    fresh = fresh_tokens(np.array([4e11]), 1e11).item()
    as_fresh = log_draws(posterior, one_point(n_tokens=fresh), kind="mean")[:, 0]
    weights = posterior.draws["discrepancy_weights"][:, :, 0].to_numpy().reshape(posterior.n_draws, -1)
    place = np.log([N_PARAMS]), np.log([fresh])
    worn = SPEC.basis.features(*place, np.log(4e11 / fresh)) - SPEC.basis.features(*place)
    np.testing.assert_allclose(four_times, as_fresh + weights @ worn[0], rtol=1e-12)
    assert np.ptp(weights @ worn[0]) > 1e-4
    np.testing.assert_allclose(unknown, once, rtol=1e-12)
    np.testing.assert_allclose(not_all, once, rtol=1e-12)
    assert np.all(as_fresh > once)


# --- runs and their paths ---------------------------------------------------------------------


@pytest.mark.parametrize(("family", "shape"), [("apple", 0), ("pear", 2)])
def test_points_of_one_run_share_a_path(posterior, family, shape):
    tokens = np.array([1e11, 2e11, 1e12])
    at = points(n_tokens=tokens, family=family, run="mine")

    path = log_draws(posterior, at, kind="run") - log_draws(posterior, at, kind="mean")

    expected = SPEC.shapes[shape].correlation(np.log(tokens))
    np.testing.assert_allclose(np.corrcoef(path.T), expected, atol=4 / np.sqrt(2000))


@pytest.mark.parametrize("labels", [{}, {"run": ["one", "two", "three"]}], ids=["no label", "own labels"])
def test_points_of_different_runs_do_not(posterior, labels):
    at = points(n_tokens=[1e11, 1e11, 1e11], **labels)

    path = log_draws(posterior, at, kind="run") - log_draws(posterior, at, kind="mean")

    np.testing.assert_allclose(np.corrcoef(path.T), np.eye(3), atol=5 / np.sqrt(2000))


def test_a_run_label_in_two_families_is_two_runs(posterior):
    at = points(family=["apple", "pear"], run="same")

    path = log_draws(posterior, at, kind="run") - log_draws(posterior, at, kind="mean")

    assert np.corrcoef(path.T)[0, 1] == pytest.approx(0, abs=5 / np.sqrt(2000))


def test_a_path_too_long_to_be_drawn_is_refused(posterior):
    many = points(n_tokens=np.geomspace(1e9, 1e12, MAX_RUN_POINTS + 1), run="mine")

    with pytest.raises(InputError, match=r"every n-th checkpoint") as error:
        predict(posterior, many)

    assert error.value.code == "too_many_points"


# --- new families -----------------------------------------------------------------------------


def test_rows_of_one_new_family_share_its_draw(posterior):
    at = points(family=["new", "new", "other"])

    mean = log_draws(posterior, at, kind="mean")

    np.testing.assert_allclose(mean[:, 0], mean[:, 1], rtol=1e-12)
    assert np.corrcoef(mean[:, 0], mean[:, 2])[0, 1] == pytest.approx(0, abs=5 / np.sqrt(2000))


def test_a_new_family_is_a_draw_from_the_population(posterior):
    # at the reference point with shares near zero, log loss is log E but for shares and discrepancy
    names = list(SPEC.family_parameters)
    draws = made_up_draws()
    for quiet in ("log_size_share", "log_data_share", "log_discrepancy_sd"):
        draws["population_mean"][..., names.index(quiet)] = -25.0
        draws["population_sd"][..., names.index(quiet)] = 1e-6

    found = log_draws(
        made_up_posterior(draws), one_point(family="new", n_params=1e9, n_tokens=2e10), kind="mean"
    )

    mean, sd = (
        draws[name][..., names.index("log_E")].to_numpy().ravel()
        for name in ("population_mean", "population_sd")
    )
    standard = (found[:, 0] - mean) / sd
    assert standard.mean() == pytest.approx(0, abs=4 / np.sqrt(2000))
    assert standard.std() == pytest.approx(1, rel=4 / np.sqrt(2 * 2000))


def test_correlations_of_the_population_reach_a_new_family():
    names = list(SPEC.mean.parameter_names)
    size, alpha = names.index("log_size_share"), names.index("log_alpha")
    draws = made_up_draws()
    draws["mean_correlation"][..., size, alpha] = draws["mean_correlation"][..., alpha, size] = 0.9

    family = drawing.PredictiveSampler(made_up_posterior(draws), one_point(), "mean", 0).family_draws("new")

    standard = (family.theta - draws["population_mean"].to_numpy().reshape(2000, -1)) / draws[
        "population_sd"
    ].to_numpy().reshape(2000, -1)
    expected = np.eye(8)
    expected[size, alpha] = expected[alpha, size] = 0.9
    np.testing.assert_allclose(np.corrcoef(standard.T), expected, atol=5 / np.sqrt(2000))


def test_a_new_family_has_the_path_shape_of_some_fitted_one():
    posterior = made_up_posterior(path_shape=(0, 2))

    shapes = drawing.PredictiveSampler(posterior, one_point(), "run", 0).family_draws("new").shape_index

    assert np.bincount(shapes, minlength=3)[1] == 0
    assert np.mean(shapes == 0) == pytest.approx(0.5, abs=0.05)


def test_the_prior_alone_predicts_too():
    prior = draw_prior(SPEC, n_draws=500)

    table = predict(prior, points(family=["one", "two"])).table

    assert table["source"].tolist() == ["population", "population"]
    assert table["extrapolation_decades"].isna().all()
    assert np.all(table["lower"] < table["upper"])


# --- what the table says beside ---------------------------------------------------------------


def test_the_table_says_which_families_were_fitted(posterior):
    table = predict(posterior, points(family=["apple", "new", "pear"])).table

    assert table["source"].tolist() == ["posterior", "population", "posterior"]


@pytest.mark.parametrize(
    ("n_params", "n_tokens", "decades"),
    [
        (3e8, 3e10, 0.0),
        (1e10, 3e10, 1.0),
        (1e6, 3e10, 2.0),
        (3e8, 1e9, 1.0),
        (1e12, 1e15, 5.0),
    ],
    ids=["inside", "larger", "smaller", "shorter", "both"],
)
@pytest.mark.parametrize("family", ["apple", "new"])
def test_distance_from_the_data_is_in_decades(posterior, family, n_params, n_tokens, decades):
    table = predict(posterior, one_point(family=family, n_params=n_params, n_tokens=n_tokens)).table

    assert table["extrapolation_decades"].item() == pytest.approx(decades, abs=1e-9)


@pytest.mark.parametrize(("family", "decades"), [("apple", 1.0), ("pear", 0.0), ("new", 0.0)])
def test_a_family_is_measured_by_its_own_rows_and_a_new_one_by_all(posterior, family, decades):
    observed = posterior.observed
    observed.loc[observed["family"] == "pear", "n_params"] *= 100

    found = extrapolation_decades(observed, one_point(family=family, n_params=1e10, n_tokens=1e11))

    assert found == pytest.approx([decades], abs=1e-9)


def test_the_share_of_the_prior_is_one_for_a_new_family_and_small_for_a_fitted_one(posterior):
    share = predict(posterior, points(family=["apple", "new", "pear"])).table["prior_share"]

    assert share[1] == 1.0
    assert np.all((share >= 0) & (share <= 1))
    assert np.all(share[[0, 2]] < 0.2)


def test_a_family_that_taught_nothing_has_the_prior_for_its_share():
    draws = made_up_draws()
    rng = np.random.default_rng(5)
    mean, sd = (draws[name].to_numpy() for name in ("population_mean", "population_sd"))
    draws["theta_family"][:, :, 0] = mean + sd * rng.standard_normal(mean.shape)
    scale = np.exp(draws["theta_family"].sel(family="apple", parameter="log_discrepancy_sd")).to_numpy()
    draws["discrepancy_weights"][:, :, 0] = scale[..., None] * rng.standard_normal(
        (4, 500, SPEC.basis.n_features)
    )

    share = predict(made_up_posterior(draws), points(family=["apple", "pear"])).table["prior_share"]

    assert share[0] == pytest.approx(1.0, abs=0.35)  # a ratio of variances from 200 draws
    assert share[1] < 0.2


# --- seeds and blocks -------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["apple", "new"])
def test_seeds_reproduce_and_differ(posterior, family):
    at = points(family=family, n_params=[1e9, 1e10])

    first, again, other = (log_draws(posterior, at, seed=seed) for seed in (1, 1, 2))

    np.testing.assert_array_equal(first, again)
    assert not np.any(first == other)


def test_what_lies_in_one_block_and_what_in_many_agree(posterior, monkeypatch):
    rng = np.random.default_rng(0)
    at = points(
        n_params=np.exp(rng.uniform(20, 25, 300)),
        family=rng.choice(["apple", "pear", "new"], 300),
        run=rng.choice([f"run-{number}" for number in range(40)], 300),
    )
    whole = log_draws(posterior, at, kind="mean")
    paths = log_draws(posterior, at, kind="run") - whole

    monkeypatch.setattr(drawing, "BLOCK_ELEMENTS", 20_000)  # ten points
    parts = log_draws(posterior, at, kind="mean")
    few_paths = log_draws(posterior, at, kind="run") - parts

    np.testing.assert_allclose(parts, whole, rtol=1e-12)
    same_run = (at["family"] + at["run"]).to_numpy()
    for label in np.unique(same_run)[:5]:
        for one in (paths, few_paths):
            correlation = np.corrcoef(one[:, same_run == label].T)
            assert np.min(correlation) > 0.2  # the offset of a run, at the least


@pytest.mark.parametrize("size", [1, 3, 10, 1000])
def test_blocks_keep_the_points_of_a_run_together(posterior, size):
    labels = np.random.default_rng(1).choice([f"run-{number}" for number in range(9)], 50)
    sampler = drawing.PredictiveSampler(posterior, points(run=labels), "run", 0)

    blocks = sampler._whole_runs(np.arange(50), size)

    longest = np.unique(labels, return_counts=True)[1].max()
    assert sorted(np.concatenate(blocks)) == list(range(50))
    assert max(map(len, blocks)) < size + longest
    assert sum(len(np.unique(labels[block])) for block in blocks) == 9


@pytest.mark.parametrize("size", [1, 3, 10, 1000])
def test_blocks_of_points_without_runs_are_of_one_size(posterior, size):
    sampler = drawing.PredictiveSampler(posterior, points(n_tokens=np.geomspace(1e9, 1e10, 50)), "run", 0)

    blocks = sampler._whole_runs(np.arange(50), size)

    assert sorted(np.concatenate(blocks)) == list(range(50))
    assert max(map(len, blocks)) <= size


# --- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"kind": "median"}, "bad_kind"),
        ({"prob": 0.0}, "bad_prob"),
        ({"prob": 1.0}, "bad_prob"),
        ({"prob": 90}, "bad_prob"),
        ({"seed": -1}, "bad_argument"),
        ({"seed": "x"}, "bad_argument"),
    ],
    ids=str,
)
def test_an_argument_that_makes_no_sense_is_refused(posterior, options, code):
    with pytest.raises(InputError) as error:
        predict(posterior, one_point(), **options)

    assert error.value.code == code
