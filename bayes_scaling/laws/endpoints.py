"""Level and drop instead of E and the reducible share: the two coordinates that data fix best.

For any law ``L = E (1 + a R)`` whose R depends on inputs and on other parameters alone.
"""

from __future__ import annotations

from typing import Any

from bayes_scaling.laws.base import Array


def from_level_and_drop(
    xp: Any, log_middle: Array, log_drop: Array, at_middle: Array, difference: Array
) -> tuple[Array, Array, Array]:
    """Ln E, ln a, and the log Jacobian determinant of (ln L in the middle, ln x) to them, x the drop.

    Parameters
    ----------
    xp : module
        Array namespace.
    log_middle, log_drop : array
        ln L in the middle of the data, and the log of x, the drop between the ends over L in the middle and over
        sqrt(1 - w^2), with w the reducible share of the loss in the middle.
    at_middle, difference : array
        R in the middle, and by how much R falls between the ends; both above zero.

    Notes
    -----
    The share is drop times ``at_middle / difference``, hence w = v / sqrt(1 + v^2) with v = x times that: below one for
    every x, so that every real pair is a law with E > 0, and v itself where it is small. Where w comes close to one,
    ln E falls with the square of v, not faster. With the drop itself for x it would fall to minus infinity at v = 1: a
    wall in the population's density, at which steps that suit the rest of the posterior diverge.
    """
    log_v = log_drop + xp.log(at_middle) - xp.log(difference)
    # written so that a share near one keeps its distance from one
    log_share = -0.5 * xp.logaddexp(0.0 * log_v, -2.0 * log_v)
    log_rest = xp.log(-xp.expm1(log_share))
    # d(ln E, ln a) / d(ln L, ln x) is [[1, -w/(1-w) (1-w^2)], [0, (1-w^2)/(1-w)]], and 1 - w^2 = 1 / (1 + v^2)
    log_jacobian = -xp.logaddexp(0.0 * log_v, 2.0 * log_v) - log_rest
    return log_middle + log_rest, log_share - log_rest - xp.log(at_middle), log_jacobian


def to_level_and_drop(
    xp: Any, log_e: Array, log_a: Array, at_middle: Array, difference: Array
) -> tuple[Array, Array]:
    """Ln L in the middle and ln x that give this ln E and ln a: the inverse of :func:`from_level_and_drop`."""
    reducible = xp.exp(log_a) * at_middle
    log_share = -xp.log1p(1.0 / reducible)
    log_v = log_share - 0.5 * xp.log(-xp.expm1(2.0 * log_share))
    return log_e + xp.log1p(reducible), log_v - xp.log(at_middle) + xp.log(difference)
