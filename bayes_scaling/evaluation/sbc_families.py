"""Simulation-based calibration from all families of each fit: many ranks from few fits, that may go together.

Families of one fit share its population. Where their own data say little, what the fit gets wrong of the population
moves the ranks of all of them, and a test for independent ranks would see too much. The uniform ranks that serve as
reference here go together as much as those found do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from bayes_scaling.evaluation.sbc import chi_squared, holm, least_likely_point

FloatArray = NDArray[np.float64]

N_REFERENCE = 10_000
"""Simulated sets of uniform ranks that go together."""

STEP = 0.05
"""Correlations are rounded up to multiples of this, for which references are simulated once."""

MOST_TOGETHER = 0.95
"""Largest correlation of a reference."""


@dataclass(frozen=True, eq=False)
class FamilyCalibration:
    """Ranks of the truth among posterior draws, over simulations and the families of each.

    Attributes
    ----------
    ranks : dict of str to ndarray of shape (n_simulations, n_families)
        By quantity: how many of `n_draws` draws are below the truth.
    shares : dict of str to ndarray of shape (n_simulations, n_families)
        By quantity: share of all draws below the truth.
    n_draws : int
        Draws that ranks are among, after thinning.
    """

    ranks: dict[str, NDArray[np.int64]]
    shares: dict[str, FloatArray]
    n_draws: int

    def uniformity(self, *, seed: int = 0) -> pd.DataFrame:
        """How far from uniform the ranks of each quantity are, and whether chance would do that.

        Returns
        -------
        DataFrame
            Indexed by quantity, with the columns of :meth:`~bayes_scaling.evaluation.sbc.Calibration.uniformity`
            that this module knows: ``mean_rank``, ``rank_sd``, ``p_chi2``, ``p_ecdf``, ``p_holm``; further
            ``together``: correlation of the ranks of families of one fit, on the normal scale; ``inside_50`` and
            ``inside_90``: how often central intervals held the truth.
        """
        table = pd.DataFrame.from_dict({name: self._test(name, seed) for name in self.ranks}, orient="index")
        both = np.minimum(1.0, 2.0 * table[["p_chi2", "p_ecdf"]].min(axis=1).to_numpy())
        return table.assign(p_holm=holm(both))

    def passed(self, level: float = 0.05, *, seed: int = 0) -> bool:
        """Whether no quantity is off; a calibrated fit fails with probability `level` at most."""
        return bool((self.uniformity(seed=seed)["p_holm"] > level).all())

    def coverage(self, prob: float) -> float:
        """Share of all quantities, families and simulations inside the central interval."""
        return float(np.mean([_inside(shares, prob) for shares in self.shares.values()]))

    def _test(self, name: str, seed: int) -> dict[str, float]:
        ranks, shares = self.ranks[name], self.shares[name]
        together = correlation_within_fits(ranks, self.n_draws)
        rounded = min(STEP * np.ceil(together / STEP), MOST_TOGETHER)
        least, chi2 = _reference(*ranks.shape, self.n_draws, round(float(rounded), 2), seed)
        found_least, found_chi2 = _statistics(ranks.reshape(1, -1), self.n_draws)
        place = (ranks + 0.5) / (self.n_draws + 1)
        return {
            "mean_rank": place.mean(),
            "rank_sd": place.std() * np.sqrt(12),
            "together": together,
            "inside_50": _inside(shares, 0.5),
            "inside_90": _inside(shares, 0.9),
            "p_chi2": (1 + np.count_nonzero(chi2 >= found_chi2[0] - 1e-9)) / (1 + len(chi2)),
            "p_ecdf": (1 + np.count_nonzero(least <= found_least[0] * (1 + 1e-9))) / (1 + len(least)),
        }


def correlation_within_fits(ranks: NDArray[np.int64], n_draws: int) -> float:
    """Correlation (at least zero) between families of one fit of normal scores of ranks (n_simulations, n_families)."""
    n_families = ranks.shape[1]
    if n_families < 2:
        return 0.0
    score = stats.norm.ppf((ranks + 0.5) / (n_draws + 1))
    score = score - score.mean()
    pairs = (score.sum(axis=1) ** 2 - (score**2).sum(axis=1)).mean() / (n_families * (n_families - 1))
    return float(max(pairs / (score**2).mean(), 0.0))


def _inside(shares: FloatArray, prob: float) -> float:
    return float(np.mean(np.abs(shares - 0.5) < prob / 2))


@cache
def _reference(
    n_simulations: int, n_families: int, n_draws: int, together: float, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Statistics (N_REFERENCE,) of uniform ranks with this correlation within simulations."""
    rng = np.random.default_rng(seed)
    ends = stats.norm.ppf(np.arange(1, n_draws + 1) / (n_draws + 1))
    found = []
    for size in np.full(N_REFERENCE // 500, 500):
        common = rng.standard_normal((size, n_simulations, 1))
        own = rng.standard_normal((size, n_simulations, n_families))
        score = np.sqrt(together) * common + np.sqrt(1 - together) * own
        found.append(_statistics(np.searchsorted(ends, score.reshape(size, -1)), n_draws))
    least, chi2 = (np.concatenate(part) for part in zip(*found, strict=True))
    return least, chi2


def _statistics(ranks: NDArray[np.int64], n_draws: int) -> tuple[FloatArray, FloatArray]:
    """Least likely point of the ECDF and chi-squared (n_sets,) of sets of ranks (n_sets, n_ranks)."""
    n_sets, n_ranks = ranks.shape
    places = ranks + np.arange(n_sets)[:, None] * (n_draws + 1)
    counts = np.bincount(places.ravel(), minlength=n_sets * (n_draws + 1)).reshape(n_sets, -1)
    return least_likely_point(counts[:, :-1].cumsum(axis=1), n_ranks), chi_squared(counts)
