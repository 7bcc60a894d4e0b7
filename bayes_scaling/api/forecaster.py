"""The hierarchical model behind the same interface as every baseline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd

from bayes_scaling.api.progress import show_progress
from bayes_scaling.baselines import Forecast
from bayes_scaling.inference import (
    LaplaceSettings,
    Posterior,
    Settings,
    check_fit,
    convergence,
    fit_posterior,
)
from bayes_scaling.models import ModelSpec
from bayes_scaling.names import KIND_RUN
from bayes_scaling.prediction import make_points, predict
from bayes_scaling.runs import RunTable


class HasSpec(Protocol):
    """Whatever knows which description a table of runs is fitted under."""

    def spec_for(self, runs: RunTable) -> ModelSpec:
        """The description for these runs."""


@dataclass(frozen=True)
class HierarchicalForecaster:
    """Fits the hierarchical model to the training runs and forecasts new runs from its posterior.

    Attributes
    ----------
    model : object with ``spec_for``
        Gives the description for a table of training runs, such as a
        :class:`~bayes_scaling.api.ScalingModel`.
    settings : NutsSettings or LaplaceSettings
        Length and care of the sampling.
    progress : bool
        Show a progress bar.
    name : str
        Label in tables and figures.
    """

    model: HasSpec
    settings: Settings = field(default_factory=LaplaceSettings)
    progress: bool = False
    name: str = "hierarchical"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """Draws of the loss of a new run at the points; see :class:`~bayes_scaling.baselines.Forecaster`."""
        with show_progress(f"Sampling {len(train.families)} families", self.progress) as report:
            spec = self.model.spec_for(train)
            posterior = fit_posterior(spec, train, self.settings, seed=seed, progress=report)
        return forecast_of(posterior, points, seed=seed)


def forecast_of(posterior: Posterior, points: pd.DataFrame, *, seed: int) -> Forecast:
    """Draws of the loss of a new run at the points from a posterior, with what its diagnostics say."""
    draws = predict(posterior, make_points(points), kind=KIND_RUN, seed=seed).draws
    seen = convergence(posterior)
    return Forecast(
        draws.to_numpy().reshape(-1, len(points)),
        notes=check_fit(posterior),
        diagnostics={
            "r_hat_max": seen.r_hat_max,
            "ess_min": seen.ess_min,
            "n_divergent": float(seen.n_divergent),
            "fit_seconds": posterior.seconds,
        },
    )
