"""What a method of predicting losses is: rows of training runs in, draws of the loss at new points out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from bayes_scaling.errors import Findings, InputError
from bayes_scaling.runs import RunTable


@dataclass(frozen=True, eq=False)
class Forecast:
    """Draws of the loss at each point asked for, in the unit of loss of the training runs.

    Attributes
    ----------
    draws : ndarray of shape (n_draws, n_points)
        Equally likely losses, read-only. A column of NaN is a point for which the method gave nothing.
    is_point : bool, default False
        True when the method claims no uncertainty; `draws` then has one row.
    notes : Findings
        What the method has to say about the families, such as those it could not fit.
    diagnostics : mapping of str to float
        May hold ``fit_seconds``, ``r_hat_max``, ``ess_min`` and ``n_divergent``.
    """

    draws: np.ndarray
    is_point: bool = False
    notes: Findings = field(default_factory=Findings)
    diagnostics: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        draws = np.array(self.draws, dtype=float)
        if draws.ndim != 2 or len(draws) == 0 or (self.is_point and len(draws) != 1):
            wanted = (
                "one row of draws"
                if self.is_point
                else "an array of shape (n_draws, n_points) with at least one draw"
            )
            raise InputError(
                f"forecast of shape {draws.shape}",
                wanted,
                "Return one column for each point.",
                code="forecast_shape",
            )
        draws.flags.writeable = False
        object.__setattr__(self, "draws", draws)

    @property
    def n_points(self) -> int:
        """Number of points forecast."""
        return self.draws.shape[1]


@runtime_checkable
class Forecaster(Protocol):
    """A method that learns from training runs and forecasts the loss at points that it has not seen.

    Attributes
    ----------
    name : str
        Short label for tables and figures.
    """

    @property
    def name(self) -> str:
        """Short label for tables and figures."""

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """Draws of the loss at `points`, in the unit of loss of `train`.

        Parameters
        ----------
        train : RunTable
            All that may be learned from.
        points : DataFrame
            Columns ``family, run, n_params, n_tokens, n_tokens_total`` and further inputs that a law may
            need; never a loss.
        seed : int
            Equal seeds give equal draws.
        """
