"""A law that the package does not have, as a user would write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bayes_scaling.laws import Law, Parameter
from bayes_scaling.priors import ScalarPrior


class Kaplan(Law):
    """Two power laws under one exponent: L = (a N^-x + b D^-y), without a floor; see ``log_a``."""

    name: ClassVar[str] = "kaplan"
    title: ClassVar[str] = "Sum of two power laws"
    equation: ClassVar[str] = "L = a (N/1e9)^-x + b (D/1e10)^-y"
    citation: ClassVar[str] = "made up for tests"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("log_a", "a", "size term at 1e9 parameters", "a", relative_to_scale=False),
        Parameter("log_ratio", "b/a", "data term over size term", "ratio"),
        Parameter("x", "x", "exponent of size", "x", transform="identity"),
        Parameter("y", "y", "exponent of data", "y", transform="identity"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Any], inputs: Mapping[str, Any]) -> Any:
        size = -params["x"] * (xp.log(inputs["n_params"]) - 20.72)
        data = params["log_ratio"] - params["y"] * (xp.log(inputs["n_tokens"]) - 23.03)
        return params["log_a"] + xp.logaddexp(size, data)


KAPLAN_PRIORS = {
    "log_a": ScalarPrior(0.3, 0.5, 0.3, 1.3, "between one and two nats for each term"),
    "log_ratio": ScalarPrior(0.0, 0.5, 0.3, 1.3, "both terms matter at the reference point"),
    "x": ScalarPrior(0.08, 0.03, 0.03, 1.3, "exponents without a floor are small"),
    "y": ScalarPrior(0.08, 0.03, 0.03, 1.3, "exponents without a floor are as small for data"),
}
