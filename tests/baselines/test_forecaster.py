"""The interface of all methods, and what all methods shipped here have in common."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.baselines import BestSeen, Forecast, Forecaster, HuberFitter, HuberLBFGS, LeastSquares
from bayes_scaling.errors import InputError
from tests.baselines.families import family_rows, points_at, table, true_loss

METHODS = [BestSeen(), LeastSquares(), HuberLBFGS(), HuberLBFGS(HuberFitter(scale="estimated"))]
LAWS = METHODS[1:]


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_method_is_a_forecaster(method):
    assert isinstance(method, Forecaster)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_there_is_one_column_for_each_point_in_the_order_asked(method):
    train = table(family_rows("a"), family_rows("b", last_tokens=3e11))
    one_way = points_at(("a", 3e10, 2e11), ("b", 5e10, 1e11), ("a", 1e11, 1e12))
    other_way = one_way.iloc[::-1]

    forecast = method.forecast(train, one_way, seed=0)

    assert forecast.draws.shape == (1, 3)
    assert forecast.is_point
    assert forecast.diagnostics["fit_seconds"] > 0.0
    np.testing.assert_allclose(forecast.draws[:, ::-1], method.forecast(train, other_way, seed=0).draws)


@pytest.mark.parametrize("method", LAWS, ids=repr)
def test_a_law_fitted_to_noiseless_runs_predicts_what_lies_far_beyond_them(method):
    points = points_at(("made-up", 7e10, 1.4e12), ("made-up", 1e12, 1e13))

    forecast = method.forecast(table(family_rows()), points, seed=0)

    np.testing.assert_allclose(
        forecast.draws[0], true_loss(points["n_params"].to_numpy(), points["n_tokens"].to_numpy()), rtol=1e-4
    )


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_family_never_seen_gives_nan_and_a_finding_and_leaves_the_others_alone(method):
    points = points_at(("unseen", 1e10, 1e11), ("made-up", 1e10, 2e11))

    forecast = method.forecast(table(family_rows()), points, seed=0)

    assert np.isnan(forecast.draws).tolist() == [[True, False]]
    assert [note.family for note in forecast.notes] == ["unseen"]


@pytest.mark.parametrize("method", LAWS, ids=repr)
@pytest.mark.parametrize(
    "rows",
    [family_rows(sizes=(1e9,)), family_rows(sizes=(1e8, 1e9), n_checkpoints=2)],
    ids=["one size", "four rows"],
)
def test_a_family_too_small_to_fit_gives_nan_and_a_finding(method, rows):
    forecast = method.forecast(table(rows), points_at(("made-up", 1e10, 1e11)), seed=0)

    assert np.isnan(forecast.draws).all()
    assert forecast.notes.codes == ("family_too_small",)


def test_families_without_a_point_are_not_fitted():
    train = table(family_rows("a"), family_rows("too-small", sizes=(1e9,)))

    forecast = LeastSquares().forecast(train, points_at(("a", 1e11, 1e12)), seed=0)

    assert len(forecast.notes) == 0


@pytest.mark.parametrize(
    ("draws", "is_point"),
    [(np.ones(3), False), (np.ones((0, 3)), False), (np.ones((2, 3)), True)],
    ids=["one dimension", "no draw", "a point forecast of two draws"],
)
def test_a_forecast_of_the_wrong_shape_is_refused(draws, is_point):
    with pytest.raises(InputError, match="forecast of shape"):
        Forecast(draws, is_point)


def test_the_draws_of_a_forecast_cannot_be_changed():
    mine = np.ones((2, 3))
    forecast = Forecast(mine)
    mine[:] = 7.0

    assert (forecast.draws == 1.0).all()
    with pytest.raises(ValueError, match="read-only"):
        forecast.draws[0, 0] = 2.0
