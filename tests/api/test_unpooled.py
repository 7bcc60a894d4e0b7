from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.api import ScalingModel, UnpooledForecaster
from bayes_scaling.baselines import Forecaster
from bayes_scaling.inference import LaplaceSettings

ALONE = UnpooledForecaster(ScalingModel(priors="weak"), LaplaceSettings(chains=16, draws=10, tune=10))


@pytest.fixture(scope="module")
def points() -> pd.DataFrame:
    return pd.DataFrame(
        {"family": "family-0", "run": "a", "n_params": [1e10], "n_tokens": [1e11], "n_tokens_total": 1e11}
    )


def test_it_is_a_forecaster():
    assert isinstance(ALONE, Forecaster)


def test_other_families_say_nothing(small_runs, points):
    own = small_runs.select("family-0")

    alone, among = (ALONE.forecast(runs, points, seed=1).draws for runs in (own, small_runs))

    assert alone.shape == (160, 1)
    np.testing.assert_array_equal(alone, among)


def test_a_family_of_one_size_cannot_be_fitted_alone(small_runs, points):
    one_size = small_runs.subset(
        (small_runs.frame["family"] != "family-0") | (small_runs.frame["n_params"] == 4e8)
    )

    forecast = ALONE.forecast(one_size, points, seed=1)

    assert np.isnan(forecast.draws).all()
    assert "family-0" in str(forecast.notes)
