"""The forecast that knows no law: the lowest loss seen so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.baselines.by_family import FamilyForecast, NotFittableError, forecast_by_family
from bayes_scaling.baselines.forecaster import Forecast
from bayes_scaling.names import LOSS
from bayes_scaling.runs import RunTable


@dataclass(frozen=True)
class BestSeen:
    """Point forecast: the lowest training loss of the family, whatever the point (after arXiv:2410.11840).

    Parameters
    ----------
    name : str, default "best-seen"
        Label in tables.
    """

    name: str = "best-seen"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """The family's lowest loss at each of its points; `seed` changes nothing."""
        return forecast_by_family(train, points, _lowest_loss, n_draws=1, seed=seed, is_point=True)


def _lowest_loss(rows: pd.DataFrame, points: pd.DataFrame, _rng: np.random.Generator) -> FamilyForecast:
    if rows.empty:
        raise NotFittableError(
            "family_unseen", "No training row of this family", "Give at least one run of it."
        )
    return FamilyForecast(np.full((1, len(points)), rows[LOSS].min()))
