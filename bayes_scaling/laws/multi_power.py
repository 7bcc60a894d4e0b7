r"""The multi-power law of the learning-rate schedule.

.. math::
    L(t) = L_0 + A\,S_1(t)^{-\alpha} - B \sum_k (\eta_{k-1} - \eta_k)\, G(\eta_k^{-\gamma} S_k(t)),
    \qquad G(x) = 1 - (Cx + 1)^{-\beta}

Luo et al. 2025, arXiv:2503.12811.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np

from bayes_scaling.laws.base import Array, Parameter
from bayes_scaling.laws.level_coordinates import HasLevelCoordinates
from bayes_scaling.laws.schedule_columns import LR_AFTER, LR_AREA, LR_DROP, LR_SUM

REFERENCE_LR_SUM: Final = 10.0
"""Sum of the rate at which the first term is stated: 1e10 tokens at the peak rate."""

LOG_REFERENCE: Final = float(np.log(REFERENCE_LR_SUM))

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)

WARM_UP: Final = tuple(zip((_NODES + 1) / 2, _WEIGHTS / 2, strict=True))
"""Rates on the way up to the peak, and the shares of the rise that they stand for (Gauss-Legendre)."""

LARGEST_GAIN: Final = 0.9
"""Largest share of the loss without decay that decay can take: the law itself has no such limit."""

_SEGMENTS = tuple(zip(LR_DROP, LR_AFTER, LR_AREA, strict=True))


class MultiPower(HasLevelCoordinates):
    r"""Loss along a run, given the path of its learning rate.

    With the rate over its peak, :math:`r`, and :math:`S_1` and :math:`S_k` its sums over tokens (in 1e9)
    since the start and since the k-th fall,

    .. math::
        L = L_0\left[1 + a\,(S_1/10)^{-\alpha} - g \sum_k \Delta r_k
        \left(1 - (1 + c\, r_k^{-\gamma} S_k)^{-\beta}\right)\right].

    The sum over steps is one over segments of the path: see ``bayes_scaling.models.schedule_segments``. The
    warm-up is part of it, as a rise from zero to the peak at the very start.

    ====================  ======================================================  =======  =================
    name                  meaning                                                 support  unit
    ====================  ======================================================  =======  =================
    ``log_floor``         log of L_0, the loss after endless training             real     log(unit of loss)
    ``log_share``         log of a, what is left over L_0 at a sum of 10          real     none
    ``log_exponent``      log of alpha                                            real     none
    ``log_gain``          log of g, what a decay to zero gains in the end over L_0  real   none
    ``log_speed``         log of c, how soon it gains it                          real     log(1 / 1e9 tokens)
    ``log_decay``         log of beta                                             real     none
    ``log_rate_power``    log of gamma                                            real     none
    ====================  ======================================================  =======  =================

    Limits: a constant rate gives a power law above :math:`L_0 (1 + g)`, once the warm-up is forgotten; until
    then more may even hurt where a small a meets a large g. A gain beyond what is left would give a loss below
    zero: the share that decay takes is capped at 0.9, far from where published fits are.
    """

    name: ClassVar[str] = "multi-power"
    title: ClassVar[str] = "Multi-power law of the learning-rate schedule"
    equation: ClassVar[str] = "L = L0 + A S1^-alpha - B sum_k (lr_(k-1) - lr_k) G(lr_k^-gamma S_k)"
    citation: ClassVar[str] = "Luo et al. 2025, arXiv:2503.12811"
    inputs: ClassVar[tuple[str, ...]] = (LR_SUM, *LR_DROP, *LR_AFTER, *LR_AREA)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("log_floor", r"\ln L_0", "loss after endless training", "floor", relative_to_scale=False),
        Parameter(
            "log_share",
            r"\ln a",
            "what is left over the floor at 1e10 tokens at the peak",
            "share",
            is_share=True,
        ),
        Parameter("log_exponent", r"\ln\alpha", "exponent of the sum of the rate", "exponent"),
        Parameter("log_gain", r"\ln g", "gain of a decay to zero, over the floor", "gain", is_share=True),
        Parameter("log_speed", r"\ln c", "how soon decay gains, for each 1e9 tokens at the peak", "speed"),
        Parameter("log_decay", r"\ln\beta", "exponent with which the gain is completed", "decay"),
        Parameter("log_rate_power", r"\ln\gamma", "power of the rate that slows the gain", "rate_power"),
    )
    assumptions: ClassVar[Mapping[str, Any]] = {
        "schedule": False,
        "repeats": False,
        "max_checkpoints": 40,
        "min_progress": 0.15,
        # a family is one size: what the law misses is a function of its tokens alone, and stays beyond the data
        "run_size_exponent": 0.0,
        "basis": {"length_scale": 3.0, "decay": 0.0},
    }
    rises_with: ClassVar[tuple[str, ...]] = (LR_SUM, *LR_AFTER)

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equation above."""
        log_left = constant_rate(xp, params, inputs)
        speed, power = params["log_speed"], xp.exp(params["log_rate_power"])
        decay = xp.exp(params["log_decay"])
        falls = [(inputs[drop], inputs[after], inputs[area]) for drop, after, area in _SEGMENTS]
        rises = [(-weight, rate, inputs[LR_SUM]) for rate, weight in WARM_UP]
        done: Array = 0.0
        for drop, after, area in falls + rises:
            log_time = speed - power * xp.log(after) + xp.log(area)
            done = done - drop * xp.expm1(-decay * xp.logaddexp(0.0 * log_time, log_time))
        return (
            params["log_floor"] + log_left + log_rest_after(xp, xp.exp(params["log_gain"] - log_left) * done)
        )

    @staticmethod
    def from_published(
        xp: Any, published: Mapping[str, Array], peak: float, tokens_per_step: float
    ) -> dict[str, Array]:
        """The pooled parameters of published L0, A, alpha, B, C, beta, gamma.

        Parameters
        ----------
        xp : module
        published : mapping of str to array
            Constants for sums of the learning rate itself over steps.
        peak : float
            The peak learning rate.
        tokens_per_step : float
            Tokens of one step.
        """
        log_unit = np.log(peak * 1e9 / tokens_per_step)
        log_floor = xp.log(published["L0"])
        share = xp.log(published["A"]) - published["alpha"] * (LOG_REFERENCE + log_unit) - log_floor
        return {
            "log_floor": log_floor,
            "log_share": share,
            "log_exponent": xp.log(published["alpha"]),
            "log_gain": xp.log(published["B"] * peak) - log_floor,
            "log_speed": xp.log(published["C"]) + log_unit - published["gamma"] * np.log(peak),
            "log_decay": xp.log(published["beta"]),
            "log_rate_power": xp.log(published["gamma"]),
        }


def constant_rate(xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
    """ln(L / L_0) of a run whose rate never fell: a power law above a floor."""
    log_left = params["log_share"] - xp.exp(params["log_exponent"]) * (xp.log(inputs[LR_SUM]) - LOG_REFERENCE)
    return xp.logaddexp(0.0 * log_left, log_left)


def log_rest_after(xp: Any, gain: Array) -> Array:
    """ln(1 - gain) of a share of the loss that is gained, capped smoothly enough that it never is all."""
    return xp.log1p(-xp.minimum(gain, LARGEST_GAIN))


MULTI_POWER = MultiPower()
