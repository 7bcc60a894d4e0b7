"""Weak priors of laws of one learning curve: M1 to M4, and broken power laws.

They are for error rates and for losses in nats alike, so levels are wide; what a table's curves share is learned
from them, for which spreads over families are free within a factor of about two and a half.
"""

from __future__ import annotations

import math
from typing import Final

from bayes_scaling.priors.base import ScalarPrior

_FREE: Final = 1.6
"""Factor by which a spread over families may be off: curves of one data set are alike, others are not."""


def _level(reason: str) -> ScalarPrior:
    return ScalarPrior(
        location=math.log(0.6), location_sd=0.5, spread=0.5, spread_factor=_FREE, reason=reason
    )


def _floor(reason: str) -> ScalarPrior:
    return ScalarPrior(
        location=math.log(0.3), location_sd=0.7, spread=0.7, spread_factor=_FREE, reason=reason
    )


def _exponent(reason: str, exponent: float = 0.5) -> ScalarPrior:
    return ScalarPrior(
        location=math.log(exponent), location_sd=0.4, spread=0.3, spread_factor=_FREE, reason=reason
    )


def _slope(reason: str) -> ScalarPrior:
    return ScalarPrior(location=0.15, location_sd=0.15, spread=0.15, spread_factor=_FREE, reason=reason)


def _break(reason: str) -> ScalarPrior:
    return ScalarPrior(
        location=math.log(0.1), location_sd=1.0, spread=0.8, spread_factor=_FREE, reason=reason
    )


def _width(reason: str) -> ScalarPrior:
    return ScalarPrior(
        location=math.log(0.5), location_sd=0.5, spread=0.4, spread_factor=_FREE, reason=reason
    )


_AROUND = {
    "log_run_sd": ScalarPrior(
        location=math.log(0.012),
        location_sd=0.5,
        spread=0.5,
        spread_factor=_FREE,
        reason="an error rate of 10-50 % counted on 5,000 to 50,000 examples has a relative error of 0.4-4 %",
    ),
}

_BROKEN_1 = {
    "log_level": _level("error rates and losses after 1e9 examples or tokens: 0.15-2.4"),
    "log_floor_odds": _floor(
        "at 1e9 examples the floor is from a tenth to several times of what is left to learn"
    ),
    "exponent_before": _slope("before the break a curve is nearly flat, -0.3 to 0.6, and may even rise"),
    "log_break": _break("a curve leaves its plateau between 8e6 and 1.3e9 examples or tokens"),
    "log_width": _width("breaks are smooth: spread over 0.2 to 2 e-folds of data"),
    "log_exponent": _exponent("exponents of error in data at the end of curves lie in 0.2-1.3"),
}

PRIORS = {
    "m1": {
        **_AROUND,
        "log_level": _level("errors of curves at 1e9 examples, 0.15-2.4 as a rate or in nats"),
        "log_exponent": _exponent("without a floor curves look flat: exponents of 0.08-0.5", 0.2),
    },
    "m2": {
        **_AROUND,
        "log_level": _level("error or loss at 1e9 examples: 0.15-2.4 as a rate or in nats"),
        "log_floor_odds": _floor("what never goes away is from a tenth to several times what is left at 1e9"),
        "log_exponent": _exponent("exponents of error in data above a floor, 0.2-1.3 in published curves"),
    },
    "m3": {
        **_AROUND,
        "log_level": _level("level of a curve at 1e9 examples: 0.15-2.4 as a rate or in nats"),
        "log_saturation": ScalarPrior(
            location=0.0,
            location_sd=1.5,
            spread=1.0,
            spread_factor=_FREE,
            reason="curves level off somewhere between 3e7 and 3e10 examples",
        ),
        "log_exponent": _exponent("exponents before levelling off are those of power laws, 0.1-0.8", 0.3),
    },
    "m4": {
        **_AROUND,
        "log_ceiling": ScalarPrior(
            location=math.log(0.95),
            location_sd=0.1,
            spread=0.1,
            spread_factor=3.0,
            reason="a guess among many classes errs nearly always: 0.75-1 of the time",
        ),
        "log_floor_odds": ScalarPrior(
            location=math.log(0.3),
            location_sd=0.7,
            spread=0.7,
            spread_factor=_FREE,
            reason="the floor is from a twentieth to twice what a guess has to learn",
        ),
        "log_amplitude": ScalarPrior(
            location=-0.5,
            location_sd=1.0,
            spread=0.8,
            spread_factor=_FREE,
            reason="after 1e9 examples a tenth to most of what can be learned is still to be learned",
        ),
        "log_exponent": _exponent("exponents far from the guess, above a floor: 0.2-1.3 in published curves"),
        "log_alpha": ScalarPrior(
            location=0.0,
            location_sd=0.5,
            spread=0.4,
            spread_factor=_FREE,
            reason="departure from the guess with an exponent of 0.3-3; one is a symmetric sigmoid",
        ),
    },
    "broken-1": {**_BROKEN_1, **_AROUND},
    "broken-2": {
        **_BROKEN_1,
        **_AROUND,
        "exponent_between": _slope("between breaks anything from a small rise to an exponent of 0.6"),
        "log_gap": ScalarPrior(
            location=math.log(2.5),
            location_sd=0.4,
            spread=0.3,
            spread_factor=_FREE,
            reason="two breaks less than one e-fold apart are one; more than eight seldom fit in one curve",
        ),
        "log_width_2": _width("the second break is as smooth as the first: 0.2 to 2 e-folds"),
    },
}
