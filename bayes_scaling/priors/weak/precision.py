"""Weak priors of the additive law in few bits: those of Chinchilla's law, and of what bits take away."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior
from bayes_scaling.priors.weak import chinchilla


def _bits(location: float, reason: str) -> ScalarPrior:
    return ScalarPrior(
        location=math.log(location), location_sd=0.4, spread=0.2, spread_factor=1.5, reason=reason
    )


def _floor(location: float, reason: str) -> ScalarPrior:
    return ScalarPrior(location=location, location_sd=0.7, spread=0.3, spread_factor=1.5, reason=reason)


PRIORS = {
    "precision": {
        **chinchilla.PRIORS["chinchilla"],
        "log_gamma_w": _bits(2.0, "weights lose most of their worth below 3 to 6 bits: 0.8-5 bits an e-fold"),
        "log_gamma_a": _bits(2.2, "activations are about as sensitive as weights: 0.9-6 bits an e-fold"),
        "log_gamma_kv": _bits(1.0, "the cache is robust down to few bits: 0.4-2.5 bits an e-fold"),
        "bits_floor_w": _floor(
            0.8, "weights of one bit are worth something yet: nothing is left at -0.7 to 2.3 bits"
        ),
        "bits_floor_a": _floor(
            2.0, "activations of two or three bits hardly train: nothing is left at 0.5-3.5 bits"
        ),
        "bits_floor_kv": _floor(
            2.0, "a cache of two or three bits hardly serves: nothing is left at 0.5-3.5 bits"
        ),
        "log_damage": ScalarPrior(
            location=math.log(0.005),
            location_sd=1.0,
            spread=0.5,
            spread_factor=1.5,
            reason="four bits after training cost 0.05-5 % of E at 1e9 parameters and 2e10 tokens",
        ),
        "log_gamma_D": _bits(0.5, "damage grows as a power of tokens of 0.2-1.2 in published fits"),
        "log_gamma_N": _bits(0.35, "damage falls as a power of size of 0.15-0.8 in published fits"),
        "log_gamma_post": _bits(0.6, "each bit fewer after training multiplies the damage by 2 to 20"),
        "log_robust_w": _bits(1.0, "weights trained within a bit of their final precision lose little"),
        "log_robust_a": _bits(1.0, "activations trained within a bit of the final precision save damage too"),
        "log_robust_kv": _bits(1.0, "a cache trained within a bit of the final precision saves damage too"),
    }
}
