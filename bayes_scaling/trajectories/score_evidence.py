"""The posterior and the evidence of a normal regression whose error covariance lies on a grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import linalg, special

from bayes_scaling.trajectories.score_curve import ScorePrior, ScoreRegression


@dataclass(frozen=True, eq=False)
class GridPosterior:
    """A mixture of normal distributions of the coefficients, one for each node of the grid.

    Attributes
    ----------
    log_evidence : float
        Log density of the responses with coefficients and grid integrated out.
    weights : ndarray of shape (n_nodes,)
    means : ndarray of shape (n_nodes, n_columns)
    sds : ndarray of shape (n_nodes, n_columns)
    """

    log_evidence: float
    weights: np.ndarray
    means: np.ndarray
    sds: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Posterior mean of the coefficients, shape (n_columns,)."""
        return self.weights @ self.means


def grid_posteriors(
    regression: ScoreRegression, rows: np.ndarray, prior: ScorePrior
) -> tuple[GridPosterior, GridPosterior]:
    """Posterior without and with the effect of size, given some rows.

    Parameters
    ----------
    regression : ScoreRegression
    rows : ndarray of bool, shape (n_rows,)
        The rows that are seen.
    prior : ScorePrior
    """
    design, response = regression.design[rows], regression.response[rows]
    nodes: tuple[list, list] = ([], [])
    columns = (regression.without_size, slice(None))
    for covariance in _covariances(regression, rows, prior):
        factor = linalg.cholesky(covariance, lower=True)
        white = linalg.solve_triangular(factor, np.column_stack([design, response]), lower=True)
        base = -0.5 * len(response) * np.log(2.0 * np.pi) - np.log(np.diagonal(factor)).sum()
        for found, chosen in zip(nodes, columns, strict=True):
            found.append(_node(white[:, :-1][:, chosen], white[:, -1], regression.prior_sds[chosen], base))
    without, with_size = (_mixture(found) for found in nodes)
    return without, with_size


def _covariances(regression: ScoreRegression, rows: np.ndarray, prior: ScorePrior) -> Iterator[np.ndarray]:
    """Error covariance of each node: noise, a run's offset, and a run's path."""
    runs, x = regression.runs[rows], regression.x[rows]
    same_run = (runs[:, None] == runs[None]).astype(float)
    path = same_run * np.exp(-np.abs(x[:, None] - x[None]) / prior.drift_length)
    for noise, offset, drift in product(prior.noise_sds, prior.run_sds, prior.drift_sds):
        yield noise**2 * np.eye(len(x)) + offset**2 * same_run + drift**2 * path


def _node(
    design: np.ndarray, response: np.ndarray, prior_sds: np.ndarray, base: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log evidence, mean and standard deviations of the coefficients for whitened data."""
    precision = np.diag(prior_sds**-2.0) + design.T @ design
    factor = linalg.cho_factor(precision, lower=True)
    mean = linalg.cho_solve(factor, design.T @ response)
    covariance = linalg.cho_solve(factor, np.eye(len(mean)))
    log_determinants = np.log(np.diagonal(factor[0])).sum() + np.log(prior_sds).sum()
    quadratic = response @ response - mean @ precision @ mean
    return base - log_determinants - 0.5 * quadratic, mean, np.sqrt(np.diagonal(covariance))


def _mixture(nodes: list[tuple[float, np.ndarray, np.ndarray]]) -> GridPosterior:
    log_evidence = np.array([node[0] for node in nodes])
    total = special.logsumexp(log_evidence)
    means, sds = np.array([node[1] for node in nodes]), np.array([node[2] for node in nodes])
    return GridPosterior(float(total - np.log(len(nodes))), np.exp(log_evidence - total), means, sds)
