"""Weak priors of what surrounds every law: runs, the law's own error, unfinished schedules."""

from __future__ import annotations

import math

from bayes_scaling.priors.base import ScalarPrior

RESIDUAL = {
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

SCHEDULE = {
    "schedule_gap": ScalarPrior(
        location=0.02,
        location_sd=0.02,
        spread=0.02,
        spread_factor=1.5,
        reason="at its peak the learning rate keeps the loss 0-6 % above that of a run that has decayed",
    ),
}
