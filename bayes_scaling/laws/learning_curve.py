"""What laws of one curve share: the amount of data in units of a reference amount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np

from bayes_scaling.laws.base import Array
from bayes_scaling.laws.level_coordinates import HasLevelCoordinates

REFERENCE_AMOUNT: Final = 1e9
"""Amount of data (tokens or examples) at which levels are stated."""

LOG_REFERENCE_AMOUNT: Final = float(np.log(REFERENCE_AMOUNT))


class LearningCurveLaw(HasLevelCoordinates):
    """A law of the error or loss of one model in the amount of data it was trained on, ``n_tokens``.

    A curve knows no model size: each model is a family, and its ``n_params`` only scales its noise.
    """

    inputs: ClassVar[tuple[str, ...]] = ("n_tokens",)
    assumptions: ClassVar[Mapping[str, Any]] = {
        "schedule": False,
        "repeats": False,
        "max_checkpoints": 24,
        "min_progress": 0.0,
        "run_size_exponent": 0.0,
        "unit_sd": 0.0,  # a curve is its own unit: half of its lowest error, whatever the metric
        "basis": {"length_scale": 3.0, "n_nodes": 8, "decay": 0.0},
    }


def log_amount(xp: Any, inputs: Mapping[str, Array]) -> Array:
    """ln(x / 1e9) of the amount of data."""
    return xp.log(inputs["n_tokens"]) - LOG_REFERENCE_AMOUNT


def softplus(xp: Any, value: Array) -> Array:
    """ln(1 + e^value) without overflow."""
    return xp.logaddexp(0.0 * value, value)
