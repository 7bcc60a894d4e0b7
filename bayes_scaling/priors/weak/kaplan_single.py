"""Weak priors of Kaplan's power laws in one input."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior

PRIORS = {
    "kaplan-n": {
        "log_reference_loss": ScalarPrior(
            location=math.log(2.5),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="nats a token at 1e9 parameters; wide for other tokenizers (Kaplan: 2.37)",
        ),
        "log_alpha": ScalarPrior(
            location=math.log(0.076),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="without a floor exponents are small: 0.033-0.17 (Kaplan: 0.076 of size)",
        ),
    },
    "kaplan-d": {
        "log_reference_loss": ScalarPrior(
            location=math.log(2.5),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="nats a token at 2e10 tokens; wide for other tokenizers (Kaplan: 2.12)",
        ),
        "log_alpha": ScalarPrior(
            location=math.log(0.095),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="without a floor exponents are small: 0.041-0.22 (Kaplan: 0.095 of data)",
        ),
    },
    "kaplan-c": {
        "log_reference_loss": ScalarPrior(
            location=math.log(2.6),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="nats a token at 1.2e20 FLOPs; wide for other tokenizers (Kaplan: 2.53)",
        ),
        "log_alpha": ScalarPrior(
            location=math.log(0.055),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="without a floor exponents are small: 0.024-0.13 (Kaplan: 0.050 and 0.057)",
        ),
    },
}
