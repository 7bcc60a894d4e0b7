r"""A sigmoid from the error of a guess down to a floor, with power laws at both ends.

.. math:: \frac{\epsilon - \epsilon_\infty}{(\epsilon_0 - \epsilon)^{\alpha}} = \beta x^{-c}

Alabdulmohsin et al. 2022, arXiv:2209.06640, estimator M4 (their c is minus this one).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from bayes_scaling.laws.base import Array, HasPowerLawTail, Parameter
from bayes_scaling.laws.learning_curve import LOG_REFERENCE_AMOUNT, LearningCurveLaw, log_amount, softplus

N_NEWTON_STEPS: Final = 6
"""Enough for rounding error at exponents alpha from 1/20 to 20, and for 1e-9 up to 50; see :func:`solve_log_odds`."""


class M4(LearningCurveLaw, HasPowerLawTail):
    r"""Error falls from that of a guess to a floor.

    With the share :math:`u = (\epsilon - \epsilon_\infty) / (\epsilon_0 - \epsilon_\infty)` of the error
    that can be learned and is not yet, and the odds :math:`o` of floor to that, the law is

    .. math::
        \ln\epsilon = \ln\epsilon_0 + \ln\frac{o + u}{o + 1}, \qquad
        \ln u - \alpha\ln(1 - u) = b - c\ln(x/x_1), \qquad x_1 = 10^9

    where :math:`b = \ln\beta + (\alpha - 1)\ln(\epsilon_0 - \epsilon_\infty) - c\ln x_1`. The equation of u
    is solved in its log odds, where it is smooth and nowhere flat, by a fixed number of Newton steps.

    ====================  =====================================================  =======  ============
    name                  meaning                                                support  unit
    ====================  =====================================================  =======  ============
    ``log_ceiling``       log of the error of a guess, without data              real     log(error)
    ``log_floor_odds``    log of o, floor over what can be learned               real     none
    ``log_amplitude``     b, where the curve is at x = 1e9                       real     none
    ``log_exponent``      log of the exponent c                                  real     none
    ``log_alpha``         log of the exponent alpha of the departure from a guess  real   none
    ====================  =====================================================  =======  ============

    Limits: :math:`\epsilon_0` as x falls and the floor as it grows; far below the ceiling it is
    :class:`~bayes_scaling.laws.m2.M2`. An error below the ceiling is what the law is for; losses without one
    belong to M2.
    """

    name: ClassVar[str] = "m4"
    title: ClassVar[str] = "Sigmoid of the amount of data between a guess and a floor"
    equation: ClassVar[str] = "(e - e_inf) / (e_0 - e)^alpha = beta x^-c"
    citation: ClassVar[str] = "Alabdulmohsin et al. 2022, arXiv:2209.06640, M4"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("log_ceiling", r"\ln\epsilon_0", "error of a guess", "ceiling", relative_to_scale=False),
        Parameter("log_floor_odds", r"\ln o", "floor over what can be learned", "floor_odds", is_share=True),
        Parameter("log_amplitude", "b", "log of u / (1 - u)^alpha at x = 1e9", "amplitude"),
        Parameter("log_exponent", r"\ln c", "exponent of data far from the guess", "exponent"),
        Parameter("log_alpha", r"\ln\alpha", "exponent of the departure from the guess", "alpha"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln error by the equations above."""
        target = params["log_amplitude"] - xp.exp(params["log_exponent"]) * log_amount(xp, inputs)
        log_left = -softplus(xp, -solve_log_odds(xp, target, params["log_alpha"]))
        odds = params["log_floor_odds"]
        return params["log_ceiling"] + xp.logaddexp(odds + 0.0 * log_left, log_left) - softplus(xp, odds)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponent c."""
        return {"n_tokens": xp.exp(params["log_exponent"])}

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published eps_0, eps_inf, beta, alpha and c, which is negative."""
        exponent, alpha = xp.exp(params["log_exponent"]), xp.exp(params["log_alpha"])
        odds = params["log_floor_odds"]
        log_range = params["log_ceiling"] - softplus(xp, odds)
        log_beta = params["log_amplitude"] + (1.0 - alpha) * log_range + exponent * LOG_REFERENCE_AMOUNT
        return {
            "eps_0": xp.exp(params["log_ceiling"]),
            "eps_inf": xp.exp(params["log_ceiling"] - softplus(xp, -odds)),
            "beta": xp.exp(log_beta),
            "alpha": alpha,
            "c": -exponent,
        }

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters of published eps_0 > eps_inf > 0, beta, alpha and c < 0."""
        log_range = xp.log(published["eps_0"] - published["eps_inf"])
        amplitude = xp.log(published["beta"]) + (published["alpha"] - 1.0) * log_range
        return {
            "log_ceiling": xp.log(published["eps_0"]),
            "log_floor_odds": xp.log(published["eps_inf"]) - log_range,
            "log_amplitude": amplitude + published["c"] * LOG_REFERENCE_AMOUNT,
            "log_exponent": xp.log(-published["c"]),
            "log_alpha": xp.log(published["alpha"]),
        }


def solve_log_odds(xp: Any, target: Array, log_alpha: Array) -> Array:
    r"""The v with :math:`v + (\alpha - 1)\ln(1 + e^v)` equal to the target.

    With :math:`u = 1/(1 + e^{-v})` this is :math:`\ln u - \alpha\ln(1 - u)`. The left side rises with a slope
    between 1 and alpha and bends one way only, so Newton's method approaches the root from one side. It
    starts from the lines that the left side follows far out. Differentiating the last step gives the
    derivative of the root itself, since the steps before it are at the root already.
    """
    alpha = xp.exp(log_alpha)
    # the lines v (far left) and alpha v (far right)
    root = xp.minimum(target, 0.0) + xp.maximum(target, 0.0) / alpha
    for _ in range(N_NEWTON_STEPS):
        above = softplus(xp, root)
        share = xp.exp(root - above)
        root = root - (root + (alpha - 1.0) * above - target) / (1.0 + (alpha - 1.0) * share)
    return root


M4_LAW = M4()
