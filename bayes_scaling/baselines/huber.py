"""The robust fit of the Chinchilla paper and of its replication.

Hoffmann et al. 2022, arXiv:2203.15556, section 3.3; Besiroglu et al. 2024, arXiv:2404.10102.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize

from bayes_scaling.baselines.by_family import FamilyForecast, NotFittableError, forecast_by_family
from bayes_scaling.baselines.chinchilla_fit import PARAMETERS, ChinchillaFit, recentre
from bayes_scaling.baselines.columns import float_columns
from bayes_scaling.baselines.forecaster import Forecast
from bayes_scaling.baselines.huber_objective import HuberObjective, least_absolute_deviations
from bayes_scaling.baselines.run_bootstrap import run_weights
from bayes_scaling.names import LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.runs import RunTable

Scale = Literal["fixed", "estimated"]

GRID = {
    "log_A": (0.0, 5.0, 10.0, 15.0, 20.0, 25.0),
    "log_B": (0.0, 5.0, 10.0, 15.0, 20.0, 25.0),
    "log_E": (-1.0, -0.5, 0.0, 0.5, 1.0),
    "alpha": (0.0, 0.5, 1.0, 1.5, 2.0),
    "beta": (0.0, 0.5, 1.0, 1.5, 2.0),
}
"""Starting values of Hoffmann et al.; every combination is one start."""

_FIRST_STEPS, _N_FINALISTS = 30, 5
_STARTS_AT_ONCE = 256  # starts valued together: bounds the memory at a few hundred times the number of rows


def grid_starts() -> np.ndarray:
    """All 4,500 starting points of :data:`GRID`, shape (n_starts, 5)."""
    return np.array(list(product(*(GRID[name] for name in PARAMETERS))))


@dataclass(frozen=True)
class HuberFitter:
    """Fits one family by Huber's function on the residuals of log loss, with L-BFGS from a grid of starts.

    Parameters
    ----------
    delta : float, default 1e-3
        Turning point of Huber's function.
    scale : {"fixed", "estimated"}, default "fixed"
        "fixed" applies Huber's function to the residuals r themselves. "estimated" is the replication's
        objective: the log density ``-huber(r / s) - ln s`` with s estimated too. At its optimum s is
        about `delta` times the mean absolute residual, so the function turns at ``r = delta * s``, about 1e-8
        and below almost every residual. What is left is least absolute deviations, and that is what is solved
        here, starting from the fixed-scale optimum.
    all_starts : bool, default False
        Run the optimiser to the end from each of the 4,500 starts. Otherwise the starts are valued together,
        it takes 30 steps from the best one for each pair of exponents, and the best 5 of these 25 go on to
        the end: the same optimum in about a hundredth of the time.
    """

    delta: float = 1e-3
    scale: Scale = "fixed"
    all_starts: bool = False

    def fit(
        self, n_params: np.ndarray, n_tokens: np.ndarray, loss: np.ndarray, weights: np.ndarray | None = None
    ) -> ChinchillaFit:
        """The law with the smallest objective; see :meth:`refit` for a start of one's own.

        Parameters
        ----------
        n_params, n_tokens, loss : ndarray of shape (n_obs,)
            Parameters, tokens and the loss in any unit.
        weights : ndarray of shape (n_obs,), optional
            Weight of each row; one by default.
        """
        problem = _CentredProblem.of(n_params, n_tokens, loss, weights, self.delta)
        starts = recentre(grid_starts(), *problem.centre)
        if not self.all_starts:
            starts = _finalists(problem.objective, best_for_each_exponent_pair(problem.objective, starts))
        return self._solve(problem, starts)

    def refit(
        self,
        start: ChinchillaFit,
        n_params: np.ndarray,
        n_tokens: np.ndarray,
        loss: np.ndarray,
        weights: np.ndarray | None = None,
    ) -> ChinchillaFit:
        """The law found from one start, as for a resampled table whose optimum is near the full table's."""
        problem = _CentredProblem.of(n_params, n_tokens, loss, weights, self.delta)
        return self._solve(problem, recentre(start.theta, *problem.centre)[None])

    def _solve(self, problem: _CentredProblem, starts: np.ndarray) -> ChinchillaFit:
        objective = problem.objective
        theta = min((_descend(objective, start) for start in starts), key=objective.value)
        minimised = self.delta * float(objective.value(theta))
        if self.scale == "estimated":
            theta, minimised = least_absolute_deviations(objective, theta)
        return ChinchillaFit.from_theta(problem.uncentred(theta), minimised)


