from __future__ import annotations

from bayes_scaling.baselines import BestSeen
from tests.baselines.families import family_rows, points_at, table


def test_the_forecast_is_the_lowest_loss_of_the_point_s_own_family():
    low, high = family_rows("low", last_tokens=1e12), family_rows("high", last_tokens=1e10)

    forecast = BestSeen().forecast(
        table(low, high), points_at(("high", 1e12, 1e13), ("low", 1e12, 1e13)), seed=0
    )

    assert forecast.draws.tolist() == [[high["loss"].min(), low["loss"].min()]]
