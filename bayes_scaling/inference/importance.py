"""Importance sampling of a posterior of few parameters, with Pareto-smoothed weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import arviz as az
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import differentiate, optimize, special

from bayes_scaling.errors import Finding, Findings, InferenceError, Severity
from bayes_scaling.inference.diagnostics import ESS_LIMIT, check_ess
from bayes_scaling.inference.pointwise import PARETO_K_LIMIT
from bayes_scaling.inference.settings import Progress, require_count
from bayes_scaling.inference.threads import on_one_thread

FloatArray = NDArray[np.float64]
LogDensity = Callable[[FloatArray], FloatArray]
"""Log density at each of the points, shape (n_points, n_coordinates), up to a constant; -inf where it is zero."""

DEGREES_OF_FREEDOM = 5
"""Of the proposals' Student t: tails heavier than those of a posterior whose prior is normal."""

LEAST_CURVATURE = 0.25
"""Proposals are no wider than two units along directions in which the mode is flat."""

PROPOSALS, PROPOSALS_A_PAIR = 4000, 50
"""Proposals by default, and for each pair of coordinates: a covariance has as many entries."""

IMPOSSIBLE = 1e10
"""Minus the log density where it is zero, for the search of the mode."""

FLOOR = -1e3
"""Log weights below the largest by more are none at all, and no number for a Pareto tail."""


