"""Least squares on the loss by variable projection: a search over the two exponents alone.

Golub & Pereyra 1973, SIAM J. Numer. Anal. 10:413; for scaling laws Czech et al. 2026, arXiv:2603.22339 (VPNLS).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import optimize

from bayes_scaling.baselines.by_family import FamilyForecast, NotFittableError, forecast_by_family
from bayes_scaling.baselines.chinchilla_fit import PARAMETERS, ChinchillaFit, recentre
from bayes_scaling.baselines.columns import float_columns
from bayes_scaling.baselines.forecaster import Forecast
from bayes_scaling.baselines.run_bootstrap import run_weights
from bayes_scaling.baselines.thinning import ENOUGH_CHECKPOINTS, thin_checkpoints
from bayes_scaling.errors import Finding, Severity
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.runs import RunTable

EXPONENTS = np.geomspace(0.05, 2.0, 32)
"""Candidates for each exponent at the start (the paper's 32, from 0.05 to 0.95, extended to steep families)."""

_PAIRS = np.array(list(product(EXPONENTS, EXPONENTS)))
_FEWER_PAIRS = np.array(list(product(EXPONENTS[1::6], EXPONENTS[1::6])))

_LOWEST, _HIGHEST = 0.01, 4.0
"""Exponents between which the search stays: a term below is a constant, above it a step, in any table of runs."""

_TIGHT = {"xatol": 1e-8, "fatol": 1e-14, "maxiter": 1000}
_LOOSE = {"xatol": 1e-5, "fatol": 1e-9, "maxiter": 300}
"""Nelder-Mead's tolerances for exponents and for the unexplained share of squares: estimate, bootstrap draw."""


def fit_variable_projection(
    n_params: np.ndarray,
    n_tokens: np.ndarray,
    loss: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    start: ChinchillaFit | None = None,
) -> ChinchillaFit:
    """The law with the smallest (weighted) sum of squared errors of the loss.

    Given the exponents, the law is linear in E, A and B, and the best E, A, B >= 0 come from non-negative
    least squares. What is left is a smooth surface over two exponents, on which a grid and Nelder-Mead's
    simplex cannot get lost as a search over five parameters can.

    Parameters
    ----------
    n_params, n_tokens, loss : ndarray of shape (n_obs,)
        Parameters, tokens and the loss in any unit.
    weights : ndarray of shape (n_obs,), optional
        Weight of each row; one by default.
    start : ChinchillaFit, optional
        A fit near which the optimum is expected, as for a resampled table: the search then begins there or at
        one of 36 coarser pairs, and ends at the tolerances of a bootstrap draw.

    Notes
    -----
    E, A or B may be zero: their logarithms are then minus infinity.
    """
    projection = _Projection.of(n_params, n_tokens, loss, weights)
    pairs = _PAIRS if start is None else np.array([[start.alpha, start.beta], *_FEWER_PAIRS])
    step = EXPONENTS[1] / EXPONENTS[0]
    first = projection.best_of(np.clip(pairs, _LOWEST, _HIGHEST / step))
    options = {
        "initial_simplex": first * np.array([[1.0, 1.0], [step, 1.0], [1.0, step]]),
        **(_TIGHT if start is None else _LOOSE),
    }
    bounds = [(_LOWEST, _HIGHEST)] * 2
    found = optimize.minimize(
        projection.unexplained, first, method="Nelder-Mead", bounds=bounds, options=options
    )
    return projection.law(found.x)


@dataclass(frozen=True)
class VariableProjection:
    """Forecast of the least-squares fit by variable projection, with intervals from a bootstrap if asked.

    A family with fewer rows than parameters, or with one size only, is left as NaN with a finding.

    Parameters
    ----------
    n_bootstrap : int, default 0
        Number of bootstrap draws; 0 gives a point forecast. Each draw refits the family with random weights
        of its runs, see :func:`~bayes_scaling.baselines.run_bootstrap.run_weights`, and adds one training
        residual of log loss, drawn at random.
    max_checkpoints : int or None, default 12
        Checkpoints used of each run, see :func:`~bayes_scaling.baselines.thinning.thin_checkpoints`; None
        uses all.
    min_tokens : float, default 0
        Training rows up to this many tokens are left out.
    name : str, default "variable-projection"
        Label in tables.
    """

    n_bootstrap: int = 0
    max_checkpoints: int | None = ENOUGH_CHECKPOINTS
    min_tokens: float = 0.0
    name: str = "variable-projection"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """Loss of the fitted law at each point, one draw for each bootstrap fit."""
        n_draws, is_point = max(self.n_bootstrap, 1), self.n_bootstrap == 0
        return forecast_by_family(
            train, points, self._forecast_family, n_draws=n_draws, seed=seed, is_point=is_point
        )

    def _forecast_family(
        self, rows: pd.DataFrame, points: pd.DataFrame, rng: np.random.Generator
    ) -> FamilyForecast:
        rows = thin_checkpoints(rows[rows[N_TOKENS] > self.min_tokens], self.max_checkpoints)
        n_sizes = len(rows[N_PARAMS].unique())
        if len(rows) < len(PARAMETERS) or n_sizes < 2:
            lack = f"{len(rows)} training rows of {n_sizes} sizes for {len(PARAMETERS)} parameters"
            raise NotFittableError("family_too_small", lack, "Give the family more sizes or checkpoints.")
        best = fit_variable_projection(*float_columns(rows, N_PARAMS, N_TOKENS, LOSS))
        notes = _absent_terms(best, str(rows[FAMILY].iloc[0]))
        inputs = float_columns(points, N_PARAMS, N_TOKENS)
        if self.n_bootstrap == 0:
            return FamilyForecast(best.loss(*inputs)[None], notes)
        return FamilyForecast(bootstrap_losses(best, rows, inputs, self.n_bootstrap, rng), notes)


def bootstrap_losses(
    best: ChinchillaFit,
    rows: pd.DataFrame,
    inputs: tuple[np.ndarray, ...],
    n_draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draws of the loss at (n_params, n_tokens), shape (n_draws, n_points): refits from `best`, plus a residual.

    Parameters
    ----------
    best : ChinchillaFit
        The fit of `rows`.
    rows : DataFrame
        One family's training rows.
    inputs : tuple of two ndarrays of shape (n_points,)
        Parameters and tokens of the points.
    n_draws : int
        Number of draws.
    rng : Generator
        Where randomness comes from.
    """
    n_params, n_tokens, loss = float_columns(rows, N_PARAMS, N_TOKENS, LOSS)
    fits = [
        fit_variable_projection(n_params, n_tokens, loss, weights, start=best)
        for weights in run_weights(rows, n_draws, rng)
    ]
    residuals = np.log(loss / best.loss(n_params, n_tokens))
    noise = rng.choice(residuals, size=(n_draws, len(inputs[0])))
    return np.array([fit.loss(*inputs) for fit in fits]) * np.exp(noise)


@dataclass(frozen=True)
class _Projection:
    """Sum of squares as a function of the exponents, with E, A and B at their best for each pair.

    Log inputs are measured from their means, so that each column is near one and the amplitudes near losses.
    """

    log_n: np.ndarray
    log_d: np.ndarray
    root_weights: np.ndarray
    weighted_loss: np.ndarray
    centre: tuple[float, float]

    @classmethod
    def of(
        cls, n_params: np.ndarray, n_tokens: np.ndarray, loss: np.ndarray, weights: np.ndarray | None
    ) -> _Projection:
        log_n, log_d = np.log(n_params), np.log(n_tokens)
        centre = float(log_n.mean()), float(log_d.mean())
        root = np.sqrt(np.ones(len(log_n)) if weights is None else np.asarray(weights, dtype=float))
        return cls(log_n - centre[0], log_d - centre[1], root, root * loss, centre)

    def solve(self, exponents: np.ndarray) -> tuple[np.ndarray, float]:
        """The best (E, A, B), A and B at the centre, and the root of the sum of squares that they leave."""
        columns = np.array(
            [
                self.root_weights,
                self.root_weights * np.exp(-exponents[0] * self.log_n),
                self.root_weights * np.exp(-exponents[1] * self.log_d),
            ]
        ).T
        sizes = np.sqrt(np.einsum("ij,ij->j", columns, columns))
        coefficients, rest = optimize.nnls(columns / sizes, self.weighted_loss)
        return coefficients / sizes, float(rest)

    def unexplained(self, exponents: np.ndarray) -> float:
        """Share of the sum of squared losses that the best E, A and B leave."""
        return self.solve(exponents)[1] ** 2 / float(self.weighted_loss @ self.weighted_loss)

    def best_of(self, pairs: np.ndarray) -> np.ndarray:
        return pairs[np.argmin([self.unexplained(pair) for pair in pairs])]

    def law(self, exponents: np.ndarray) -> ChinchillaFit:
        (floor, size, data), rest = self.solve(exponents)
        with np.errstate(divide="ignore"):  # a term of zero has a logarithm of minus infinity
            theta = np.array([*np.log([size, data, floor]), *exponents])
        return ChinchillaFit.from_theta(recentre(theta, -self.centre[0], -self.centre[1]), rest**2)


def _absent_terms(fit: ChinchillaFit, family: str) -> tuple[Finding, ...]:
    logs = {"E": fit.log_E, "A": fit.log_A, "B": fit.log_B}
    absent = [name for name, log_value in logs.items() if np.isneginf(log_value)]
    if not absent:
        return ()
    message = f"The best law with no negative term has {' = '.join([*absent, '0'])}"
    advice = "Take this family's forecast as a curve through its points; its parameters mean little."
    return (Finding("term_absent", Severity.INFO, message, advice, family),)
