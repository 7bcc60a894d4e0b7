"""A smooth robust trend of log loss over log size and log tokens: good enough to see what stands apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_CURVED_FROM = 10
_ITERATIONS = 50
_SMALLEST_RESIDUAL = 1e-6
_MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class Trend:
    """What a least-absolute-deviations fit leaves over.

    Attributes
    ----------
    residuals : ndarray of shape (n_obs,)
        Log loss minus trend.
    scale : float
        Robust standard deviation of the residuals, after setting aside those that the fit makes zero.
    n_spare : int
        Observations beyond the number of coefficients.
    """

    residuals: np.ndarray
    scale: float
    n_spare: int


def fit_trend(n_params: np.ndarray, n_tokens: np.ndarray, loss: np.ndarray) -> Trend:
    """Residuals of log loss from a plane in log size and log tokens, bent from ten observations on."""
    design = _design(np.log(n_params), np.log(n_tokens))
    target, weights = np.log(loss), np.ones(len(loss))
    for _ in range(_ITERATIONS):  # least absolute deviations by reweighted least squares
        coefficients = np.linalg.lstsq(design * weights[:, None], target * weights, rcond=None)[0]
        residuals = target - design @ coefficients
        weights = np.maximum(np.abs(residuals), _SMALLEST_RESIDUAL) ** -0.5
    n_coefficients = int(np.linalg.matrix_rank(design))
    informative = np.sort(np.abs(residuals))[
        n_coefficients:
    ]  # as many residuals as coefficients are zero by design
    scale = _MAD_TO_SD * float(np.median(informative)) if len(informative) else 0.0
    return Trend(residuals, scale, len(informative))


def _design(log_n_params: np.ndarray, log_n_tokens: np.ndarray) -> np.ndarray:
    size, tokens = log_n_params - log_n_params.mean(), log_n_tokens - log_n_tokens.mean()
    columns = [np.ones_like(size), size, tokens]
    if len(size) >= _CURVED_FROM:
        columns += [size**2, tokens**2, size * tokens]
    return np.column_stack(columns)
