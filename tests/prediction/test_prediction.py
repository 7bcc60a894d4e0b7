"""What can be asked of a prediction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling import InputError
from bayes_scaling.prediction import make_points, predict, prediction
from tests.made_up_posterior import made_up_posterior

POINTS = make_points(
    pd.DataFrame(
        {
            "family": ["pear", "new", "apple", "pear"],
            "n_params": [1e9, 1e10, 1e11, 2e9],
            "n_tokens": [1e11, 1e12, 1e13, 2e11],
            "note": list("abcd"),
        }
    )
)


@pytest.fixture(scope="module")
def predicted():
    return predict(made_up_posterior(), POINTS, prob=0.8)


@pytest.fixture(scope="module")
def flat(predicted) -> np.ndarray:
    """All draws, shape (n_draws, n_points)."""
    return predicted.draws.to_numpy().reshape(-1, len(POINTS))


def test_draws_are_labelled(predicted):
    draws = predicted.draws

    assert draws.dims == ("chain", "draw", "obs")
    assert draws.shape == (4, 500, 4)
    assert draws.name == "loss"
    assert draws["family"].values.tolist() == POINTS["family"].tolist()
    assert draws["note"].values.tolist() == list("abcd")
    assert np.all(draws > 0)


def test_the_table_summarises_the_draws(predicted, flat):
    table = predicted.table

    pd.testing.assert_frame_equal(table[POINTS.columns], POINTS)
    np.testing.assert_allclose(table["median"], np.median(flat, axis=0))
    np.testing.assert_allclose(table["lower"], np.quantile(flat, 0.1, axis=0))
    np.testing.assert_allclose(table["upper"], np.quantile(flat, 0.9, axis=0))
    np.testing.assert_allclose(table["sd"], flat.std(axis=0))
    assert list(table)[4:] == [
        "median",
        "lower",
        "upper",
        "sd",
        "extrapolation_decades",
        "prior_share",
        "source",
    ]


def test_quantiles_and_intervals_are_those_of_the_draws(predicted, flat):
    np.testing.assert_allclose(
        predicted.quantile([0.05, 0.5, 0.95]), np.quantile(flat, [0.05, 0.5, 0.95], axis=0).T
    )
    np.testing.assert_allclose(predicted.interval(0.5), np.quantile(flat, [0.25, 0.75], axis=0).T)
    assert predicted.quantile(0.5).columns.tolist() == [0.5]
    assert predicted.interval().columns.tolist() == ["lower", "upper"]


def test_probabilities_are_shares_of_the_draws(predicted, flat):
    bounds = np.median(flat, axis=0)

    np.testing.assert_allclose(predicted.prob_below(bounds), 0.5, atol=1e-3)
    np.testing.assert_allclose(predicted.prob_below(2.5), (flat < 2.5).mean(axis=0))
    assert predicted.prob_below(0.0).tolist() == [0.0] * 4
    assert predicted.prob_below(np.inf).tolist() == [1.0] * 4


def test_it_shows_itself(predicted):
    assert len(predicted) == 4
    assert predicted.kind == "run"
    assert "run, 80% interval" in repr(predicted)
    assert "prior_share" in repr(predicted)
    assert "<table" in predicted._repr_html_()


def test_many_points_are_shown_in_part():
    many = predict(made_up_posterior(), pd.concat([POINTS] * 5, ignore_index=True))

    assert repr(many).endswith("... 10 more points")


def test_what_is_handed_out_can_be_changed_without_harm(predicted):
    table, points = predicted.table, predicted.points
    table["median"] = 0.0
    points["family"] = "other"

    assert np.all(predicted.table["median"] > 0)
    assert predicted.points["family"].tolist() == POINTS["family"].tolist()
    with pytest.raises(AttributeError):
        predicted.table = None


def test_columns_of_the_results_names_give_way():
    asked = POINTS.assign(median=0.0, source="mine", loss=9.0)

    predicted = predict(made_up_posterior(), asked)

    assert predicted.table.columns.is_unique
    assert predicted.table["median"].min() > 0
    assert predicted.table["loss"].tolist() == [9.0] * 4
    assert predicted.draws.to_dataset()["loss"].dims == ("chain", "draw", "obs")


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (lambda one: one.interval(1.5), "bad_prob"),
        (lambda one: one.quantile([0.5, 1.1]), "bad_prob"),
        (lambda one: one.quantile(np.nan), "bad_prob"),
        (lambda one: one.prob_below([1.0, 2.0]), "bad_loss"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(predicted, question, code):
    with pytest.raises(InputError) as error:
        question(predicted)

    assert error.value.code == code


def test_more_draws_than_memory_holds_are_refused_but_summarised(monkeypatch):
    monkeypatch.setattr(prediction, "MAX_HELD_DRAWS", 7_999)  # one less than there are
    predicted = predict(made_up_posterior(), POINTS)

    with pytest.raises(InputError, match="quantile") as error:
        predicted.draws  # noqa: B018  # a property that raises

    assert error.value.code == "too_many_draws"
    assert len(predicted.interval()) == 4
