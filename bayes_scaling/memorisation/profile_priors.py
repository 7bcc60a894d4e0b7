"""Priors of the few parameters of a memorisation profile, stated once for every way of drawing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from scipy import special

MEAN_SD: Final = 2.0
"""Spread of the level of all effects, in units of their root mean square: wide, the data settle it."""


class Distribution(StrEnum):
    """Distributions of a prior, by their names in PyMC."""

    NORMAL = "Normal"
    HALF_NORMAL = "HalfNormal"
    LOG_NORMAL = "LogNormal"


@dataclass(frozen=True)
class ParameterPrior:
    """Prior of one parameter.

    Attributes
    ----------
    distribution : Distribution
    scale : float
        Standard deviation of the normal distribution, of the one that is folded at zero, or of the logarithm.
    location : float
        Mean of the normal distribution, or of the logarithm; zero for a half normal.
    reason : str
        Why these numbers.
    """

    distribution: Distribution
    scale: float
    location: float = 0.0
    reason: str = ""

    def value(self, standard: np.ndarray) -> np.ndarray:
        """Values whose prior quantiles are those that standard normal numbers have."""
        match self.distribution:
            case Distribution.NORMAL:
                return self.location + self.scale * standard
            case Distribution.HALF_NORMAL:
                return -self.scale * special.ndtri_exp(special.log_ndtr(-standard) - np.log(2.0))
            case Distribution.LOG_NORMAL:
                return np.exp(self.location + self.scale * standard)


PRIORS: Final[Mapping[str, ParameterPrior]] = {
    "decay": ParameterPrior(
        Distribution.HALF_NORMAL, 0.7, reason="from no fading to a twentyfold one over a dozen checkpoints"
    ),
    "event_sd": ParameterPrior(
        Distribution.HALF_NORMAL, 1.0, reason="the profile may move as much as it is large"
    ),
    "event_range": ParameterPrior(
        Distribution.LOG_NORMAL, 0.5, reason="features as wide as a factor of 1.5-14 in time since training"
    ),
    "cohort_sd": ParameterPrior(Distribution.HALF_NORMAL, 0.5, reason="cohorts are more alike than not"),
    "cohort_range": ParameterPrior(
        Distribution.LOG_NORMAL,
        0.5,
        float(np.log(0.5)),
        reason="cohorts within 0.2-1.3 of training are alike",
    ),
    "cell_sd": ParameterPrior(
        Distribution.HALF_NORMAL, 0.2, reason="single cells are more alike than cohorts"
    ),
}
"""Of every fit, in units of the root mean square of the effects."""

SIZE_PRIORS: Final[Mapping[str, ParameterPrior]] = {
    "growth": ParameterPrior(
        Distribution.NORMAL, 1.0, reason="ln of the effect for a decade in size: a factor of 7 either way"
    ),
    "model_sd": ParameterPrior(
        Distribution.LOG_NORMAL,
        0.5,
        float(np.log(0.1)),
        reason="models within 4-27 % of that line, and never on it, where the posterior would have a funnel",
    ),
    "size_range": ParameterPrior(
        Distribution.LOG_NORMAL, 0.5, reason="profiles drift apart over about a decade in size"
    ),
    "size_sd": ParameterPrior(
        Distribution.HALF_NORMAL, 0.3, reason="profiles differ by less than they have in common"
    ),
}
"""Further ones of a fit of several sizes; the models' scales have a prior given these, `scale_moments`."""


def priors_for(n_models: int) -> Mapping[str, ParameterPrior]:
    """The priors of a fit of so many models."""
    return PRIORS if n_models == 1 else {**PRIORS, **SIZE_PRIORS}
