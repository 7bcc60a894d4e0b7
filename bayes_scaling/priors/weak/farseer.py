"""Weak priors of the law whose floor, amplitude and exponent change with size."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior
from bayes_scaling.priors.weak.chinchilla import PRIORS as ADDITIVE


def _bend(what: str) -> ScalarPrior:
    return ScalarPrior(
        location=math.log(0.25),
        location_sd=0.4,
        spread=0.3,
        spread_factor=1.3,
        reason=f"{what} fades over two to ten e-folds of size, as the size term of an additive law does",
    )


PRIORS = {
    "farseer": {
        "log_E": ScalarPrior(
            location=math.log(2.0),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="a 1e9-parameter model with endless data: E and the size term of the additive law, 1.1-3.6 nats",
        ),
        "log_floor_slope": ScalarPrior(
            location=math.log(0.058),
            location_sd=0.3,
            spread=0.3,
            spread_factor=1.3,
            reason="alpha times the size term's share: an additive law's floor falls 2-13 % an e-fold of size at 1e9",
        ),
        "log_floor_bend": _bend("the fall of the floor"),
        "log_data_share": ADDITIVE["chinchilla"]["log_data_share"],
        "data_slope": ScalarPrior(
            location=0.0,
            location_sd=0.03,
            spread=0.03,
            spread_factor=1.3,
            reason="the additive law says zero; ten per cent an e-fold of size would show in any family",
        ),
        "log_data_bend": _bend("the rise of the data term"),
        "log_beta": ADDITIVE["chinchilla"]["log_beta"],
        "beta_slope": ScalarPrior(
            location=0.0,
            location_sd=0.03,
            spread=0.03,
            spread_factor=1.3,
            reason="the additive law says zero; exponents of published laws do not differ more than this over sizes",
        ),
        "log_beta_bend": _bend("the rise of the exponent of data"),
    }
}
