from __future__ import annotations

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.laws import CHINCHILLA
from bayes_scaling.priors import PopulationFile, make_population_file, population

MODEL = bs.ScalingModel()
WEAK = bs.ScalingModel(priors="weak")
NARROW = bs.ScalarPrior(location=-1.0, location_sd=0.1, spread=0.1, spread_factor=1.2, reason="for a test")


# --- the description --------------------------------------------------------------------------


def test_a_name_and_a_law_make_the_same_model():
    assert bs.ScalingModel("chinchilla") == bs.ScalingModel(law=CHINCHILLA) == MODEL
    assert hash(bs.ScalingModel("chinchilla")) == hash(MODEL)


@pytest.mark.parametrize(
    "other",
    [
        bs.ScalingModel(priors=bs.weak_priors(CHINCHILLA).with_(log_alpha=NARROW)),
        WEAK,
        bs.ScalingModel(max_checkpoints=5),
        bs.ScalingModel(schedule=False),
        "chinchilla",
    ],
    ids=["priors", "priors not left to the table", "assumptions", "schedule", "no model"],
)
def test_another_description_is_another_model(other):
    assert other != MODEL


@pytest.mark.parametrize("name", ["spec", "law", "priors", "anything"])
def test_a_model_cannot_be_changed(name):
    with pytest.raises(AttributeError):
        setattr(MODEL, name, None)


def test_it_prints_itself_in_words():
    assert str(MODEL) == MODEL.describe() == MODEL.spec.describe()
    assert CHINCHILLA.equation in str(MODEL)
    assert repr(MODEL) == "<ScalingModel chinchilla, priors auto>"
    assert repr(WEAK) == "<ScalingModel chinchilla, priors weak>"
    own = bs.weak_priors(CHINCHILLA).with_(log_alpha=NARROW)
    assert repr(bs.ScalingModel(priors=own)) == "<ScalingModel chinchilla, priors weak, chinchilla, changed>"


def test_assumptions_reach_the_description():
    spec = bs.ScalingModel(max_checkpoints=5, min_progress=0.3, schedule=False, robust=False).spec

    assert (spec.max_checkpoints, spec.min_progress, spec.schedule, spec.robust) == (5, 0.3, False, False)
    assert "schedule_gap" not in spec.priors.parameters


# --- which priors -----------------------------------------------------------------------------


@pytest.fixture
def shipped(monkeypatch, small_runs) -> PopulationFile:
    """A population that comes with the package, taught by one family of simulated runs."""
    vector = WEAK.spec.population_vector
    draws = vector.location + np.random.default_rng(0).standard_normal((200, vector.size))
    teachers = small_runs.select("family-1").frame
    made = make_population_file(CHINCHILLA, WEAK.spec.family_parameters, draws, teachers, {})
    monkeypatch.setattr(population, "shipped_population", lambda law: made)
    return made


def test_a_small_table_of_new_families_is_fitted_under_what_others_taught(shipped, small_runs):
    new = small_runs.select(["family-0", "family-2"])

    assert MODEL.spec_for(new).priors == shipped.priors(CHINCHILLA)
    assert MODEL.spec.priors == bs.weak_priors(CHINCHILLA)
    assert bs.ScalingModel(max_checkpoints=4).spec_for(new).max_checkpoints == 4


def test_a_table_that_taught_the_population_is_not_fitted_under_it(shipped, small_runs):
    assert MODEL.spec_for(small_runs) == WEAK.spec


def test_priors_that_are_named_are_those_of_every_table(shipped, small_runs):
    taught = bs.ScalingModel(priors="population")

    assert WEAK.spec_for(small_runs.select("family-0")) is WEAK.spec
    assert taught.spec_for(small_runs) is taught.spec
    assert taught.spec.priors == shipped.priors(CHINCHILLA)


def test_priors_come_from_a_file(shipped, small_runs, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(shipped.to_json())

    model = bs.ScalingModel(priors=str(path))

    assert model.spec_for(small_runs).priors == shipped.priors(CHINCHILLA)
    assert str(path) in repr(model)


def test_the_priors_of_the_table_reach_the_fit_and_the_prior_predictive(shipped, small_runs):
    new = small_runs.select("family-0")

    fitted = MODEL.fit(new, "laplace", progress=False, chains=8, draws=2, tune=2)
    auto, weak = (model.prior_predictive(new, n_draws=50).draws for model in (MODEL, WEAK))

    assert fitted.spec.priors == shipped.priors(CHINCHILLA)
    assert not np.array_equal(auto, weak)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"law": "chinchila"}, "unknown_law"),
        ({"max_checkpoint": 5}, "bad_argument"),
        ({"max_checkpoints": 0}, "bad_argument"),
        ({"priors": bs.Priors({"log_alpha": NARROW})}, "priors_of_another_law"),
        ({"priors": "weakest"}, "unknown_prior"),
        ({"schedule": False, "priors": bs.weak_priors(CHINCHILLA)}, "priors_of_another_law"),
    ],
    ids=str,
)
def test_a_description_that_makes_no_sense_is_one_clear_error(arguments, code):
    with pytest.raises(bs.InputError) as error:
        bs.ScalingModel(**arguments)

    assert error.value.code == code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"method": "laplas"}, "unknown_method"),
        ({"n_draws": 5}, "bad_argument"),
        ({"thin": 2}, "bad_argument"),
        ({"draws": 0}, "bad_argument"),
        ({"seed": -1}, "bad_argument"),
    ],
    ids=str,
)
def test_a_fit_that_makes_no_sense_is_one_clear_error(small_runs, arguments, code):
    with pytest.raises(bs.InputError) as error:
        MODEL.fit(small_runs, progress=False, **arguments)

    assert error.value.code == code


# --- before any fit ---------------------------------------------------------------------------


def test_the_prior_predicts_every_row_without_its_loss(small_runs):
    predicted = WEAK.prior_predictive(small_runs, n_draws=200, seed=1)

    assert len(predicted) == len(small_runs)
    assert "loss" not in predicted.points
    assert set(predicted.table["source"]) == {"population"}
    assert predicted.draws.sizes["draw"] == 200


def test_the_prior_expects_losses_of_language_models_and_not_just_any(small_runs):
    interval = WEAK.prior_predictive(small_runs, n_draws=1000).interval(0.9)

    loss = small_runs.frame["loss"].to_numpy()
    assert np.all((loss > interval["lower"]) & (loss < interval["upper"]))
    assert interval["upper"].max() < 20
    assert interval["lower"].min() > 0.5


def test_the_prior_does_not_see_the_losses(small_runs):
    other = small_runs.frame
    other["loss"] *= 2

    seen, unseen = (
        WEAK.prior_predictive(table, n_draws=50).draws
        for table in (small_runs, bs.RunTable.from_frame(other))
    )

    np.testing.assert_array_equal(seen, unseen)
