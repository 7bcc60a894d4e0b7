"""A sigmoid of a linear index fitted to task scores by least squares or Huber loss: the paper's point forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import least_squares
from scipy.special import expit

from bayes_scaling.errors import InputError

MAX_FLOOR: Final = 0.2
"""The floor of the sigmoid is free between 0 and this (arXiv:2405.10938, released code)."""

_FIRST_SLOPE = 0.01


@dataclass(frozen=True, eq=False)
class SigmoidLaw:
    r"""Expected normalised score as a function of inputs.

    .. math:: y = b + (1 - b) \, \sigma(\alpha + \beta^\top x)

    Attributes
    ----------
    intercept : float
    slopes : ndarray of shape (n_inputs,)
    floor : float
        b, between 0 and :data:`MAX_FLOOR`.
    """

    intercept: float
    slopes: np.ndarray
    floor: float

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Normalised scores, shape (n_models,), at inputs of shape (n_models, n_inputs); NaN where one is NaN."""
        return self.floor + (1.0 - self.floor) * expit(self.index(inputs))

    def index(self, inputs: np.ndarray) -> np.ndarray:
        """The linear index inside the sigmoid, shape (n_models,)."""
        return self.intercept + np.asarray(inputs, dtype=float) @ self.slopes


def fit_sigmoid_law(
    inputs: np.ndarray, scores: np.ndarray, *, huber_delta: float | None = None
) -> SigmoidLaw:
    """The law with the smallest loss, searched from one start as the paper's code does.

    Parameters
    ----------
    inputs : ndarray of shape (n_models, n_inputs)
        Principal components, or the log of compute.
    scores : ndarray of shape (n_models,)
        Normalised: 0 is chance and 1 the ceiling.
    huber_delta : float, optional
        Residuals beyond it count linearly; default: squares throughout.

    Raises
    ------
    InputError
        ``bad_argument`` for a delta that is not positive, ``bad_value`` for values that are not finite or shapes
        that do not belong together, ``too_few_models`` for fewer models than parameters.
    """
    inputs, scores = np.asarray(inputs, dtype=float), np.asarray(scores, dtype=float)
    _require(inputs, scores, huber_delta)
    design = np.column_stack([np.ones(len(inputs)), inputs])

    def residuals(parameters: np.ndarray) -> np.ndarray:
        floor = parameters[-1]
        return floor + (1.0 - floor) * expit(design @ parameters[:-1]) - scores

    n_inputs = inputs.shape[1]
    start = np.concatenate([[0.0], np.full(n_inputs, _FIRST_SLOPE), [0.0]])
    unbounded = np.full(n_inputs + 1, np.inf)
    found = least_squares(
        residuals,
        start,
        bounds=(np.append(-unbounded, 0.0), np.append(unbounded, MAX_FLOOR)),
        loss="linear" if huber_delta is None else "huber",
        f_scale=1.0 if huber_delta is None else huber_delta,
        max_nfev=10_000,
    ).x
    return SigmoidLaw(float(found[0]), found[1:-1], float(found[-1]))


def _require(inputs: np.ndarray, scores: np.ndarray, huber_delta: float | None) -> None:
    if huber_delta is not None and not huber_delta > 0:
        raise InputError(
            f"huber_delta = {huber_delta!r}", "a positive number, or None", "Take 0.1.", code="bad_argument"
        )
    fits = inputs.ndim == 2 and scores.shape == inputs.shape[:1]
    if not fits or not (np.isfinite(inputs).all() and np.isfinite(scores).all()):
        raise InputError(
            f"inputs of shape {inputs.shape} and scores of shape {scores.shape}",
            "finite numbers, (n_models, n_inputs) and (n_models,)",
            "Leave out models without a score or an input.",
            code="bad_value",
        )
    if len(inputs) < inputs.shape[1] + 2:
        raise InputError(
            f"{len(inputs)} models for {inputs.shape[1] + 2} parameters",
            "at least as many models as parameters",
            "Take fewer components or more models.",
            code="too_few_models",
        )
