from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.observational import ScoreForecast

DRAWS = np.column_stack([np.linspace(0, 1, 101), np.linspace(0.4, 0.6, 101), np.full(101, 0.3)])
FORECAST = ScoreForecast(("a", "b", "c"), DRAWS, np.array([True, False, True]))


def test_the_table_has_the_quantiles_of_the_draws():
    row = FORECAST.table.iloc[0]

    assert row[["q05", "q25", "median", "q75", "q95"]].tolist() == pytest.approx(
        [0.05, 0.25, 0.5, 0.75, 0.95]
    )
    assert FORECAST.table["mean"].tolist() == pytest.approx([0.5, 0.5, 0.3])
    assert FORECAST.table["is_held_out"].tolist() == [True, False, True]


def test_the_interval_is_central():
    lower, upper = FORECAST.interval(0.8)

    assert lower == pytest.approx([0.1, 0.42, 0.3])
    assert upper == pytest.approx([0.9, 0.58, 0.3])


def test_a_selection_keeps_models_and_draws_together():
    chosen = FORECAST.select(FORECAST.is_held_out)

    assert chosen.models == ("a", "c")
    np.testing.assert_array_equal(chosen.draws, DRAWS[:, [0, 2]])
