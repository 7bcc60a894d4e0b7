"""Weak priors of the additive law whose amplitudes follow from its exponents."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior
from bayes_scaling.priors.weak.chinchilla import PRIORS as ADDITIVE

_ADDITIVE = ADDITIVE["chinchilla"]

PRIORS = {
    "tied": {
        "log_E": _ADDITIVE["log_E"],
        "log_alpha": _ADDITIVE["log_alpha"],
        "log_beta": ScalarPrior(
            location=math.log(1.0),
            location_sd=0.3,
            spread=0.25,
            spread_factor=1.3,
            reason="the published line leaves 0.002 nats at 2e11 tokens, so its term falls steeply: 0.46-2.2",
        ),
    },
}