@dataclass(frozen=True)
class ImportanceSettings:
    """Number of draws, and of the proposals that they are chosen from.

    Attributes
    ----------
    draws, chains : int
        Draws of each chain, number of chains. Draws are independent: chains only give the shape that NUTS gives.
    proposals : int, optional
        Proposals that draws are chosen from; each round before has half as many. By default 4000, and 50 times the
        square of the number of coordinates where that is more.
    rounds : int
        Rounds that fit the proposal distribution to the weighted proposals of the round before.

    Raises
    ------
    InputError
        When a value is not a whole number, or too small.
    """

    draws: int = 500
    chains: int = 4
    proposals: int | None = None
    rounds: int = 2

    def __post_init__(self) -> None:
        for name, lowest in (("draws", 1), ("chains", 1), ("proposals", 100), ("rounds", 0)):
            if getattr(self, name) is not None:
                require_count(name, getattr(self, name), lowest)

    def counts(self, n_coordinates: int) -> list[int]:
        """Numbers of proposals of each round, the last one that draws are chosen from."""
        last = self.proposals or max(PROPOSALS, PROPOSALS_A_PAIR * n_coordinates**2)
        return [max(last // 2, 50)] * self.rounds + [last]


@dataclass(frozen=True)
class ImportanceQuality:
    """How well proposals covered the posterior.

    Attributes
    ----------
    pareto_k : float
        Shape of the tail of the importance weights.
    ess_min : float
        Smallest effective sample size of the draws, over coordinates.
    n_proposals : int
    """

    pareto_k: float
    ess_min: float
    n_proposals: int

    @property
    def pareto_k_limit(self) -> float:
        """Largest reliable shape for this number of proposals (Vehtari et al. 2024, arXiv:1507.02646, section 3.2)."""
        return float(min(1.0 - 1.0 / np.log10(self.n_proposals), PARETO_K_LIMIT))


def check_importance(quality: ImportanceQuality) -> Findings:
    """Coded findings about importance sampling; empty when there is nothing to say."""
    checks = (
        _check_pareto_k(quality),
        check_ess(quality.ess_min, ESS_LIMIT, 'Take more proposals and draws, or fit with method="nuts".'),
    )
    return Findings(tuple(finding for finding in checks if finding is not None))


def _check_pareto_k(quality: ImportanceQuality) -> Finding | None:
    if quality.pareto_k <= quality.pareto_k_limit:
        return None
    return Finding(
        "pareto_k",
        Severity.ERROR,
        f"Pareto k of the importance weights is {quality.pareto_k:.3f}, above {quality.pareto_k_limit:.2f}",
        'Few proposals carry all weight: fit with method="nuts".',
    )


@on_one_thread
def sample_by_importance(
    log_density: LogDensity,
    n_coordinates: int,
    settings: ImportanceSettings,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[FloatArray, ImportanceQuality]:
    """Equally weighted draws from a density, by importance sampling from a multivariate Student t.

    It starts with the mode and the curvature there; each further round has the mean and covariance of the weighted
    proposals before it. Weights are Pareto-smoothed (Vehtari et al. 2024, arXiv:1507.02646), and draws are chosen
    by systematic resampling, in random order.

    Parameters
    ----------
    log_density : callable
        See :data:`LogDensity`. Coordinates have a prior spread of about one.
    n_coordinates : int
    settings : ImportanceSettings
    seed : int
        The same seed gives the same draws.
    progress : callable, optional
        Called with proposals done, proposals in all and 0.

    Returns
    -------
    ndarray of shape (chains, draws, n_coordinates), ImportanceQuality

    Raises
    ------
    InferenceError
        When no proposal has a finite density, or all have the same weight.
    """
    rng = np.random.default_rng([seed, 3])
    counts = settings.counts(n_coordinates)
    mean, covariance = _mode(log_density, n_coordinates)
    for done, n_proposals in enumerate(counts, start=1):
        points, log_proposal = _student_t(mean, covariance, n_proposals, rng)
        weights, pareto_k = _smoothed(log_density(points) - log_proposal)
        mean, covariance = _refitted(points, weights, covariance)
        if progress is not None:
            progress(sum(counts[:done]), sum(counts), 0)
    chosen = _resampled(weights, settings.chains * settings.draws, rng)
    quality = ImportanceQuality(pareto_k, _ess_min(points, chosen), counts[-1])
    return points[chosen].reshape(settings.chains, settings.draws, n_coordinates), quality


def _mode(log_density: LogDensity, n_coordinates: int) -> tuple[FloatArray, FloatArray]:
    """The mode, from the middle of the prior, and the inverse of minus the Hessian of the log density there."""

    def costs(points: FloatArray) -> FloatArray:
        flat = points.reshape(n_coordinates, -1).T
        return np.minimum(-log_density(flat), IMPOSSIBLE).reshape(points.shape[1:])

    found = optimize.minimize(costs, np.zeros(n_coordinates), method="BFGS", options={"gtol": 1e-3}).x
    hessian = differentiate.hessian(costs, found, initial_step=0.02, order=2, maxiter=1).ddf
    curvature, directions = np.linalg.eigh(0.5 * (hessian + hessian.T))
    return found, directions / np.maximum(curvature, LEAST_CURVATURE) @ directions.T


def _student_t(
    mean: FloatArray, covariance: FloatArray, n_points: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Points (n_points, n) of a Student t of this location and squared scale; their log density less a constant."""
    factor, df = np.linalg.cholesky(covariance), DEGREES_OF_FREEDOM
    standard = rng.normal(size=(n_points, len(mean))) / np.sqrt(rng.chisquare(df, n_points) / df)[:, None]
    log_density = -0.5 * (df + len(mean)) * np.log1p((standard**2).sum(axis=1) / df)
    return mean + standard @ factor.T, log_density


def _smoothed(log_weights: FloatArray) -> tuple[FloatArray, float]:
    """Pareto-smoothed weights that sum to one, and the shape of their tail."""
    largest = log_weights.max()
    if not np.isfinite(largest):
        raise InferenceError(
            'Importance sampling found no point of finite density. Check the data, or fit with method="nuts".'
        )
    ratios = xr.DataArray(-np.maximum(log_weights - largest, FLOOR), dims="proposal")
    try:
        smoothed, shape = az.AzStatsDaAccessor(ratios).psislw(dim="proposal")
    except ValueError as error:
        raise InferenceError(
            f'Importance weights have no tail to be smoothed: {error}. Fit with method="nuts".'
        ) from error
    return np.exp(smoothed.to_numpy() - special.logsumexp(smoothed)), float(shape)


def _refitted(points: FloatArray, weights: FloatArray, before: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of weighted points; the covariance before counts as many draws as there are coordinates."""
    mean = weights @ points
    apart = points - mean
    share = 1.0 / (1.0 + len(mean) * (weights**2).sum())
    return mean, share * (apart.T * weights) @ apart + (1.0 - share) * before


def _resampled(weights: FloatArray, n_draws: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Positions of equally weighted draws: evenly spaced quantiles of the weights, shuffled."""
    quantiles = (np.arange(n_draws) + rng.uniform()) / n_draws
    chosen = np.searchsorted(np.cumsum(weights), quantiles)
    return rng.permutation(np.minimum(chosen, len(weights) - 1))


def _ess_min(points: FloatArray, chosen: NDArray[np.intp]) -> float:
    """Smallest effective sample size of the coordinates' means, counting how often each point was chosen."""
    share = np.bincount(chosen, minlength=len(points)) / len(chosen)
    squares = (points - share @ points) ** 2
    spread = share @ squares
    if not (spread > 0.0).all():
        return 1.0  # one point was chosen alone
    return float((spread / (share**2 @ squares)).min())
