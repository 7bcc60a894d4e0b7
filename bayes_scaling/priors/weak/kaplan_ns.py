"""Weak priors of Kaplan's law of learning curves."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior

PRIORS = {
    "kaplan-ns": {
        "log_size_loss": ScalarPrior(
            location=math.log(2.3),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="nats a token of 1e9 parameters after endless steps; wide for other tokenizers (Kaplan: 2.35)",
        ),
        "log_step_share": ScalarPrior(
            location=math.log(0.13),
            location_sd=0.5,
            spread=0.5,
            spread_factor=1.3,
            reason="1e4 steps leave 3-52 % unlearned, by batch size (Kaplan: 13 % of S_min)",
        ),
        "log_alpha_n": ScalarPrior(
            location=math.log(0.076),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="without a floor exponents are small: 0.033-0.17 (Kaplan: 0.077 of size)",
        ),
        "log_alpha_s": ScalarPrior(
            location=math.log(0.6),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="exponents of steps or of data past a floor: 0.26-1.4 (Kaplan: 0.76)",
        ),
    },
}
