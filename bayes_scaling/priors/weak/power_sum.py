"""Weak priors of the law that sums floor, size and data under one exponent."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior
from bayes_scaling.priors.weak.chinchilla import PRIORS as ADDITIVE

_ADDITIVE = ADDITIVE["chinchilla"]

PRIORS = {
    "power-sum": {
        "log_E": _ADDITIVE["log_E"],
        "log_size_share": _ADDITIVE["log_size_share"],
        "log_data_share": _ADDITIVE["log_data_share"],
        "log_alpha": _ADDITIVE["log_alpha"],
        "log_beta": _ADDITIVE["log_beta"],
        "log_outer": ScalarPrior(
            location=math.log(0.5),
            location_sd=0.5,
            spread=0.3,
            spread_factor=1.3,
            reason="between Kaplan's 0.1 and the additive law's 1: 0.16-1.6 for 95 % of families",
        ),
    },
}
