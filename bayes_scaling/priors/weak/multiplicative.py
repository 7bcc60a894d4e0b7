"""Weak priors of the law in which size and data multiply."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior

PRIORS = {
    "multiplicative": {
        "log_E": ScalarPrior(
            location=math.log(1.5),
            location_sd=0.35,
            spread=0.35,
            spread_factor=1.3,
            reason="nats a token; lower than of the additive law, since a product falls along both inputs",
        ),
        "log_reducible_share": ScalarPrior(
            location=math.log(0.6),
            location_sd=0.35,
            spread=0.4,
            spread_factor=1.3,
            reason="a 1e9-parameter model of 2e10 tokens is 20 % to 170 % of E above it",
        ),
        "log_alpha": ScalarPrior(
            location=math.log(0.15),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="the product falls in compute like the sum, with half the exponent in each: 0.06-0.35",
        ),
        "log_beta": ScalarPrior(
            location=math.log(0.15),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="like that of size, since along compute-optimal runs the two act alike: 0.06-0.35",
        ),
    },
}
