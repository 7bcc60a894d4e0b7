"""Simulation-based calibration: whether posteriors hold what simulated data were made of as often as they say.

Draw parameters from the prior, data from the parameters, and fit. The rank of the true value among the draws of
its posterior is then uniform, for every quantity, if model, simulator and sampler are one (Talts et al. 2018,
arXiv:1804.06788, theorem 1). Ranks that crowd in the middle tell of too wide posteriors, at the ends of too
narrow ones, on one side of a shift.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]

Simulate = Callable[[np.random.Generator], tuple[Any, Mapping[str, float]]]
"""Data and the true value of each quantity, from the prior."""

Fit = Callable[[Any, int], Mapping[str, FloatArray]]
"""Posterior draws (n_draws,) of each quantity, given data and a seed."""

COLUMNS = ("mean_rank", "rank_sd", "ecdf_deviation", "p_chi2", "p_ecdf", "p_holm")
"""Columns of :meth:`Calibration.uniformity`."""

N_BINS = 16
"""Bins of the chi-squared test, fewer when a bin would expect less than five ranks."""

N_REFERENCE = 20_000
"""Simulated sets of uniform ranks, against which the deviation of the ECDF is held."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Ranks of the truth among posterior draws, over many simulations.

    Attributes
    ----------
    ranks : DataFrame
        One row a simulation, one column a quantity: how many draws are below the truth, 0..n_draws.
    n_draws : int
        Draws that were compared with, after thinning.
    """

    ranks: pd.DataFrame
    n_draws: int

    def uniformity(self, *, seed: int = 0) -> pd.DataFrame:
        """How far from uniform the ranks of each quantity are, and whether chance would do that.

        Parameters
        ----------
        seed : int
            Of the sets of uniform ranks that serve as reference.

        Returns
        -------
        DataFrame
            Indexed by quantity. ``mean_rank``: 0.5 without a shift, more when posteriors lie too low.
            ``rank_sd``: standard deviation over that of uniform ranks; above 1 when posteriors are too narrow.
            ``ecdf_deviation``: largest distance between the ECDF of ranks and the diagonal. ``p_chi2``: of
            the counts in bins. ``p_ecdf``: of the ECDF's least likely point, which is the test by
            simultaneous bands of Säilynoja et al. 2022, arXiv:2103.10522, sec. 2.3. ``p_holm``: both
            together, corrected by Holm's method for the number of quantities.
        """
        reference = _reference_extremes(len(self.ranks), self.n_draws, seed)
        records = {name: self._test(ranks.to_numpy(), reference) for name, ranks in self.ranks.items()}
        table = pd.DataFrame.from_dict(records, orient="index", columns=list(COLUMNS[:-1]))
        both = np.minimum(1.0, 2.0 * table[["p_chi2", "p_ecdf"]].min(axis=1).to_numpy())
        return table.assign(p_holm=holm(both))

    def passed(self, level: float = 0.05, *, seed: int = 0) -> bool:
        """Whether no quantity is off; a calibrated model fails with probability `level` at most."""
        return bool((self.uniformity(seed=seed)["p_holm"] > level).all())

    def _test(self, ranks: NDArray[np.int64], reference: FloatArray) -> tuple[float, ...]:
        counts = np.bincount(ranks, minlength=self.n_draws + 1)
        share = (ranks + 0.5) / (self.n_draws + 1)
        grid = np.arange(1, self.n_draws + 1) / (self.n_draws + 1)
        below = counts[:-1].cumsum()
        extreme = least_likely_point(below, len(ranks))
        return (
            share.mean(),
            share.std() * np.sqrt(12),
            np.abs(below / len(ranks) - grid).max(),
            _p_of_bins(counts),
            (1 + np.count_nonzero(reference <= extreme)) / (1 + len(reference)),
        )


def calibrate(
    simulate: Simulate,
    fit: Fit,
    n_simulations: int,
    *,
    n_draws: int = 63,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Ranks of true values among posterior draws in repeated simulations.

    Parameters
    ----------
    simulate : callable
        See :data:`Simulate`.
    fit : callable
        See :data:`Fit`; it must return draws of the quantities that `simulate` names.
    n_simulations : int
    n_draws : int
        Draws that a truth is compared with, spread evenly over those that `fit` gives: few, so that they are
        nearly independent. A power of two less one makes the bins equal.
    seed : int
    progress : callable, optional
        Called with simulations done and in all.

    Raises
    ------
    ValueError
        When a fit gives fewer draws, a draw or truth that is not finite, or other quantities.
    """
    ranks = []
    for number in range(n_simulations):
        data, truth = simulate(np.random.default_rng([seed, number]))
        ranks.append(ranks_of(truth, fit(data, number), n_draws))
        if progress is not None:
            progress(number + 1, n_simulations)
    return Calibration(pd.DataFrame(ranks), n_draws)


