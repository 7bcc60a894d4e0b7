"""The population that families' moments suggest: the step of maximisation between two rounds of linearising."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bayes_scaling.inference.population_density import Families
from bayes_scaling.models import Population, PopulationVector

FloatArray = NDArray[np.float64]

MOST_STEPS = 12
"""Steps of the search for the mode: the next round starts where this one stops."""


def expected_density(
    vector: PopulationVector, families: Families, standard: FloatArray
) -> tuple[float, FloatArray]:
    """Expected log density of families and of standard variables (H,), and its slope (H,) in these."""
    population = vector.unpack(np, vector.from_standard(np, standard))
    p = vector.n_mean
    factor, scale_sd = population.mean_factor, population.sd[p:]
    covariance = factor @ factor.T + families.roughness[:, :, None] ** 2 * np.eye(p)
    precision = np.linalg.inv(covariance)
    offset = families.centre - population.mean
    counts = families.counts[:, None]
    spread = families.scatter + counts[..., None] * offset[:, :, None] * offset[:, None, :]
    product = precision @ spread[:, :p, :p]
    squares = np.diagonal(spread, axis1=1, axis2=2)[:, p:] / scale_sd**2
    value = -0.5 * (families.counts * np.linalg.slogdet(covariance)[1]).sum()
    value -= 0.5 * np.trace(product, axis1=1, axis2=2).sum() + 0.5 * squares.sum()
    value -= families.counts.sum() * np.log(scale_sd).sum()
    location = np.concatenate(
        [(precision @ (counts * offset[:, :p])[..., None])[..., 0], counts * offset[:, p:] / scale_sd**2],
        axis=1,
    )
    by_factor = (product @ precision - counts[..., None] * precision).sum(axis=0) @ factor
    log_sd = np.concatenate([(by_factor * factor).sum(axis=1), (squares - counts).sum(axis=0)])
    slope = np.concatenate([location.sum(axis=0), log_sd, _below(vector, population, by_factor)])
    return value - 0.5 * standard @ standard, vector.factor.T @ slope - standard


def _below(vector: PopulationVector, population: Population, by_factor: FloatArray) -> FloatArray:
    """The slope in the numbers below the diagonal, which are scaled to rows of length one, from that in the factor."""
    unit, sd = population.correlation_factor, population.sd[: vector.n_mean]
    along = (by_factor * unit).sum(axis=1, keepdims=True)
    by_row = sd[:, None] * np.diagonal(unit)[:, None] * (by_factor - along * unit)
    return by_row[np.tril_indices(vector.n_mean, -1)]


def population_step(vector: PopulationVector, families: Families, present: Population) -> Population:
    """The mode of the population given families' moments, or a dozen steps from the present one towards it.

    Where a step leads to what arithmetic cannot bear, a spread of zero say, the present one stays.
    """

    def loss(standard: FloatArray) -> tuple[float, FloatArray]:
        value, slope = expected_density(vector, families, standard)
        return -value, -slope

    begin = vector.to_standard(vector.pack(present))
    try:
        with np.errstate(all="ignore"):
            found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS}).x
    except np.linalg.LinAlgError:
        return present
    return vector.unpack(np, vector.from_standard(np, found)) if np.isfinite(found).all() else present
