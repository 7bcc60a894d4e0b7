r"""Power laws of the amount of data that change their exponent smoothly at one or two breaks.

.. math:: y = a + b x^{-c_0} \prod_{i=1}^{n} \left(1 + (x/d_i)^{1/f_i}\right)^{-c_i f_i}

Caballero et al. 2022, arXiv:2210.14891, eq. 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bayes_scaling.laws.base import Array, HasPowerLawTail, Parameter
from bayes_scaling.laws.learning_curve import LOG_REFERENCE_AMOUNT, LearningCurveLaw, log_amount, softplus

_LEVEL = (
    Parameter("log_level", r"\ln y_1", "loss at x = 1e9", "level", relative_to_scale=False),
    Parameter(
        "log_floor_odds", r"\ln o", "floor over the rest of the loss at x = 1e9", "floor_odds", is_share=True
    ),
)
_FIRST = (
    Parameter("exponent_before", "s_0", "exponent before the first break", "exponent_before", "identity"),
    Parameter("log_break", r"\ln(d_1/x_1)", "first break, over 1e9", "break_point"),
    Parameter("log_width", r"\ln f_1", "e-folds of data over which the first break is spread", "width"),
)
_SECOND = (
    Parameter("exponent_between", "s_1", "exponent between the breaks", "exponent_between", "identity"),
    Parameter("log_gap", r"\ln\ln(d_2/d_1)", "e-folds of data from the first break to the second", "gap"),
    Parameter("log_width_2", r"\ln f_2", "e-folds of data over which the second break is spread", "width_2"),
)
_LAST = (Parameter("log_exponent", r"\ln s_n", "exponent after the last break", "exponent"),)


class BrokenLaw(LearningCurveLaw, HasPowerLawTail):
    """A smoothly broken power law; subclasses say where its breaks are."""

    citation: ClassVar[str] = "Caballero et al. 2022, arXiv:2210.14891, eq. 1"
    rises_with: ClassVar[tuple[str, ...]] = ("n_tokens",)

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln loss; the product over breaks is a sum in log space, so no power overflows."""
        log_rest = self._log_rest(xp, params, log_amount(xp, inputs)) - self._log_rest(xp, params, 0.0)
        odds = params["log_floor_odds"]
        return params["log_level"] + xp.logaddexp(odds + 0.0 * log_rest, log_rest) - softplus(xp, odds)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponent after the last break."""
        return {"n_tokens": xp.exp(params["log_exponent"])}

    def to_published(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published a, b, c0 and, for each break i, its c_i, d_i and f_i."""
        odds, exponents = params["log_floor_odds"], self.exponents(xp, params)
        log_b = params["log_level"] - softplus(xp, odds) - self._log_rest(xp, params, 0.0)
        published = {
            "a": xp.exp(params["log_level"] - softplus(xp, -odds)),
            "b": xp.exp(log_b + exponents[0] * LOG_REFERENCE_AMOUNT),
            "c0": exponents[0],
        }
        for number, (place, width) in enumerate(self.breaks(xp, params), start=1):
            published[f"c{number}"] = exponents[number] - exponents[number - 1]
            published[f"d{number}"] = xp.exp(place + LOG_REFERENCE_AMOUNT)
            published[f"f{number}"] = width
        return published

    def breaks(self, xp: Any, params: Mapping[str, Array]) -> list[tuple[Array, Array]]:
        """Place ln(d/1e9) and width f of each break, in rising order of place."""
        return [(params["log_break"], xp.exp(params["log_width"]))]

    def exponents(self, xp: Any, params: Mapping[str, Array]) -> list[Array]:
        """Exponents before, between and after the breaks."""
        return [params["exponent_before"], xp.exp(params["log_exponent"])]

    def _log_rest(self, xp: Any, params: Mapping[str, Array], amount: Array) -> Array:
        """ln(y - a), up to a constant, at the log of an amount over the reference."""
        exponents = self.exponents(xp, params)
        log_rest = -exponents[0] * amount
        for before, after, (place, width) in zip(
            exponents, exponents[1:], self.breaks(xp, params), strict=False
        ):
            log_rest = log_rest - (after - before) * width * softplus(xp, (amount - place) / width)
        return log_rest


