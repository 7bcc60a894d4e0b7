"""Weak priors of the downstream error by pre-training loss."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior

PRIORS = {
    "loss-to-error": {
        "log_epsilon": ScalarPrior(
            location=math.log(1.5),
            location_sd=0.6,
            spread=0.25,
            spread_factor=1.3,
            reason="0.75-0.95 as an error (Gadre: 0.85-0.87), up to 4 over half the lowest error of a family",
        ),
        "log_gain": ScalarPrior(
            location=math.log(0.28),
            location_sd=0.25,
            spread=0.25,
            spread_factor=1.3,
            reason="at 3 nats a model has won 14-56 % of it (Gadre: 25-31 % of 17 tasks)",
        ),
        "log_gamma": ScalarPrior(
            location=math.log(0.75),
            location_sd=0.3,
            spread=0.2,
            spread_factor=1.3,
            reason="published rates: 0.71-0.76 a nat; other tokenizers and tasks within a factor of two",
        ),
        "log_run_sd": ScalarPrior(
            location=math.log(0.012),
            location_sd=0.4,
            spread=0.4,
            spread_factor=1.3,
            reason="averages over tasks scatter by 0.4-4 % of the error: few thousand questions each",
        ),
    },
}
