"""From the words of a cell to the forecaster that fits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from bayes_scaling.api import HierarchicalForecaster, ScalingModel
from bayes_scaling.api.forecaster import forecast_of
from bayes_scaling.baselines import Forecast, Forecaster, HuberLBFGS, LeastSquares, VariableProjection
from bayes_scaling.inference import LaplaceSettings, NutsSettings, draw_prior, settings_for, transfer
from bayes_scaling.names import N_PARAMS
from bayes_scaling.priors import WEAK, Priors
from bayes_scaling.runs import RunTable
from bayes_scaling.study.cell import Cell

POINT_METHODS: Mapping[str, Callable[[], Forecaster]] = MappingProxyType(
    {
        "least-squares": lambda: LeastSquares(min_tokens=0.0),  # the cell has dropped the early rows
        "huber": lambda: HuberLBFGS(min_tokens=0.0),
        "variable-projection": VariableProjection,
    }
)
"""Methods that fit Chinchilla's law to one family and claim no uncertainty."""

N_POPULATIONS = 2048
"""Populations drawn from a prior for a family of one size, which chooses among them."""


def forecaster_for(
    cell: Cell, priors: Priors | None, train: RunTable, settings: Mapping[str, Any]
) -> Forecaster:
    """The forecaster that a cell asks for.

    Parameters
    ----------
    cell : Cell
    priors : Priors, optional
        The population prior of a cell that pools by one; without it the priors are weak.
    train : RunTable
        What will be learned from.
    settings : mapping
        Settings of the method that differ from its defaults.
    """
    if cell.method in POINT_METHODS:
        return POINT_METHODS[cell.method]()
    model = ScalingModel(law=cell.law, priors=priors or WEAK)
    chosen = settings_for(cell.method, settings)
    if isinstance(chosen, NutsSettings) and chosen.cores is None:
        chosen = NutsSettings(**{**settings, "cores": 1})  # the other processors have cells of their own
    if priors is not None and isinstance(chosen, LaplaceSettings) and _has_one_size(train):
        return OneSizeForecaster(model)
    return HierarchicalForecaster(model, chosen)


def _has_one_size(runs: RunTable) -> bool:
    sizes = runs.frame[N_PARAMS]
    return bool(sizes.min() == sizes.max())


@dataclass(frozen=True)
class OneSizeForecaster:
    """Conditions a population on a family of a single size, which could not be fitted alone.

    Attributes
    ----------
    model : ScalingModel
        With a population prior.
    name : str
    """

    model: ScalingModel
    name: str = "transfer"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """Draws of the loss of a new run at the points; see :class:`~bayes_scaling.baselines.Forecaster`."""
        bank = draw_prior(self.model.spec_for(train), n_draws=N_POPULATIONS, seed=seed)
        return forecast_of(transfer(bank, train, seed=seed), points, seed=seed)
