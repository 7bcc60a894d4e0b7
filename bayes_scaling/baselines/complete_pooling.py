r"""One law for all families but for the level of the loss: what pooling gives when families may not differ.

.. math:: \ln L = \ln E_f + \ln\left[1 + a\,(N/N_0)^{-\alpha} + b\,(D/D_0)^{-\beta}\right]

The additive law of Hoffmann et al. 2022, arXiv:2203.15556, eq. 2, at the reference point of
:class:`bayes_scaling.laws.Chinchilla`; complete pooling as in Gelman & Hill 2007, chapter 12.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd
from scipy import optimize

from bayes_scaling.baselines.by_family import NotFittableError
from bayes_scaling.baselines.chinchilla_fit import log_loss, log_loss_and_jacobian
from bayes_scaling.baselines.columns import float_columns
from bayes_scaling.baselines.forecaster import Forecast
from bayes_scaling.baselines.run_bootstrap import run_weights
from bayes_scaling.baselines.thinning import ENOUGH_CHECKPOINTS, thin_checkpoints
from bayes_scaling.errors import Finding, Findings, Severity
from bayes_scaling.laws.chinchilla import REFERENCE_N_PARAMS, REFERENCE_N_TOKENS
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.runs import RunTable

SHAPE = ("log_size_share", "log_data_share", "alpha", "beta")
"""What all families share: ln a, ln b and the exponents of size and of tokens."""

_STARTS = np.array(list(product((-1.5, 0.5), (-1.5, 0.5), (0.2, 0.6), (0.2, 0.6))))

_BOUNDS = (np.array([-12.0, -12.0, 0.01, 0.01]), np.array([12.0, 12.0, 4.0, 4.0]))
"""Terms of 6 millionths to 160,000 times E: beyond, one of them is all of the loss, or nothing."""

_MAX_STEPS = 60  # where E = 0 is best, ever larger terms gain ever less; elsewhere a dozen steps are enough


@dataclass(frozen=True)
class CompletePooling:
    """Forecast of one law fitted to all families at once, in which a family has nothing of its own but E.

    Least squares on log loss, every row counting the same. The levels ln E_f are at their best for each shape
    (the weighted mean of what the shape leaves), so the search is over four numbers, however many families
    there are. Without two sizes in some family, or with fewer than four rows beyond one for each family, all
    points are left as NaN with a finding. A unit of loss scales E_f and leaves the rest, but for perplexities,
    whose shape is another: give those as losses.

    Parameters
    ----------
    n_bootstrap : int, default 0
        Number of bootstrap draws; 0 gives a point forecast. Each draw refits all families with random weights
        of the runs, see :func:`~bayes_scaling.baselines.run_bootstrap.run_weights`, and adds one training
        residual of log loss, drawn at random from all families.
    max_checkpoints : int or None, default 12
        Checkpoints used of each run, see :func:`~bayes_scaling.baselines.thinning.thin_checkpoints`; None
        uses all.
    min_tokens : float, default 0
        Training rows up to this many tokens are left out.
    name : str, default "complete-pooling"
        Label in tables.

    Notes
    -----
    A family without training rows is forecast at the mean of the levels. Its draws add to that mean how far
    a family drawn at random is from it, since its own level is not known.
    """

    n_bootstrap: int = 0
    max_checkpoints: int | None = ENOUGH_CHECKPOINTS
    min_tokens: float = 0.0
    name: str = "complete-pooling"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """Loss of the shared law at each point, at its family's level; one draw for each bootstrap fit."""
        started = time.perf_counter()
        frame = train.frame
        rows = thin_checkpoints(frame[frame[N_TOKENS] > self.min_tokens], self.max_checkpoints)
        try:
            draws, notes = self._draws(rows, points, np.random.default_rng(seed))
        except NotFittableError as problem:
            draws = np.full((max(self.n_bootstrap, 1), len(points)), np.nan)
            notes = (Finding(problem.code, Severity.WARNING, problem.message, problem.advice),)
        seconds = {"fit_seconds": time.perf_counter() - started}
        return Forecast(draws, self.n_bootstrap == 0, Findings(notes), seconds)

    def _draws(
        self, rows: pd.DataFrame, points: pd.DataFrame, rng: np.random.Generator
    ) -> tuple[np.ndarray, tuple[Finding, ...]]:
        _require_enough(rows)
        families = pd.Index(rows[FAMILY].unique())
        problem = PooledProblem.of(rows)
        best = fit_pooled(problem)
        family_of_point = families.get_indexer(points[FAMILY])  # -1: a family without training rows
        inputs = float_columns(points, N_PARAMS, N_TOKENS)
        notes = tuple(_unseen(family) for family in points[FAMILY][family_of_point < 0].unique())
        if self.n_bootstrap == 0:
            return np.exp(best.log_loss(family_of_point, *inputs))[None], notes
        noise = rng.choice(problem.residuals(best.shape), size=(self.n_bootstrap, len(points)))
        odd_ones = rng.integers(len(families), size=self.n_bootstrap)
        fits = [
            fit_pooled(problem.weighted(weights), best.shape)
            for weights in run_weights(rows, self.n_bootstrap, rng)
        ]
        means = [
            fit.log_loss(family_of_point, *inputs) + (family_of_point < 0) * fit.deviation(odd_one)
            for fit, odd_one in zip(fits, odd_ones, strict=True)
        ]
        return np.exp(np.array(means) + noise), notes


