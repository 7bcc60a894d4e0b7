"""Weak priors of Kaplan's joint law."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior

PRIORS = {
    "kaplan-nd": {
        "log_reference_loss": ScalarPrior(
            location=math.log(2.5),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="nats a token of 1e9 parameters and 2e10 tokens; wide for other tokenizers (Kaplan: 2.37)",
        ),
        "log_balance": ScalarPrior(
            location=math.log(2.0),
            location_sd=0.7,
            spread=0.5,
            spread_factor=1.3,
            reason="size over data term in the bracket: within a factor of 5 of even (Kaplan: 3.9)",
        ),
        "log_alpha_n": ScalarPrior(
            location=math.log(0.08),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="without a floor exponents are small: 0.035-0.18 (Kaplan: 0.076 of size)",
        ),
        "log_alpha_d": ScalarPrior(
            location=math.log(0.1),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="without a floor exponents are small: 0.044-0.23 (Kaplan: 0.103 of data)",
        ),
    },
}
