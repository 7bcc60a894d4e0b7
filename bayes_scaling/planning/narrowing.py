r"""How much narrower a quantity's interval becomes, on average, once something has been observed.

Draws of the target :math:`f` and of what an observation would show without noise, :math:`g`, are taken from one
posterior, so that they go together. With the noise's covariance :math:`N_i` known for each draw, the best linear
forecast of :math:`f` from :math:`y = g + e` has the gain

.. math:: B_i = \Sigma_{fg} (\Sigma_{gg} + N_i)^{-1},

and what is left of draw :math:`i` once :math:`y` is known is :math:`r_i = f_i - \bar f - B_i (y_i - \bar y)`. For a
Gaussian posterior these are draws of the exact expected posterior around its centre (Chaloner and Verdinelli 1995,
"Bayesian experimental design: a review", sec. 3); otherwise they are wider, so that no gain is overstated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

N_BLOCKS: Final = 16
"""Blocks of consecutive draws: gains are learned on the others, and the Monte Carlo error is told from them."""

N_REPEATS: Final = 4
"""Noise drawn anew for each posterior draw: quantiles get steadier for nothing."""


@dataclass(frozen=True, eq=False)
class Observation:
    """What observing something would show, given each draw.

    Attributes
    ----------
    expected : ndarray of shape (n_draws, n_values)
        Log losses without noise; draw i belongs to draw i of the target.
    covariance : ndarray of shape (n_draws, n_values, n_values)
        Covariance of the noise given each draw.
    """

    expected: FloatArray
    covariance: FloatArray

    def of(self, positions: slice) -> Observation:
        """The same for some of the values."""
        return Observation(self.expected[:, positions], self.covariance[:, positions, positions])


@dataclass(frozen=True)
class Narrowing:
    """How an interval changes.

    Attributes
    ----------
    before, after : float
        Widths of the central interval, in units of the target.
    share : float
        1 - after / before.
    mc_error : float
        Standard error of the share, from the number of draws.
    """

    before: float
    after: float
    share: float
    mc_error: float

    @property
    def is_measurable(self) -> bool:
        """Whether the share is more than twice its Monte Carlo error, and more than half a per cent."""
        return self.share > max(2.0 * self.mc_error, 0.005)


def remaining_draws(target: FloatArray, observation: Observation, rng: np.random.Generator) -> FloatArray:
    """What is left of each draw of the target, around the forecast from one simulated observation.

    Parameters
    ----------
    target : ndarray of shape (n_draws,)
    observation : Observation
        Of as many draws.
    rng : Generator
        Draws the observation's noise.

    Returns
    -------
    ndarray of shape (n_draws,)
        The gain for each block of draws is learned on the other blocks: with few draws it would else explain its own
        accidents.
    """
    noise = np.einsum(
        "sij,sj->si",
        np.linalg.cholesky(observation.covariance),
        rng.standard_normal(observation.expected.shape),
    )
    shown = observation.expected + noise
    left = np.empty(len(target))
    for block in _blocks(len(target)):
        others = np.delete(np.arange(len(target)), block)
        centre, expected = target[others].mean(), observation.expected[others].mean(axis=0)
        joint = np.cov(np.column_stack([target[others], observation.expected[others]]), rowvar=False)
        cross = np.broadcast_to(joint[1:, :1], (len(block), len(joint) - 1, 1))
        gain = np.linalg.solve(joint[1:, 1:] + observation.covariance[block], cross)[..., 0]
        left[block] = target[block] - centre - ((shown[block] - expected) * gain).sum(axis=-1)
    return left


def expected_narrowing(
    target: FloatArray,
    observation: Observation,
    own_noise: FloatArray,
    prob: float,
    rng: np.random.Generator,
) -> Narrowing:
    """Expected narrowing of the central interval of a target with noise of its own.

    Parameters
    ----------
    target : ndarray of shape (n_draws,)
        Log loss without noise.
    observation : Observation
    own_noise : ndarray of shape (N_REPEATS, n_draws)
        The target's own noise, which no observation tells anything about; zeros for a law's mean.
    prob : float
        Probability of the interval.
    rng : Generator

    Returns
    -------
    Narrowing
        Widths in units of the loss at the target's median.
    """
    level = float(np.exp(np.median(target)))
    left = np.stack([remaining_draws(target, observation, rng) for _ in own_noise])
    before, after = (target - target.mean()) + own_noise, left + own_noise
    shares = np.empty(N_BLOCKS)
    for number, block in enumerate(_blocks(len(target))):
        rest = [np.delete(draws, block, axis=1) for draws in (before, after)]
        shares[number] = 1.0 - _width(rest[1], prob) / _width(rest[0], prob)
    wide, narrow = _width(before, prob), _width(after, prob)
    # delete-a-block jackknife: blocks are long enough for the draws of a chain to forget each other
    error = np.sqrt((N_BLOCKS - 1) / N_BLOCKS * ((shares - shares.mean()) ** 2).sum())
    return Narrowing(level * wide, level * narrow, 1.0 - narrow / wide, float(error))


def _width(log_loss: FloatArray, prob: float) -> float:
    """Width of the central interval of the loss, relative to its level."""
    low, high = np.exp(np.quantile(log_loss, [(1 - prob) / 2, (1 + prob) / 2]))
    return float(high - low)


def _blocks(n_draws: int) -> list[NDArray[np.intp]]:
    return np.array_split(np.arange(n_draws), N_BLOCKS)
