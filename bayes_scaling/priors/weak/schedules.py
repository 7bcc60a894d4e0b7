"""Weak priors of laws of the learning-rate schedule."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior

_SHARED = {
    "log_floor": ScalarPrior(
        location=math.log(2.5),
        location_sd=0.3,
        spread=0.2,
        spread_factor=1.5,
        reason="nats a token that models of 1e7 to 1e9 parameters never get below: 1.3-5",
    ),
    "log_share": ScalarPrior(
        location=math.log(0.15),
        location_sd=0.5,
        spread=0.3,
        spread_factor=1.5,
        reason="after 1e10 tokens at the peak rate 5-45 % over the floor is left",
    ),
    "log_exponent": ScalarPrior(
        location=math.log(0.5),
        location_sd=0.3,
        spread=0.2,
        spread_factor=1.5,
        reason="published exponents of the sum of the rate lie near one half: 0.25-1",
    ),
    "log_gain": ScalarPrior(
        location=math.log(0.05),
        location_sd=0.5,
        spread=0.2,
        spread_factor=1.5,
        reason="a full decay lowers the loss by 2-15 % of its floor",
    ),
    "log_run_sd": ScalarPrior(
        location=math.log(0.003),
        location_sd=0.4,
        spread=0.3,
        spread_factor=1.5,
        reason="one seed on one data order: curves of a family differ by their schedule, and else by 0.1-0.8 %",
    ),
    "log_discrepancy_sd": ScalarPrior(
        location=math.log(0.0015),
        location_sd=0.5,
        spread=0.3,
        spread_factor=1.5,
        reason="a law of the schedule errs by schedule; what all schedules of a family share is 0.05-0.4 %",
    ),
}

PRIORS = {
    "multi-power": {
        **_SHARED,
        "log_speed": ScalarPrior(
            location=math.log(200.0),
            location_sd=0.6,
            spread=0.2,
            spread_factor=1.5,
            reason="published speeds are 195-250: half of a fall's gain within some 1e7 tokens at the peak rate",
        ),
        "log_decay": ScalarPrior(
            location=math.log(0.6),
            location_sd=0.15,
            spread=0.05,
            spread_factor=1.5,
            reason="published exponents are 0.58-0.60; if a small one is possible, no gain is ever complete",
        ),
        "log_rate_power": ScalarPrior(
            location=math.log(0.6),
            location_sd=0.3,
            spread=0.2,
            spread_factor=1.5,
            reason="at a lower rate the gain needs less of its sum, by a power of 0.3-1.2",
        ),
    },
    "annealing": {
        **_SHARED,
        "log_delay": ScalarPrior(
            location=math.log(0.5),
            location_sd=0.8,
            spread=0.4,
            spread_factor=1.5,
            reason="decay factors of 0.99-0.9995 a step of some 1e6 tokens: a delay of 1e8 to 3e9 tokens",
        ),
    },
}
