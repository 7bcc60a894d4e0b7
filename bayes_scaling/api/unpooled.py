"""The same model with every family fitted alone: what pooling is worth is the difference to it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bayes_scaling.api.forecaster import HasSpec, HierarchicalForecaster
from bayes_scaling.baselines import FamilyForecast, Forecast, NotFittableError, forecast_by_family
from bayes_scaling.errors import InputError
from bayes_scaling.inference import LaplaceSettings
from bayes_scaling.runs import RunTable


@dataclass(frozen=True)
class UnpooledForecaster:
    """Fits each family on its own, by the fast path, under the model's own priors.

    Attributes
    ----------
    model : object with ``spec_for``
        Such as a :class:`~bayes_scaling.api.ScalingModel`; with the weak priors no family tells another anything.
    settings : LaplaceSettings
    name : str
        Label in tables and figures.
    """

    model: HasSpec
    settings: LaplaceSettings = field(default_factory=LaplaceSettings)
    name: str = "no pooling"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """Draws of the loss of a new run at the points; see :class:`~bayes_scaling.baselines.Forecaster`."""
        n_draws = self.settings.chains * self.settings.draws
        return forecast_by_family(
            train, points, self._forecast_family, n_draws=n_draws, seed=seed, is_point=False
        )

    def _forecast_family(
        self, rows: pd.DataFrame, points: pd.DataFrame, rng: np.random.Generator
    ) -> FamilyForecast:
        alone = HierarchicalForecaster(self.model, self.settings)
        try:
            forecast = alone.forecast(RunTable.from_frame(rows), points, seed=int(rng.integers(2**31)))
        except InputError as error:
            raise NotFittableError(
                "family_too_small", str(error), "Fit it together with other families."
            ) from error
        return FamilyForecast(forecast.draws)
