"""Forecasts of methods that look at one family at a time, put together for all points."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.baselines.forecaster import Forecast
from bayes_scaling.errors import BayesScalingError, Finding, Findings, Severity
from bayes_scaling.names import FAMILY
from bayes_scaling.runs import RunTable


class NotFittableError(BayesScalingError):
    """A family cannot be fitted: it becomes a finding, and the forecast of the family's points NaN."""

    def __init__(self, code: str, message: str, advice: str) -> None:
        self.code, self.message, self.advice = code, message, advice
        super().__init__(f"{message}. {advice}")


@dataclass(frozen=True)
class FamilyForecast:
    """Draws of shape (n_draws, n_points) for one family's points, with what there is to say about them."""

    draws: np.ndarray
    notes: tuple[Finding, ...] = ()


ForecastFamily = Callable[[pd.DataFrame, pd.DataFrame, np.random.Generator], FamilyForecast]
"""One family's training rows, points and generator in; its forecast out, or a :class:`NotFittableError`."""


def forecast_by_family(
    train: RunTable,
    points: pd.DataFrame,
    forecast_family: ForecastFamily,
    *,
    n_draws: int,
    seed: int,
    is_point: bool,
) -> Forecast:
    """Forecast for all points from a method that fits each family on its own.

    Families without a point are not fitted. A family that cannot be fitted leaves NaN and a finding. Each
    family has its own stream of random numbers, so its draws do not depend on which other families are there.
    """
    started = time.perf_counter()
    draws = np.full((n_draws, len(points)), np.nan)
    notes: list[Finding] = []
    families = points[FAMILY].to_numpy()
    for family in dict.fromkeys(families):
        columns = np.flatnonzero(families == family)
        rows = train.frame[train.frame[FAMILY] == family]
        try:
            result = forecast_family(rows, points.iloc[columns], _generator(seed, family))
        except NotFittableError as problem:
            notes.append(Finding(problem.code, Severity.WARNING, problem.message, problem.advice, family))
            continue
        draws[:, columns] = result.draws
        notes.extend(result.notes)
    return Forecast(draws, is_point, Findings(tuple(notes)), {"fit_seconds": time.perf_counter() - started})


def _generator(seed: int, family: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(family.encode())])
