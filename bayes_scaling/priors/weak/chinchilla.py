"""Weak priors of the additive law in parameters and tokens."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior

PRIORS = {
    "chinchilla": {
        "log_E": ScalarPrior(
            location=math.log(1.7),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="nats a token of natural text; wide, since E belongs to a tokenizer and a test set",
        ),
        "log_size_share": ScalarPrior(
            location=math.log(0.2),
            location_sd=0.3,
            spread=0.4,
            spread_factor=1.3,
            reason="a 1e9-parameter model loses 8-53 % of E to its size (Chinchilla: 20 %)",
        ),
        "log_data_share": ScalarPrior(
            location=math.log(0.22),
            location_sd=0.3,
            spread=0.4,
            spread_factor=1.3,
            reason="2e10 tokens leave 8-59 % of E unlearned (Chinchilla: 20 %)",
        ),
        "log_alpha": ScalarPrior(
            location=math.log(0.35),
            location_sd=0.2,
            spread=0.2,
            spread_factor=1.3,
            reason="published exponents of size with an irreducible loss: most in 0.2-0.6 (Chinchilla: 0.35)",
        ),
        "log_beta": ScalarPrior(
            location=math.log(0.35),
            location_sd=0.2,
            spread=0.2,
            spread_factor=1.3,
            reason="published exponents of data with an irreducible loss: most in 0.2-0.6 (Chinchilla: 0.37)",
        ),
    }
}
