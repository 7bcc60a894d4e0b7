"""A law that is linear in its parameters: with it, much of the inference has a closed form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from bayes_scaling import Priors, ScalarPrior
from bayes_scaling.laws import Law, Parameter
from bayes_scaling.models import ModelSpec
from tests.simulate import schedule_level


class Linear(Law):
    """ln L = level + size ln(N/1e9) + data ln(D/2e10); parameters ``level``, ``size``, ``data``."""

    name: ClassVar[str] = "linear"
    title: ClassVar[str] = "A plane in logarithms"
    equation: ClassVar[str] = "ln L = level + size ln(N/1e9) + data ln(D/2e10)"
    citation: ClassVar[str] = "made up for tests"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("level", "l", "log loss at the reference", "loss", "exp", False),
        Parameter("size", "s", "slope in log size", "size", "identity"),
        Parameter("data", "d", "slope in log tokens", "data", "identity"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Any], inputs: Mapping[str, Any]) -> Any:
        size, data = xp.log(inputs["n_params"] / 1e9), xp.log(inputs["n_tokens"] / 2e10)
        return params["level"] + params["size"] * size + params["data"] * data


def _prior(location: float, sd: float) -> ScalarPrior:
    return ScalarPrior(location, sd, sd, 1.3, "for tests")


LINEAR_PRIORS = Priors(
    {
        "level": _prior(1.0, 0.2),
        "size": _prior(-0.08, 0.03),
        "data": _prior(-0.08, 0.03),
        "schedule_gap": _prior(0.02, 0.02),
        "log_run_sd": _prior(np.log(0.006), 0.4),
        "log_discrepancy_sd": _prior(np.log(0.015), 0.3),
    },
    name="linear",
)
LINEAR_SPEC = ModelSpec(law=Linear(), priors=LINEAR_PRIORS)


def slopes(rows: pd.DataFrame) -> np.ndarray:
    """Derivatives (n, 4) of log loss in level, size, data and schedule gap, written out."""
    size, data = np.log(rows["n_params"] / 1e9), np.log(rows["n_tokens"] / 2e10)
    level = schedule_level(rows["n_tokens"].to_numpy(), rows["n_tokens_total"].to_numpy())
    return np.stack([np.ones(len(rows)), size, data, level], axis=1)
