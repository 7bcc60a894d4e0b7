"""Weak priors of the law of compute alone."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior

PRIORS = {
    "compute": {
        "log_E": ScalarPrior(
            location=math.log(1.6),
            location_sd=0.35,
            spread=0.3,
            spread_factor=1.3,
            reason="nats a token of natural text; wide, since E belongs to a tokenizer and a test set",
        ),
        "log_reducible_share": ScalarPrior(
            location=math.log(0.5),
            location_sd=0.35,
            spread=0.35,
            spread_factor=1.3,
            reason="at 1.2e20 FLOPs the loss is 20-130 % of E above it (Chinchilla: 40 %)",
        ),
        "log_gamma": ScalarPrior(
            location=math.log(0.16),
            location_sd=0.25,
            spread=0.25,
            spread_factor=1.3,
            reason="the additive law along its optimum: alpha beta / (alpha + beta), most in 0.08-0.3",
        ),
    },
}
