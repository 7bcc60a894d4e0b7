"""Weak priors of the additive law with equal exponents."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior
from bayes_scaling.priors.weak.chinchilla import PRIORS as ADDITIVE

_ADDITIVE = ADDITIVE["chinchilla"]

PRIORS = {
    "overtrain": {
        "log_E": _ADDITIVE["log_E"],
        "log_size_share": _ADDITIVE["log_size_share"],
        "log_data_share": _ADDITIVE["log_data_share"],
        "log_eta": ScalarPrior(
            location=math.log(0.16),
            location_sd=0.2,
            spread=0.2,
            spread_factor=1.3,
            reason="half of an exponent of size or data: most in 0.1-0.27 (Gadre: 0.12-0.14)",
        ),
    },
}
