"""How one run wanders around its law: a seed offset, a drifting path and evaluation noise.

The covariance of a run's checkpoints is its variance times a correlation matrix that mixes three parts. What
share each part has differs from family to family (smooth published curves, noisy evaluations), so each family
gets the one of a short list of shapes that its own rows support best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PathShape:
    """Correlation between the checkpoints of one run.

    Attributes
    ----------
    name : str
        What the shape is called in descriptions.
    offset, drift, noise : float
        Shares of the variance: the same for the whole run (seed), an Ornstein-Uhlenbeck path in log tokens,
        and independent noise of each evaluation. They sum to one.
    correlation_length : float
        e-folds of tokens over which the drift forgets itself.
    """

    name: str
    offset: float
    drift: float
    noise: float
    correlation_length: float

    def __post_init__(self) -> None:
        shares = (self.offset, self.drift, self.noise)
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-9 or self.noise == 0:
            raise InputError(
                f"path shape {self.name!r} with shares {shares}",
                "shares of offset, drift and noise that sum to 1, none negative and some noise",
                "Correct the shares.",
                code="bad_path_shape",
            )
        if not 0 < self.correlation_length < np.inf:
            raise InputError(
                f"path shape {self.name!r} with correlation_length = {self.correlation_length}",
                "a positive number of e-folds",
                "Try 1.",
                code="bad_path_shape",
            )

    def correlation(self, log_n_tokens: FloatArray) -> FloatArray:
        """Correlation matrices (..., n_checkpoints, n_checkpoints) of the checkpoints (..., n_checkpoints) of runs."""
        gap = np.abs(log_n_tokens[..., :, None] - log_n_tokens[..., None, :])
        drift = self.drift * np.exp(-gap / self.correlation_length)
        return self.offset + drift + self.noise * np.eye(log_n_tokens.shape[-1])


DEFAULT_SHAPES = (
    PathShape("steady", offset=0.80, drift=0.18, noise=0.02, correlation_length=1.0),
    PathShape("drifting", offset=0.30, drift=0.65, noise=0.05, correlation_length=1.0),
    PathShape("noisy", offset=0.25, drift=0.25, noise=0.50, correlation_length=1.0),
)
"""Steady: parallel smooth curves. Drifting: curves that cross. Noisy: evaluations that jump about."""
