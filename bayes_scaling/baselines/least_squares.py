"""Least squares on the loss, one family at a time: the fit of Choshen et al. 2024, arXiv:2410.11840."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from bayes_scaling.baselines.by_family import FamilyForecast, NotFittableError, forecast_by_family
from bayes_scaling.baselines.chinchilla_fit import PARAMETERS, ChinchillaFit, log_loss_and_jacobian
from bayes_scaling.baselines.columns import float_columns
from bayes_scaling.baselines.forecaster import Forecast
from bayes_scaling.errors import Finding, Severity
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.runs import RunTable

START: Mapping[str, float] = dict(
    zip(PARAMETERS, (6.255414, 7.3049974, 0.6254804, 0.3526596, 0.3526596), strict=True)
)
"""Starting point of the optimiser: the estimate of Muennighoff et al. 2023 (arXiv:2305.16264)."""

SIZE_TERM: Mapping[str, float] = {name: START[name] for name in ("log_A", "alpha")}
"""The size term that is borrowed for a family of one size, which cannot tell how the loss depends on size."""

EARLY_TOKENS = 1e10
"""Rows up to here are left out of training: the early part of a run does not follow the law."""

_LOWER = np.array([-np.inf, -np.inf, -np.inf, 0.0, 0.0])


def fit_least_squares(
    n_params: np.ndarray, n_tokens: np.ndarray, loss: np.ndarray, *, fixed: Mapping[str, float] | None = None
) -> ChinchillaFit:
    """The law with the smallest sum of squared errors of the loss.

    The optimiser is the trust-region reflective one that `scipy.optimize.curve_fit` uses with bounds, with
    its default tolerances and number of evaluations; when it gives up, dogbox with parameters scaled by the
    starting point has one try. The derivative is exact.

    Parameters
    ----------
    n_params, n_tokens, loss : ndarray of shape (n_obs,)
        Parameters, tokens and the loss in any unit.
    fixed : mapping of str to float, optional
        Parameters held at a value, by name in :data:`~bayes_scaling.baselines.chinchilla_fit.PARAMETERS`.

    Raises
    ------
    NotFittableError
        When the optimiser does not converge.
    """
    problem = _LossResiduals(np.log(n_params), np.log(n_tokens), np.asarray(loss, dtype=float), fixed or {})
    start, bounds = problem.start[problem.free], (_LOWER[problem.free], np.inf)
    attempts: tuple[dict, ...] = ({"method": "trf"}, {"method": "dogbox", "x_scale": start})
    for attempt in attempts:
        result = optimize.least_squares(problem.residuals, start, problem.jacobian, bounds, **attempt)
        if result.success:
            return ChinchillaFit.from_theta(problem.full(result.x), 2.0 * result.cost)
    failure = f"Least squares did not converge on {len(problem.loss)} rows"
    raise NotFittableError("no_convergence", failure, "Use another method for this family.")


@dataclass(frozen=True)
class LeastSquares:
    """Point forecast by least squares on the loss, each family on its own, as in the Hitchhiker's guide.

    A family with fewer rows than free parameters, or with one size only, is left as NaN with a finding.

    Parameters
    ----------
    min_tokens : float, default 1e10
        Training rows up to this many tokens are left out. Where too little is left to fit, all rows are used
        and a finding says so.
    borrow_size_term : bool, default False
        Fit a family of one size by taking A and alpha from :data:`SIZE_TERM` (the guide's single-model
        transfer).
    name : str, default "least-squares"
        Label in tables.
    """

    min_tokens: float = EARLY_TOKENS
    borrow_size_term: bool = False
    name: str = "least-squares"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """Loss of the fitted law at each point; `seed` changes nothing."""
        return forecast_by_family(train, points, self._forecast_family, n_draws=1, seed=seed, is_point=True)

    def _forecast_family(
        self, rows: pd.DataFrame, points: pd.DataFrame, _rng: np.random.Generator
    ) -> FamilyForecast:
        one_size = len(rows[N_PARAMS].unique()) == 1
        fixed = SIZE_TERM if self.borrow_size_term and one_size else {}
        used = rows[rows[N_TOKENS] > self.min_tokens]
        cut_too_deep = bool(_lack(used, fixed)) and not _lack(rows, fixed)
        if cut_too_deep:
            used = rows
        if lack := _lack(used, fixed):
            raise NotFittableError("family_too_small", lack, "Give the family more sizes or checkpoints.")
        fit = fit_least_squares(*float_columns(used, N_PARAMS, N_TOKENS, LOSS), fixed=fixed)
        notes = (_early_rows_kept(rows, self.min_tokens),) if cut_too_deep else ()
        return FamilyForecast(fit.loss(*float_columns(points, N_PARAMS, N_TOKENS))[None], notes)


def _lack(rows: pd.DataFrame, fixed: Mapping[str, float]) -> str:
    """What the rows lack for a fit, in words; empty when nothing."""
    n_free = len(PARAMETERS) - len(fixed)
    if len(rows) < n_free:
        return f"{len(rows)} training rows for {n_free} free parameters"
    if len(rows[N_PARAMS].unique()) < 2 and not fixed:
        return "One model size among the training rows, at least two are needed"
    return ""


@dataclass(frozen=True)
class _LossResiduals:
    """Predicted minus observed loss as a function of the free parameters."""

    log_n: np.ndarray
    log_d: np.ndarray
    loss: np.ndarray
    fixed: Mapping[str, float]

    @property
    def start(self) -> np.ndarray:
        return np.array([self.fixed.get(name, START[name]) for name in PARAMETERS])

    @property
    def free(self) -> np.ndarray:
        return np.flatnonzero([name not in self.fixed for name in PARAMETERS])

    def full(self, free_values: np.ndarray) -> np.ndarray:
        theta = self.start
        theta[self.free] = free_values
        return theta

    def residuals(self, free_values: np.ndarray) -> np.ndarray:
        return self._loss_and_jacobian(free_values)[0] - self.loss

    def jacobian(self, free_values: np.ndarray) -> np.ndarray:
        return self._loss_and_jacobian(free_values)[1][:, self.free]

    def _loss_and_jacobian(self, free_values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        log_loss, jacobian = log_loss_and_jacobian(self.full(free_values), self.log_n, self.log_d)
        with np.errstate(over="ignore"):  # the optimiser shortens a step that ends at infinity
            loss = np.exp(log_loss)
        return loss, loss[:, None] * jacobian


def _early_rows_kept(rows: pd.DataFrame, min_tokens: float) -> Finding:
    n_late = int((rows[N_TOKENS] > min_tokens).sum())
    return Finding(
        "early_rows_kept",
        Severity.INFO,
        f"{n_late} of {len(rows)} training rows lie beyond {min_tokens:.3g} tokens, too few: all were used",
        "Read this family's forecast with the early part of its runs in mind.",
        str(rows[FAMILY].iloc[0]),
    )
