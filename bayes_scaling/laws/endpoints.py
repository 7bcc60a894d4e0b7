"""Level and drop instead of E and the reducible share: the two coordinates that data fix best.

For any law ``L = E (1 + a R)`` whose R depends on inputs and on other parameters alone.
"""

from __future__ import annotations

from typing import Any

from bayes_scaling.laws.base import Array

_SATURATION = 16.0
"""Sharpness with which the reducible share of the loss is kept below one; at 16 a share of 0.8 is changed by 0.2 %."""


def from_level_and_drop(
    xp: Any, log_middle: Array, log_drop: Array, at_middle: Array, difference: Array
) -> tuple[Array, Array, Array]:
    """Ln E, ln a, and the log Jacobian determinant of (ln L in the middle, ln drop) to them.

    Parameters
    ----------
    xp : module
        Array namespace.
    log_middle, log_drop : array
        ln L in the middle of the data, and the log of the drop between the ends over L in the middle.
    at_middle, difference : array
        R in the middle, and by how much R falls between the ends; both above zero.

    Notes
    -----
    The reducible share of the loss in the middle is drop times ``at_middle / difference``. It is kept below one by a
    saturation that is the identity but for shares close to one, so that every real pair is a law with E > 0.
    """
    excess = _SATURATION * (log_drop + xp.log(at_middle) - xp.log(difference))
    saturation = xp.logaddexp(0.0 * excess, excess)
    # (excess - saturation), written so that a share near one keeps its distance from one
    log_share = -xp.logaddexp(0.0 * excess, -excess) / _SATURATION
    log_rest = xp.log(-xp.expm1(log_share))
    # d(ln E, ln aE) / d(ln L, ln drop) is [[1, -w/(1-w) v], [1, v]] with share w and v = 1 - (share of saturation)
    return log_middle + log_rest, log_share - log_rest - xp.log(at_middle), -saturation - log_rest


def to_level_and_drop(
    xp: Any, log_e: Array, log_a: Array, at_middle: Array, difference: Array
) -> tuple[Array, Array]:
    """Ln L in the middle and ln drop that give this ln E and ln a: the inverse of :func:`from_level_and_drop`."""
    reducible = xp.exp(log_a) * at_middle
    log_share = -xp.log1p(1.0 / reducible)
    log_drop = (
        log_share
        - xp.log(-xp.expm1(_SATURATION * log_share)) / _SATURATION
        - xp.log(at_middle)
        + xp.log(difference)
    )
    return log_e + xp.log1p(reducible), log_drop
