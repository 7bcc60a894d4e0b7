"""Weak population priors: wide enough for any published family, narrow enough to exclude nonsense.

The numbers are orders of magnitude from the published constants of some ninety fitted laws
(``load_coefficients()``), widened; they see no run that a user wants to predict.
"""

from __future__ import annotations

import math

from bayes_scaling.errors import InputError
from bayes_scaling.laws import Law
from bayes_scaling.priors.base import Priors, ScalarPrior

_RESIDUAL = {
    "log_run_sd": ScalarPrior(
        location=math.log(0.006),
        location_sd=0.4,
        spread=0.4,
        spread_factor=1.3,
        reason="a run is off its law by its seed: published spreads are 0.2-3.5 % of the loss",
    ),
    "log_discrepancy_sd": ScalarPrior(
        location=math.log(0.015),
        location_sd=0.25,
        spread=0.3,
        spread_factor=1.3,
        reason="laws are wrong in a smooth way by 0.5-3 % where they were fitted; never exactly zero",
    ),
}

_SCHEDULE = {
    "schedule_gap": ScalarPrior(
        location=0.02,
        location_sd=0.02,
        spread=0.02,
        spread_factor=1.5,
        reason="at its peak the learning rate keeps the loss 0-6 % above that of a run that has decayed",
    ),
}

_CHINCHILLA = {
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

_BY_LAW = {"chinchilla": _CHINCHILLA}


def weak_priors(law: Law, *, schedule: bool = True) -> Priors:
    """Return the weak population priors of a law and of the residual around it.

    Raises
    ------
    InputError
        When no priors are known for the law; a user's own law brings its own.
    """
    if law.name not in _BY_LAW:
        raise InputError(
            f"law {law.name!r} has no weak priors",
            f"one of {', '.join(_BY_LAW)}",
            "Hand priors over explicitly: those of weak_priors() for `log_run_sd`, `log_discrepancy_sd` and, unless"
            " schedule=False, `schedule_gap`, and one for each of the law's own parameters.",
            code="no_priors",
        )
    gap = _SCHEDULE if schedule else {}
    return Priors({**_BY_LAW[law.name], **gap, **_RESIDUAL}, name=f"weak, {law.name}")
