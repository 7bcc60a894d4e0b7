"""Steps of families whose parameters data leave open, far from where slopes at one point would put them.

Where a break lies beyond all runs, the law's slopes where it is linearised say that its exponents are known, and moves
in those coordinates stay there. These steps know nothing of slopes: one goes where the population says, the other where
other chains are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.models import Covariance, Population

FloatArray = NDArray[np.float64]

KEPT = (0.0, 0.7, 0.95, 0.99)
"""How much of a parameter's distance from what is expected of it may be kept."""

STRETCHES = (1.0, 0.5, 0.2)
"""Lengths of steps along differences between chains, in units of the best for a normal distribution."""

WHOLE = 0.1
"""How often a step is the whole difference, which leads from one mode to another."""

JITTER = 1e-4
"""Standard deviation of what is added to such a step, so that chains can leave the plane that they lie in."""


def towards_population(
    rng: np.random.Generator, population: Population, covariance: Covariance, params: FloatArray
) -> FloatArray:
    """Parameters of the mean (C, F, P) with one of each family part of the way to what the rest lets expect of it.

    The step keeps the population's density, so that the likelihood decides whether it is taken.

    Parameters
    ----------
    rng : Generator
    population : Population
        One for each chain.
    covariance : Covariance
        Of families under it.
    params : ndarray of shape (C, F, P)
    """
    root = np.broadcast_to(covariance.whitener, (*params.shape, params.shape[-1]))
    place = rng.integers(0, params.shape[-1], params.shape[:2])[..., None]
    column = np.take_along_axis(root, place[..., None], axis=-1)[..., 0]
    offset = params - population.mean[:, None, : population.n_mean]
    step = step_towards(rng, column, (root @ offset[..., None])[..., 0])
    moved = params.copy()
    np.put_along_axis(moved, place, np.take_along_axis(params, place, -1) + step[..., None], axis=-1)
    return moved


def step_towards(rng: np.random.Generator, column: FloatArray, standard: FloatArray) -> FloatArray:
    """Length (...) of a step of one coordinate part of the way to what the others let expect of it.

    Parameters
    ----------
    rng : Generator
    column : ndarray of shape (..., H)
        What one unit of the coordinate adds to standard normal variables.
    standard : ndarray of shape (..., H)
        Where these are; the step keeps their density.
    """
    precision = (column**2).sum(axis=-1)
    distance = (column * standard).sum(axis=-1) / precision
    kept = rng.choice(KEPT, precision.shape)
    return (kept - 1.0) * distance + np.sqrt((1.0 - kept**2) / precision) * rng.standard_normal(
        precision.shape
    )


def along_differences(rng: np.random.Generator, theta: FloatArray, others: FloatArray) -> FloatArray:
    """Family parameters (C, F, Q) after a step along the difference of two other chains (ter Braak 2006).

    Parameters
    ----------
    rng : Generator
    theta : ndarray of shape (C, F, Q)
    others : ndarray of shape (B, F, Q)
        Chains that stay where they are meanwhile, which makes the step a symmetric one.
    """
    first, second = pairs_of(rng, len(others), len(theta))
    shape = (*theta.shape[:2], 1)
    reach = rng.choice(STRETCHES, shape) * 2.38 / np.sqrt(2 * theta.shape[-1])
    reach = np.where(rng.random(shape) < WHOLE, 1.0, reach)
    return theta + reach * (others[first] - others[second]) + JITTER * rng.standard_normal(theta.shape)


def pairs_of(
    rng: np.random.Generator, n_others: int, count: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """So many pairs of two different ones among others, by their positions."""
    first = rng.integers(0, n_others, count)
    return first, (first + rng.integers(1, n_others, count)) % n_others