def ranks_of(truth: Mapping[str, float], draws: Mapping[str, FloatArray], n_draws: int) -> dict[str, int]:
    """How many of `n_draws` draws, spread evenly over those given, are below the truth, for each quantity."""
    if set(truth) != set(draws):
        raise ValueError(f"draws of {sorted(draws)}, but true values of {sorted(truth)}")
    ranks = {}
    for name, value in truth.items():
        given = np.asarray(draws[name], dtype=float)
        if given.ndim != 1 or len(given) < n_draws:
            raise ValueError(f"draws of {name!r} have shape {given.shape}: at least {n_draws} are needed")
        kept = given[np.linspace(0, len(given) - 1, n_draws).round().astype(int)]
        if not (np.isfinite(value) and np.isfinite(kept).all()):
            raise ValueError(f"{name!r} has a draw or a true value that is not finite")
        ranks[name] = int(np.count_nonzero(kept < value))
    return ranks


def holm(p_values: FloatArray) -> FloatArray:
    """P-values corrected for their number (Holm 1979), in the order given."""
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(factors * np.asarray(p_values)[order]))
    return corrected


def chi_squared(counts: NDArray[np.int64]) -> FloatArray:
    """Pearson's statistic (...) of counts (..., n_draws + 1) of ranks, in bins of neighbouring ranks."""
    bins, expected = _bins(counts)
    observed = np.add.reduceat(counts, np.flatnonzero(np.diff(bins, prepend=-1)), axis=-1)
    return np.asarray(((observed - expected) ** 2 / expected).sum(axis=-1))


def _bins(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], FloatArray]:
    """Bin of each rank, and how many ranks each bin expects; all sets of counts have as many."""
    n_ranks, n_places = int(counts.sum(axis=-1).flat[0]), counts.shape[-1]
    n_bins = int(np.clip(n_ranks // 5, 2, min(N_BINS, n_places)))
    bins = np.arange(n_places) * n_bins // n_places
    return bins, n_ranks * np.bincount(bins) / n_places


def _p_of_bins(counts: NDArray[np.int64]) -> float:
    """P-value of the counts of ranks in bins, when ranks are independent."""
    return float(stats.chi2.sf(chi_squared(counts), len(_bins(counts)[1]) - 1))


@cache
def _tail_probabilities(n_simulations: int, n_draws: int) -> FloatArray:
    """Two-sided tail probability of each number of ranks, (n_simulations + 1,), below each rank, (n_draws,)."""
    number = np.arange(n_simulations + 1)[:, None]
    share = np.arange(1, n_draws + 1) / (n_draws + 1)
    lower = stats.binom.cdf(number, n_simulations, share)
    return 2.0 * np.minimum(lower, stats.binom.sf(number - 1, n_simulations, share))


def least_likely_point(below: NDArray[np.int64], n_simulations: int) -> FloatArray:
    """Smallest tail probability (...) of an ECDF, given as numbers (..., n_draws) of ranks below each rank."""
    n_draws = below.shape[-1]
    return _tail_probabilities(n_simulations, n_draws)[below, np.arange(n_draws)].min(axis=-1)


@cache
def _reference_extremes(n_simulations: int, n_draws: int, seed: int) -> FloatArray:
    """What :func:`least_likely_point` gives for uniform ranks, (N_REFERENCE,)."""
    share = np.full(n_draws + 1, 1.0 / (n_draws + 1))
    counts = np.random.default_rng(seed).multinomial(n_simulations, share, N_REFERENCE)
    return least_likely_point(counts[:, :-1].cumsum(axis=1), n_simulations)