class Broken1(BrokenLaw):
    r"""One smooth break between two power laws, above a floor.

    In logs, with the loss :math:`y_1` at :math:`x_1 = 10^9` and the floor's odds :math:`o`,

    .. math::
        \ln y = \ln y_1 + \ln\frac{o + r(x)/r(x_1)}{o + 1}, \qquad
        \ln r(x) = -s_0\ln x - (s_1 - s_0) f \ln\left(1 + (x/d)^{1/f}\right)

    ====================  =====================================================  =======  ============
    name                  meaning                                                support  unit
    ====================  =====================================================  =======  ============
    ``log_level``         log of the loss at x = 1e9                             real     log(loss)
    ``log_floor_odds``    log of o = a / (y - a) at x = 1e9                      real     none
    ``exponent_before``   s_0 = c_0, exponent before the break                   real     none
    ``log_break``         log of d over 1e9                                      real     none
    ``log_width``         log of f, e-folds over which the break is spread       real     none
    ``log_exponent``      log of s_1 = c_0 + c_1, exponent after the break       real     none
    ====================  =====================================================  =======  ============

    The last exponent is positive, since loss falls in the end; the one before may be negative (a rise).
    Limits: equal exponents give :class:`~bayes_scaling.laws.m2.M2` whatever the break.
    """

    name: ClassVar[str] = "broken-1"
    title: ClassVar[str] = "Smoothly broken power law, one break"
    equation: ClassVar[str] = "y = a + b x^-c0 (1 + (x/d1)^(1/f1))^(-c1 f1)"
    parameters: ClassVar[tuple[Parameter, ...]] = (*_LEVEL, *_FIRST, *_LAST)


class Broken2(BrokenLaw):
    r"""Two smooth breaks between three power laws, above a floor.

    As :class:`Broken1` with one factor more; the second break lies above the first by construction.

    ====================  =====================================================  =======  ============
    name                  meaning                                                support  unit
    ====================  =====================================================  =======  ============
    ``log_level``         log of the loss at x = 1e9                             real     log(loss)
    ``log_floor_odds``    log of o = a / (y - a) at x = 1e9                      real     none
    ``exponent_before``   s_0 = c_0, exponent before the first break             real     none
    ``log_break``         log of d_1 over 1e9                                    real     none
    ``log_width``         log of f_1, e-folds over which the break is spread     real     none
    ``exponent_between``  s_1 = c_0 + c_1, exponent between the breaks           real     none
    ``log_gap``           log of ln(d_2 / d_1)                                   real     none
    ``log_width_2``       log of f_2                                             real     none
    ``log_exponent``      log of s_2 = c_0 + c_1 + c_2, exponent at the end      real     none
    ====================  =====================================================  =======  ============

    Limits: equal last two exponents give :class:`Broken1`.
    """

    name: ClassVar[str] = "broken-2"
    weakly_identified: ClassVar[bool] = True
    title: ClassVar[str] = "Smoothly broken power law, two breaks"
    equation: ClassVar[str] = "y = a + b x^-c0 (1 + (x/d1)^(1/f1))^(-c1 f1) (1 + (x/d2)^(1/f2))^(-c2 f2)"
    parameters: ClassVar[tuple[Parameter, ...]] = (*_LEVEL, *_FIRST, *_SECOND, *_LAST)

    def breaks(self, xp: Any, params: Mapping[str, Array]) -> list[tuple[Array, Array]]:
        """Place ln(d/1e9) and width f of each break, in rising order of place."""
        second = params["log_break"] + xp.exp(params["log_gap"])
        return [*super().breaks(xp, params), (second, xp.exp(params["log_width_2"]))]

    def exponents(self, xp: Any, params: Mapping[str, Array]) -> list[Array]:
        """Exponents before, between and after the breaks."""
        before, after = super().exponents(xp, params)
        return [before, params["exponent_between"], after]


BROKEN_1 = Broken1()
BROKEN_2 = Broken2()
