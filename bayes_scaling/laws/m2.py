r"""A power law of the amount of data above a floor.

.. math:: \epsilon = \epsilon_\infty + \beta x^{-c}

Alabdulmohsin et al. 2022, arXiv:2209.06640, estimator M2 (their c is minus this one).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bayes_scaling.laws.base import Array, HasPowerLawTail, Parameter
from bayes_scaling.laws.learning_curve import LOG_REFERENCE_AMOUNT, LearningCurveLaw, log_amount, softplus


class M2(LearningCurveLaw, HasPowerLawTail):
    r"""Error falls as a power of the amount of data, to a floor.

    With the error at a reference amount :math:`x_1 = 10^9` and the floor over the rest of it,
    :math:`o = \epsilon_\infty / (\epsilon_1 - \epsilon_\infty)`,

    .. math:: \ln\epsilon = \ln\epsilon_1 + \ln\frac{o + (x/x_1)^{-c}}{o + 1}

    ====================  ==============================================  =======  ============
    name                  meaning                                         support  unit
    ====================  ==============================================  =======  ============
    ``log_level``         log of the error at x = 1e9                     real     log(error)
    ``log_floor_odds``    log of o, floor over what can still be learned  real     none
    ``log_exponent``      log of the exponent c                           real     none
    ====================  ==============================================  =======  ============

    Limits: :math:`o \to 0` is :class:`~bayes_scaling.laws.m1.M1`.
    """

    name: ClassVar[str] = "m2"
    title: ClassVar[str] = "Power law of the amount of data above a floor"
    equation: ClassVar[str] = "e = e_inf + beta x^-c"
    citation: ClassVar[str] = "Alabdulmohsin et al. 2022, arXiv:2209.06640, M2"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("log_level", r"\ln\epsilon_1", "error at x = 1e9", "level", relative_to_scale=False),
        Parameter(
            "log_floor_odds",
            r"\ln o",
            "floor over the rest of the error at x = 1e9",
            "floor_odds",
            is_share=True,
        ),
        Parameter("log_exponent", r"\ln c", "exponent of data", "exponent"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln error by the equation above."""
        log_rest = -xp.exp(params["log_exponent"]) * log_amount(xp, inputs)
        odds = params["log_floor_odds"]
        return params["log_level"] + xp.logaddexp(odds + 0.0 * log_rest, log_rest) - softplus(xp, odds)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponent c."""
        return {"n_tokens": xp.exp(params["log_exponent"])}

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published eps_inf, beta and c, which is negative."""
        exponent, odds = xp.exp(params["log_exponent"]), params["log_floor_odds"]
        return {
            "eps_inf": xp.exp(params["log_level"] - softplus(xp, -odds)),
            "beta": xp.exp(params["log_level"] - softplus(xp, odds) + exponent * LOG_REFERENCE_AMOUNT),
            "c": -exponent,
        }

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters of published eps_inf > 0, beta and c < 0."""
        log_floor = xp.log(published["eps_inf"])
        log_rest = xp.log(published["beta"]) + published["c"] * LOG_REFERENCE_AMOUNT
        return {
            "log_level": xp.logaddexp(log_floor, log_rest),
            "log_floor_odds": log_floor - log_rest,
            "log_exponent": xp.log(-published["c"]),
        }


M2_LAW = M2()