def best_for_each_exponent_pair(objective: HuberObjective, starts: np.ndarray) -> np.ndarray:
    """The start with the lowest objective for each (alpha, beta) of the grid, shape (n_pairs, 5).

    The overall best starts crowd into one basin; one for each pair of exponents keeps the search as wide as
    the grid.
    """
    n_chunks = -(-len(starts) // _STARTS_AT_ONCE)
    values = np.concatenate([objective.value(chunk) for chunk in np.array_split(starts, n_chunks)])
    ranked = starts[np.argsort(values, kind="stable")]
    _, first = np.unique(ranked[:, 3:], axis=0, return_index=True)
    return ranked[first]


@dataclass(frozen=True)
class HuberLBFGS:
    """Forecast of the Chinchilla fit, each family on its own, with intervals from a bootstrap if asked.

    A family with fewer rows than parameters, or with one size only, is left as NaN with a finding.

    Parameters
    ----------
    fitter : HuberFitter
        The objective and its starts.
    n_bootstrap : int, default 0
        Number of bootstrap draws; 0 gives a point forecast. Each draw refits the family with random weights
        of its runs, see :func:`~bayes_scaling.baselines.run_bootstrap.run_weights`, and adds one training
        residual of log loss, drawn at random.
    min_tokens : float, default 0
        Training rows up to this many tokens are left out.
    name : str, default "huber-lbfgs"
        Label in tables.
    """

    fitter: HuberFitter = field(default_factory=HuberFitter)
    n_bootstrap: int = 0
    min_tokens: float = 0.0
    name: str = "huber-lbfgs"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """Loss of the fitted law at each point, one draw for each bootstrap fit."""
        n_draws, is_point = max(self.n_bootstrap, 1), self.n_bootstrap == 0
        return forecast_by_family(
            train, points, self._forecast_family, n_draws=n_draws, seed=seed, is_point=is_point
        )

    def _forecast_family(
        self, rows: pd.DataFrame, points: pd.DataFrame, rng: np.random.Generator
    ) -> FamilyForecast:
        rows = rows[rows[N_TOKENS] > self.min_tokens]
        n_sizes = len(rows[N_PARAMS].unique())
        if len(rows) < len(PARAMETERS) or n_sizes < 2:
            lack = f"{len(rows)} training rows of {n_sizes} sizes for {len(PARAMETERS)} parameters"
            raise NotFittableError("family_too_small", lack, "Give the family more sizes or checkpoints.")
        best = self.fitter.fit(*float_columns(rows, N_PARAMS, N_TOKENS, LOSS))
        inputs = float_columns(points, N_PARAMS, N_TOKENS)
        if self.n_bootstrap == 0:
            return FamilyForecast(best.loss(*inputs)[None])
        return FamilyForecast(self._bootstrap(best, rows, inputs, rng))

    def _bootstrap(
        self,
        best: ChinchillaFit,
        rows: pd.DataFrame,
        inputs: tuple[np.ndarray, ...],
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Draws of the loss at the inputs, shape (n_bootstrap, n_points)."""
        n_params, n_tokens, loss = float_columns(rows, N_PARAMS, N_TOKENS, LOSS)
        fits = [
            self.fitter.refit(best, n_params, n_tokens, loss, weights)
            for weights in run_weights(rows, self.n_bootstrap, rng)
        ]
        residuals = np.log(loss / best.loss(n_params, n_tokens))
        noise = rng.choice(residuals, size=(self.n_bootstrap, len(inputs[0])))
        return np.array([fit.loss(*inputs) for fit in fits]) * np.exp(noise)


@dataclass(frozen=True)
class _CentredProblem:
    """The objective with log inputs measured from their means, which frees amplitudes from exponents."""

    objective: HuberObjective
    centre: tuple[float, float]

    @classmethod
    def of(
        cls,
        n_params: np.ndarray,
        n_tokens: np.ndarray,
        loss: np.ndarray,
        weights: np.ndarray | None,
        delta: float,
    ) -> _CentredProblem:
        log_n, log_d = np.log(n_params), np.log(n_tokens)
        centre = float(log_n.mean()), float(log_d.mean())
        weights = np.ones(len(log_n)) if weights is None else np.asarray(weights, dtype=float)
        return cls(HuberObjective(log_n - centre[0], log_d - centre[1], np.log(loss), weights, delta), centre)

    def uncentred(self, theta: np.ndarray) -> np.ndarray:
        return recentre(theta, -self.centre[0], -self.centre[1])


def _finalists(objective: HuberObjective, starts: np.ndarray) -> np.ndarray:
    """Where a few steps lead from each start, the lowest few of these, shape (n_finalists, 5)."""
    reached = [_descend(objective, start, _FIRST_STEPS) for start in starts]
    return np.array(sorted(reached, key=objective.value)[:_N_FINALISTS])


def _descend(objective: HuberObjective, start: np.ndarray, max_steps: int = 5000) -> np.ndarray:
    result = optimize.minimize(
        objective.value_and_gradient,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": max_steps, "maxfun": 10_000, "maxcor": 20, "ftol": 1e-14, "gtol": 1e-8},
    )
    return result.x
