"""Level and drop instead of E and the reducible share: the two coordinates that data fix best.

For any law ``L = E (1 + a R)`` whose R depends on inputs and on other parameters alone.
"""

from __future__ import annotations

import copy
from typing import Any, Self

from bayes_scaling.laws.base import Array, HasEndpointCoordinates

SHARP, SOFT = 16.0, 2.0
"""How sharply the reducible share of the loss is kept below one, for samplers that propose places and for those that
follow gradients. At 16 a share of 0.8 is changed by 0.2 %, so that what data fix is straight up to there; then ln E
falls 16 times as fast as ln drop, a cliff in the population's density. At 2 it falls twice as fast."""


class StatedByDrop(HasEndpointCoordinates):
    """A law that is stated by its level and drop, its reducible share kept below one with some sharpness."""

    sharpness: float = SHARP

    def for_gradients(self) -> Self:
        """The same law with the share kept below one so gently that leapfrog steps do not diverge there."""
        return self.with_sharpness(SOFT)

    def with_sharpness(self, sharpness: float) -> Self:
        """The same law in coordinates of another sharpness."""
        law = copy.copy(self)
        law.sharpness = sharpness
        return law


def from_level_and_drop(
    xp: Any, log_middle: Array, log_drop: Array, at_middle: Array, difference: Array, sharpness: float
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
    sharpness : float
        See :data:`SHARP`.

    Notes
    -----
    The reducible share of the loss in the middle is drop times ``at_middle / difference``. It is kept below one by a
    saturation that is the identity but for large shares, so that every real pair is a law with E > 0.
    """
    excess = sharpness * (log_drop + xp.log(at_middle) - xp.log(difference))
    saturation = xp.logaddexp(0.0 * excess, excess)
    # (excess - saturation), written so that a share near one keeps its distance from one
    log_share = -xp.logaddexp(0.0 * excess, -excess) / sharpness
    log_rest = xp.log(-xp.expm1(log_share))
    # d(ln E, ln aE) / d(ln L, ln drop) is [[1, -w/(1-w) v], [1, v]] with share w and v = 1 - (share of saturation)
    return log_middle + log_rest, log_share - log_rest - xp.log(at_middle), -saturation - log_rest


def to_level_and_drop(
    xp: Any, log_e: Array, log_a: Array, at_middle: Array, difference: Array, sharpness: float
) -> tuple[Array, Array]:
    """Ln L in the middle and ln drop that give this ln E and ln a: the inverse of :func:`from_level_and_drop`."""
    reducible = xp.exp(log_a) * at_middle
    log_share = -xp.log1p(1.0 / reducible)
    log_drop = (
        log_share
        - xp.log(-xp.expm1(sharpness * log_share)) / sharpness
        - xp.log(at_middle)
        + xp.log(difference)
    )
    return log_e + xp.log1p(reducible), log_drop
