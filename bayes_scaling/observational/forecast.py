"""A forecast of task scores as draws, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.evaluation.scores import central_interval
from bayes_scaling.names import RUN


@dataclass(frozen=True, eq=False)
class ScoreForecast:
    """Draws of the task scores of models.

    Attributes
    ----------
    models : tuple of str
    draws : ndarray of shape (n_draws, n_models)
        Shares of one.
    is_held_out : ndarray of bool, shape (n_models,)
        True for models whose task score the fit did not see.
    """

    models: tuple[str, ...]
    draws: np.ndarray
    is_held_out: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Expected score, shape (n_models,): the point forecast with the least squared error."""
        return self.draws.mean(axis=0)

    def interval(self, level: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
        """Both ends of the central interval, each of shape (n_models,)."""
        return central_interval(self.draws, level)

    def select(self, mask: np.ndarray) -> ScoreForecast:
        """The models for which a boolean mask of shape (n_models,) is true."""
        positions = np.flatnonzero(mask)
        models = tuple(self.models[position] for position in positions)
        return ScoreForecast(models, self.draws[:, positions], self.is_held_out[positions])

    @property
    def table(self) -> pd.DataFrame:
        """One row a model: ``run, is_held_out, mean, median, q05, q25, q75, q95``."""
        q05, q25, median, q75, q95 = np.quantile(self.draws, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
        return pd.DataFrame(
            {
                RUN: self.models,
                "is_held_out": self.is_held_out,
                "mean": self.mean,
                "median": median,
                "q05": q05,
                "q25": q25,
                "q75": q75,
                "q95": q95,
            }
        )
