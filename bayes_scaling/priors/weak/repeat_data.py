"""Weak priors of the additive law with repeated tokens: those of the law without, and of the two decays."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior
from bayes_scaling.priors.weak import chinchilla

PRIORS = {
    "repeat-data": {
        **chinchilla.PRIORS["chinchilla"],
        "log_repeats": ScalarPrior(
            location=math.log(12.0),
            location_sd=0.7,
            spread=0.3,
            spread_factor=1.5,
            reason="four epochs count almost like fresh data and forty hardly more than twenty: R* in 3-50",
        ),
        "log_excess": ScalarPrior(
            location=math.log(6.0),
            location_sd=0.8,
            spread=0.3,
            spread_factor=1.5,
            reason="models several times the optimal size still gain, those far larger do not: R* in 1-30",
        ),
    }
}
