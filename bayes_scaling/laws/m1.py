r"""A plain power law of the amount of data.

.. math:: \epsilon = \beta x^{-c}

Alabdulmohsin et al. 2022, arXiv:2209.06640, estimator M1 (their c is minus this one).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bayes_scaling.laws.base import Array, HasPowerLawTail, Parameter
from bayes_scaling.laws.learning_curve import LOG_REFERENCE_AMOUNT, LearningCurveLaw, log_amount


class M1(LearningCurveLaw, HasPowerLawTail):
    r"""Error falls as a power of the amount of data, to zero.

    .. math:: \ln\epsilon = \ln\epsilon_1 - c \ln(x/x_1), \qquad x_1 = 10^9

    ==================  ===================================  =======  ============
    name                meaning                              support  unit
    ==================  ===================================  =======  ============
    ``log_level``       log of the error at x = 1e9          real     log(error)
    ``log_exponent``    log of the exponent c                real     none
    ==================  ===================================  =======  ============

    Limits: to zero as x grows. The case of no floor of :class:`~bayes_scaling.laws.m2.M2`.
    """

    name: ClassVar[str] = "m1"
    title: ClassVar[str] = "Power law of the amount of data"
    equation: ClassVar[str] = "e = beta x^-c"
    citation: ClassVar[str] = "Alabdulmohsin et al. 2022, arXiv:2209.06640, M1"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("log_level", r"\ln\epsilon_1", "error at x = 1e9", "level", relative_to_scale=False),
        Parameter("log_exponent", r"\ln c", "exponent of data", "exponent"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln error by the equation above."""
        return params["log_level"] - xp.exp(params["log_exponent"]) * log_amount(xp, inputs)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponent c."""
        return {"n_tokens": xp.exp(params["log_exponent"])}

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published beta and c, which is negative."""
        exponent = xp.exp(params["log_exponent"])
        return {"beta": xp.exp(params["log_level"] + exponent * LOG_REFERENCE_AMOUNT), "c": -exponent}

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters of published beta and c < 0."""
        return {
            "log_level": xp.log(published["beta"]) + published["c"] * LOG_REFERENCE_AMOUNT,
            "log_exponent": xp.log(-published["c"]),
        }


M1_LAW = M1()
