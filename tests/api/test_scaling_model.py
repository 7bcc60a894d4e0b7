from __future__ import annotations

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.laws import CHINCHILLA

MODEL = bs.ScalingModel()
NARROW = bs.ScalarPrior(location=-1.0, location_sd=0.1, spread=0.1, spread_factor=1.2, reason="for a test")


# --- the description --------------------------------------------------------------------------


def test_a_name_and_a_law_make_the_same_model():
    assert bs.ScalingModel("chinchilla") == bs.ScalingModel(law=CHINCHILLA) == MODEL
    assert hash(bs.ScalingModel("chinchilla")) == hash(MODEL)


@pytest.mark.parametrize(
    "other",
    [
        bs.ScalingModel(priors=bs.weak_priors(CHINCHILLA).with_(log_alpha=NARROW)),
        bs.ScalingModel(max_checkpoints=5),
        "chinchilla",
    ],
    ids=["priors", "assumptions", "no model"],
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
    assert repr(MODEL) == "<ScalingModel chinchilla, priors weak, chinchilla>"


def test_assumptions_reach_the_description():
    spec = bs.ScalingModel(max_checkpoints=5, min_progress=0.3).spec

    assert (spec.max_checkpoints, spec.min_progress) == (5, 0.3)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"law": "chinchila"}, "unknown_law"),
        ({"max_checkpoint": 5}, "bad_argument"),
        ({"max_checkpoints": 0}, "bad_argument"),
        ({"priors": bs.Priors({"log_alpha": NARROW})}, "priors_of_another_law"),
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
    predicted = MODEL.prior_predictive(small_runs, n_draws=200, seed=1)

    assert len(predicted) == len(small_runs)
    assert "loss" not in predicted.points
    assert set(predicted.table["source"]) == {"population"}
    assert predicted.draws.sizes["draw"] == 200


def test_the_prior_expects_losses_of_language_models_and_not_just_any(small_runs):
    interval = MODEL.prior_predictive(small_runs, n_draws=1000).interval(0.9)

    loss = small_runs.frame["loss"].to_numpy()
    assert np.all((loss > interval["lower"]) & (loss < interval["upper"]))
    assert interval["upper"].max() < 20
    assert interval["lower"].min() > 0.5


def test_the_prior_does_not_see_the_losses(small_runs):
    other = small_runs.frame
    other["loss"] *= 2

    seen, unseen = (
        MODEL.prior_predictive(table, n_draws=50).draws
        for table in (small_runs, bs.RunTable.from_frame(other))
    )

    np.testing.assert_array_equal(seen, unseen)
