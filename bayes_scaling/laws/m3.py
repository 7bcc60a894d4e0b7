r"""A power law of the amount of data that levels off.

.. math:: \epsilon = \beta\,(x^{-1} + \gamma)^{c}

Alabdulmohsin et al. 2022, arXiv:2209.06640, estimator M3 (the exponent in their code is at least zero).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bayes_scaling.laws.base import Array, HasPowerLawTail, Parameter
from bayes_scaling.laws.learning_curve import LOG_REFERENCE_AMOUNT, LearningCurveLaw, log_amount, softplus


class M3(LearningCurveLaw, HasPowerLawTail):
    r"""Error falls as a power of the amount of data up to about :math:`1/\gamma`, and then hardly any more.

    .. math:: \ln\epsilon = \ln\epsilon_1 + c \ln\frac{x_1/x + g}{1 + g},
        \qquad g = \gamma x_1, \; x_1 = 10^9

    ====================  ======================================================  =======  ============
    name                  meaning                                                 support  unit
    ====================  ======================================================  =======  ============
    ``log_level``         log of the error at x = 1e9                             real     log(error)
    ``log_saturation``    log of g: 1e9 over the amount where the curve levels    real     none
    ``log_exponent``      log of the exponent c                                   real     none
    ====================  ======================================================  =======  ============

    Limits: :math:`g \to 0` is :class:`~bayes_scaling.laws.m1.M1`; what is left above the floor falls as 1/x.
    """

    name: ClassVar[str] = "m3"
    title: ClassVar[str] = "Power law of the amount of data that levels off"
    equation: ClassVar[str] = "e = beta (1/x + gamma)^c"
    citation: ClassVar[str] = "Alabdulmohsin et al. 2022, arXiv:2209.06640, M3"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("log_level", r"\ln\epsilon_1", "error at x = 1e9", "level", relative_to_scale=False),
        Parameter("log_saturation", r"\ln g", "1e9 over the amount where the curve levels off", "saturation"),
        Parameter("log_exponent", r"\ln c", "exponent of data before it levels off", "exponent"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln error by the equation above."""
        falling, level_off = -log_amount(xp, inputs), params["log_saturation"]
        bend = xp.logaddexp(falling + 0.0 * level_off, level_off + 0.0 * falling)
        return params["log_level"] + xp.exp(params["log_exponent"]) * (bend - softplus(xp, level_off))

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """One: what is left above the floor falls as 1/x."""
        return {"n_tokens": 1.0 + 0.0 * params["log_exponent"]}

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published beta, gamma and c, here positive as in their code."""
        exponent, level_off = xp.exp(params["log_exponent"]), params["log_saturation"]
        at_reference = softplus(xp, level_off) - LOG_REFERENCE_AMOUNT
        return {
            "beta": xp.exp(params["log_level"] - exponent * at_reference),
            "gamma": xp.exp(level_off - LOG_REFERENCE_AMOUNT),
            "c": exponent,
        }

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters of published beta, gamma > 0 and c > 0."""
        level_off = xp.log(published["gamma"]) + LOG_REFERENCE_AMOUNT
        at_reference = softplus(xp, level_off) - LOG_REFERENCE_AMOUNT
        return {
            "log_level": xp.log(published["beta"]) + published["c"] * at_reference,
            "log_saturation": level_off,
            "log_exponent": xp.log(published["c"]),
        }


M3_LAW = M3()