@dataclass(frozen=True)
class PooledFit:
    """A shape shared by all families, and the level of each.

    Attributes
    ----------
    shape : ndarray of shape (4,)
        The entries of :data:`SHAPE`.
    levels : ndarray of shape (n_families,)
        ln E of each family, in the order in which they appear in the rows.
    """

    shape: np.ndarray
    levels: np.ndarray

    def log_loss(self, family_of_point: np.ndarray, n_params: np.ndarray, n_tokens: np.ndarray) -> np.ndarray:
        """Log loss at points of families given by position, shape (n_points,); -1 stands for the mean level."""
        levels = np.append(self.levels, self.levels.mean())
        return levels[family_of_point] + log_loss(_theta(self.shape), *_from_reference(n_params, n_tokens))

    def deviation(self, family: int) -> float:
        """How far the level of a family is from the mean of all levels."""
        return float(self.levels[family] - self.levels.mean())


@dataclass(frozen=True)
class PooledProblem:
    """Residuals of log loss as a function of the shape, with the levels at their best.

    Attributes
    ----------
    log_n, log_d : ndarray of shape (n_obs,)
        Natural logs of parameters and tokens over those of the reference point.
    log_loss : ndarray of shape (n_obs,)
        Natural log of the loss.
    family : ndarray of int of shape (n_obs,)
        Position of each row's family.
    weights : ndarray of shape (n_obs,)
        Weight of each row.
    """

    log_n: np.ndarray
    log_d: np.ndarray
    log_loss: np.ndarray
    family: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> PooledProblem:
        """The problem of a table's rows, all with weight one."""
        n_params, n_tokens, loss = float_columns(rows, N_PARAMS, N_TOKENS, LOSS)
        family = rows[FAMILY].factorize()[0]
        return cls(*_from_reference(n_params, n_tokens), np.log(loss), family, np.ones(len(rows)))

    def weighted(self, weights: np.ndarray) -> PooledProblem:
        """The same rows with other weights."""
        return PooledProblem(self.log_n, self.log_d, self.log_loss, self.family, weights)

    def levels(self, shape: np.ndarray) -> np.ndarray:
        """The best ln E of each family for a shape, shape (n_families,)."""
        return self._family_means(self.log_loss - log_loss(_theta(shape), self.log_n, self.log_d))

    def residuals(self, shape: np.ndarray) -> np.ndarray:
        """Observed minus fitted log loss, shape (n_obs,)."""
        left = self.log_loss - log_loss(_theta(shape), self.log_n, self.log_d)
        return left - self._family_means(left)[self.family]

    def weighted_residuals(self, shape: np.ndarray) -> np.ndarray:
        """Residuals times the root of their weights: the sum of their squares is minimised."""
        return self._root_weights * self.residuals(shape)

    def jacobian(self, shape: np.ndarray) -> np.ndarray:
        """Derivative of the weighted residuals by each entry of the shape, (n_obs, 4).

        The levels are linear and their columns do not depend on the shape, so taking out each family's mean
        is the whole of the projection (Golub & Pereyra 1973).
        """
        full = log_loss_and_jacobian(_theta(shape), self.log_n, self.log_d)[1]
        columns = [column - self._family_means(column)[self.family] for column in full[:, [0, 1, 3, 4]].T]
        return -self._root_weights[:, None] * np.array(columns).T

    @cached_property
    def _root_weights(self) -> np.ndarray:
        return np.sqrt(self.weights)

    @cached_property
    def _family_weights(self) -> np.ndarray:
        return np.bincount(self.family, self.weights)

    def _family_means(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.family, self.weights * values) / self._family_weights


def fit_pooled(problem: PooledProblem, start: np.ndarray | None = None) -> PooledFit:
    """The shape and levels with the smallest weighted sum of squared residuals of log loss.

    Parameters
    ----------
    problem : PooledProblem
        The rows.
    start : ndarray of shape (4,), optional
        A shape near which the optimum is expected; otherwise the best of 16 starts far apart is taken.
    """
    starts = _STARTS if start is None else start[None]
    results = [
        optimize.least_squares(
            problem.weighted_residuals,
            np.clip(each, *_BOUNDS),
            problem.jacobian,
            _BOUNDS,
            max_nfev=_MAX_STEPS,
        )
        for each in starts
    ]
    shape = min(results, key=lambda result: result.cost).x
    return PooledFit(shape, problem.levels(shape))


def _theta(shape: np.ndarray) -> np.ndarray:
    """The shape as a parameter vector of the additive law with E = 1 and inputs over the reference point."""
    log_size_share, log_data_share, alpha, beta = shape
    return np.array([log_size_share, log_data_share, 0.0, alpha, beta])


def _from_reference(n_params: np.ndarray, n_tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.log(n_params / REFERENCE_N_PARAMS), np.log(n_tokens / REFERENCE_N_TOKENS)


def _require_enough(rows: pd.DataFrame) -> None:
    n_free = len(rows) - rows[FAMILY].nunique()
    most_sizes = rows.groupby(FAMILY)[N_PARAMS].nunique().max() if len(rows) else 0
    if n_free < len(SHAPE) or most_sizes < 2:
        raise NotFittableError(
            "table_too_small",
            f"{len(rows)} training rows, at most {most_sizes} sizes in a family, for {len(SHAPE)} shared parameters"
            " and a level for each family",
            "Give some family more sizes or checkpoints.",
        )


def _unseen(family: str) -> Finding:
    return Finding(
        "family_unseen",
        Severity.WARNING,
        "No training row of this family: forecast at the mean level of the others",
        "Give at least one run of it.",
        family,
    )
