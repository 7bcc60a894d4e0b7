"""Parameters borrowed from other families where a family has too few runs for a fit of its own.

The fixed-parameter transfer of the Hitchhiker's guide: Choshen et al. 2024, arXiv:2410.11840.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import optimize

from bayes_scaling.baselines.by_family import FamilyForecast, NotFittableError, forecast_by_family
from bayes_scaling.baselines.chinchilla_fit import PARAMETERS, ChinchillaFit, recentre
from bayes_scaling.baselines.columns import float_columns
from bayes_scaling.baselines.forecaster import Forecast
from bayes_scaling.baselines.least_squares import EARLY_TOKENS, fit_least_squares
from bayes_scaling.baselines.variable_projection import EXPONENTS, bootstrap_losses
from bayes_scaling.errors import Finding, Severity
from bayes_scaling.laws.chinchilla import REFERENCE_N_PARAMS, REFERENCE_N_TOKENS
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.runs import RunTable

ENOUGH_SIZES = 3
"""Sizes that a fit needs: E, A and alpha are three unknowns, and the guide calls no fewer a scaled family."""

_LENGTHS_FOR_BETA = 3  # token counts that tell E, B and beta apart; two tell E and B, one tells E alone

_LOG_REFERENCE = float(np.log(REFERENCE_N_PARAMS)), float(np.log(REFERENCE_N_TOKENS))


@dataclass(frozen=True)
class RelativeTerms:
    """The size and data terms of an additive law relative to its irreducible loss E.

    Attributes
    ----------
    log_size_share, log_data_share : float
        Natural log of each term over E, at 1e9 parameters and at 2e10 tokens.
    alpha, beta : float
        Exponents of size and of tokens.
    """

    log_size_share: float
    alpha: float
    log_data_share: float
    beta: float

    @classmethod
    def of(cls, fit: ChinchillaFit) -> RelativeTerms:
        """The terms of a fitted law."""
        log_a, log_b, log_e, alpha, beta = recentre(fit.theta, *_LOG_REFERENCE)
        return cls(float(log_a - log_e), float(alpha), float(log_b - log_e), float(beta))

    @classmethod
    def median(cls, all_terms: list[RelativeTerms]) -> RelativeTerms:
        """The median of each of the four numbers over families."""
        return cls(*np.median([astuple(terms) for terms in all_terms], axis=0))


@dataclass(frozen=True)
class BorrowedParameters:
    """Forecast for families of few runs, whose size term is that of the other families.

    A family of `min_sizes` sizes and five rows is fitted by least squares as in
    :class:`~bayes_scaling.baselines.LeastSquares`. Any other family, or one whose fit does not converge,
    borrows A and alpha, and fits E, B and beta to its own rows by least squares on the loss. With two token
    counts among its rows it borrows beta too, with one also B, and only E is its own.

    What is borrowed is the median over the training families fitted in full. The guide borrows A as it is,
    which supposes that all losses are in nats of one tokenizer. Families here differ in metric, so the
    amplitude borrowed is that of the size term *relative to E* at 1e9 parameters, and B's likewise at 2e10
    tokens: the forecast follows a change of the unit of loss. (A perplexity is no loss in another unit: do
    not mix it with losses.)

    Parameters
    ----------
    min_sizes : int, default 3
        Sizes from which a family is fitted in full, and can lend.
    min_tokens : float, default 1e10
        Training rows up to this many tokens are left out. Where too little is left, all rows of the family
        are used and a finding says so.
    n_bootstrap : int, default 0
        Number of draws; 0 gives a point forecast. A draw of a borrowing family borrows all from one family
        drawn at random, since the parameters of other families are what it knows least, and weighs its
        checkpoints by standard exponential variables, since its runs are too few to be resampled. A draw of
        any other family is a refit with random weights of its runs, see
        :func:`~bayes_scaling.baselines.run_bootstrap.run_weights`. Both add one residual of log loss of the
        family's own, drawn at random. (With as many rows as parameters there are no residuals to speak of.)
    name : str, default "borrowed-parameters"
        Label in tables.
    """

    min_sizes: int = ENOUGH_SIZES
    min_tokens: float = EARLY_TOKENS
    n_bootstrap: int = 0
    name: str = "borrowed-parameters"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        """Loss of each family's law, its own or with borrowed parameters, at each point."""
        fits = self._own_fits(train)
        return forecast_by_family(
            train,
            points,
            partial(self._forecast_family, fits),
            n_draws=max(self.n_bootstrap, 1),
            seed=seed,
            is_point=self.n_bootstrap == 0,
        )

    def _tells_all(self, rows: pd.DataFrame) -> bool:
        return len(rows) >= len(PARAMETERS) and rows[N_PARAMS].nunique() >= self.min_sizes

    def _own_fits(self, train: RunTable) -> dict[str, ChinchillaFit]:
        """The fits of all families that can be fitted in full."""
        fits = {}
        for family, rows in train.frame.groupby(FAMILY):
            if not self._tells_all(rows):
                continue
            used = _late_rows(rows, self.min_tokens, self._tells_all)
            try:
                fits[str(family)] = fit_least_squares(*float_columns(used, N_PARAMS, N_TOKENS, LOSS))
            except NotFittableError:
                continue  # it borrows, and the finding about that says so
        return fits

    def _forecast_family(
        self,
        fits: Mapping[str, ChinchillaFit],
        rows: pd.DataFrame,
        points: pd.DataFrame,
        rng: np.random.Generator,
    ) -> FamilyForecast:
        if rows.empty:
            raise NotFittableError(
                "family_unseen", "No training row of this family", "Give at least one run of it."
            )
        family = str(rows[FAMILY].iloc[0])
        used = _late_rows(rows, self.min_tokens, self._tells_all if family in fits else _tells_something)
        notes = _early_rows_kept(rows, self.min_tokens, family) if len(used) == len(rows) else ()
        inputs = float_columns(points, N_PARAMS, N_TOKENS)
        if family not in fits:
            lenders = [RelativeTerms.of(fit) for fit in fits.values()]
            draws = self._borrow(lenders, used, inputs, rng)
            return FamilyForecast(draws, (*notes, _borrowed(used, len(lenders), family)))
        if self.n_bootstrap == 0:
            return FamilyForecast(fits[family].loss(*inputs)[None], notes)
        return FamilyForecast(bootstrap_losses(fits[family], used, inputs, self.n_bootstrap, rng), notes)

    def _borrow(
        self,
        lenders: list[RelativeTerms],
        rows: pd.DataFrame,
        inputs: tuple[np.ndarray, ...],
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Losses at the inputs with borrowed parameters, shape (n_draws, n_points)."""
        if not lenders:
            raise NotFittableError(
                "no_lender",
                f"No training family has {self.min_sizes} sizes and a fit from which to borrow",
                "Add a family of several sizes, or use LeastSquares(borrow_size_term=True).",
            )
        n_params, n_tokens, loss = float_columns(rows, N_PARAMS, N_TOKENS, LOSS)
        best = fit_with_borrowed(RelativeTerms.median(lenders), n_params, n_tokens, loss)
        if self.n_bootstrap == 0:
            return best.loss(*inputs)[None]
        chosen = rng.integers(len(lenders), size=self.n_bootstrap)
        row_weights = rng.standard_exponential((self.n_bootstrap, len(rows)))
        fits = [
            fit_with_borrowed(lenders[lender], n_params, n_tokens, loss, weights)
            for lender, weights in zip(chosen, row_weights, strict=True)
        ]
        residuals = np.log(loss / best.loss(n_params, n_tokens))
        noise = rng.choice(residuals, size=(self.n_bootstrap, len(inputs[0])))
        return np.array([fit.loss(*inputs) for fit in fits]) * np.exp(noise)


def fit_with_borrowed(
    terms: RelativeTerms,
    n_params: np.ndarray,
    n_tokens: np.ndarray,
    loss: np.ndarray,
    weights: np.ndarray | None = None,
) -> ChinchillaFit:
    """The law with the smallest (weighted) sum of squared errors of the loss, given another's size term.

    Parameters
    ----------
    terms : RelativeTerms
        Where A and alpha come from, and B and beta as far as the token counts do not tell them.
    n_params, n_tokens, loss : ndarray of shape (n_obs,)
        Parameters, tokens and the loss in any unit.
    weights : ndarray of shape (n_obs,), optional
        Weight of each row; one by default.
    """
    root = np.sqrt(np.ones(len(loss)) if weights is None else weights)
    size_share = np.exp(terms.log_size_share - terms.alpha * (np.log(n_params) - _LOG_REFERENCE[0]))
    log_d = np.log(n_tokens) - _LOG_REFERENCE[1]

    def solve(beta: float) -> tuple[np.ndarray, float]:
        """The best E and B, B at the reference point, and the root of the sum of squares that they leave."""
        return _nonnegative([1.0 + size_share, np.exp(-beta * log_d)], loss, root)

    n_lengths, beta = len(np.unique(n_tokens)), terms.beta
    if n_lengths == 1:
        data_share = np.exp(terms.log_data_share - beta * log_d)
        (floor,), rest = _nonnegative([1.0 + size_share + data_share], loss, root)
        data = floor * np.exp(terms.log_data_share)
    else:
        beta = beta if n_lengths < _LENGTHS_FOR_BETA else _best_exponent(lambda trial: solve(trial)[1])
        (floor, data), rest = solve(beta)
    with np.errstate(divide="ignore"):  # a term of zero has a logarithm of minus infinity
        log_e, log_b = np.log([floor, data])
    theta = np.array([terms.log_size_share + log_e, log_b, log_e, terms.alpha, beta])
    return ChinchillaFit.from_theta(recentre(theta, -_LOG_REFERENCE[0], -_LOG_REFERENCE[1]), rest**2)


def _nonnegative(columns: list[np.ndarray], loss: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, float]:
    """Coefficients >= 0 of the columns nearest to the loss, and the root of the sum of squares they leave."""
    weighted = np.array(columns).T * root[:, None]
    sizes = np.linalg.norm(weighted, axis=0)
    coefficients, rest = optimize.nnls(weighted / sizes, root * loss)
    return coefficients / sizes, float(rest)


def _best_exponent(cost: Callable[[float], float]) -> float:
    """The exponent of lowest cost: the best of the grid, refined between its neighbours."""
    costs = [cost(exponent) for exponent in EXPONENTS]
    place = int(np.clip(np.argmin(costs), 1, len(EXPONENTS) - 2))
    between = (EXPONENTS[place - 1], EXPONENTS[place + 1])
    return float(optimize.minimize_scalar(cost, bounds=between, method="bounded", options={"xatol": 1e-8}).x)


def _tells_something(rows: pd.DataFrame) -> bool:
    return len(rows) > 0


def _late_rows(
    rows: pd.DataFrame, min_tokens: float, is_enough: Callable[[pd.DataFrame], bool]
) -> pd.DataFrame:
    """Rows beyond so many tokens; all rows where the late ones are too few."""
    late = rows[rows[N_TOKENS] > min_tokens]
    return late if is_enough(late) else rows


def _early_rows_kept(rows: pd.DataFrame, min_tokens: float, family: str) -> tuple[Finding, ...]:
    n_late = int((rows[N_TOKENS] > min_tokens).sum())
    if n_late == len(rows):
        return ()
    message = (
        f"{n_late} of {len(rows)} training rows lie beyond {min_tokens:.3g} tokens, too few: all were used"
    )
    advice = "Read this family's forecast with the early part of its runs in mind."
    return (Finding("early_rows_kept", Severity.INFO, message, advice, family),)


def _borrowed(rows: pd.DataFrame, n_lenders: int, family: str) -> Finding:
    n_lengths = rows[N_TOKENS].nunique()
    also = ("", " and beta", ", beta and B")[max(_LENGTHS_FOR_BETA - n_lengths, 0)]
    message = (
        f"{len(rows)} training rows of {rows[N_PARAMS].nunique()} sizes and {n_lengths} token counts: A, alpha"
        f"{also} borrowed from {n_lenders} families"
    )
    advice = "Give the family more sizes for a fit of its own."
    return Finding("parameters_borrowed", Severity.INFO, message, advice, family)
