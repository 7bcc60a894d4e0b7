"""Estimators that are linear in the group means, and the standard errors that all of them have from that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import stats

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation.cells import NO_BASELINE, Cells
from bayes_scaling.memorisation.group_means import GroupMeans


@dataclass(frozen=True, eq=False)
class Errors:
    """Standard errors and how well they are known; arrays of shape (n_effects,).

    Attributes
    ----------
    se : ndarray
        Standard error, in the unit of the outcome.
    freedom : ndarray
        Degrees of freedom of the t distribution of (estimate - truth) / se (Satterthwaite 1946, Biometrics 2:110).
    """

    se: np.ndarray
    freedom: np.ndarray

    @classmethod
    def of(cls, parts: np.ndarray, sizes: np.ndarray) -> Errors:
        """Errors from what each group adds to the variance.

        Parameters
        ----------
        parts : ndarray of shape (n_effects, n_parts)
        sizes : ndarray of int, broadcast against `parts`
            Instances of the group that each part comes from.
        """
        parts = np.maximum(parts, 0.0)  # a variance of exactly zero may come out a rounding error below it
        variance, doubt = parts.sum(axis=1), (parts**2 / (sizes - 1.0)).sum(axis=1)
        known = doubt > 0.0
        freedom = np.where(known, variance**2 / np.where(known, doubt, 1.0), np.inf)
        return cls(np.sqrt(variance), freedom)

    def reach(self, level: float) -> np.ndarray:
        """Half the width of central intervals, in the unit of the outcome.

        Raises
        ------
        InputError
            With code ``"bad_argument"`` when the level is not between 0 and 1.
        """
        require_level(level)
        return stats.t.ppf(0.5 + level / 2.0, self.freedom) * self.se

    def reach_of_normal(self, normal: float) -> np.ndarray:
        """Half the width of intervals that reach `normal` standard errors where these are known exactly."""
        return -stats.t.ppf(stats.norm.cdf(-normal), self.freedom) * self.se

    def take(self, chosen: np.ndarray) -> Errors:
        """Some of the errors, by mask or position."""
        return Errors(self.se[chosen], self.freedom[chosen])


class LinearEstimator(Protocol):
    """Effects as linear functions of the group means."""

    def apply(self, means: np.ndarray) -> np.ndarray:
        """Effects of means: shape (..., n_groups, n_columns) to shape (..., n_cells)."""
        ...

    def errors(self, means: GroupMeans) -> Errors:
        """Sampling error of each effect, clustered by instance."""
        ...

    def errors_of_sums(self, weights: np.ndarray, means: GroupMeans) -> Errors:
        """Sampling errors of weighted sums of effects; weights of shape (n_sums, n_cells)."""
        ...

    def perturbed(self, means: GroupMeans, multipliers: np.ndarray) -> np.ndarray:
        """What multiplying each instance's residual by a random number does to the effects.

        Shape (n_draws, n_instances) to shape (n_draws, n_cells); see :meth:`GroupMeans.perturbed`.
        """
        ...


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Each effect a difference of two means, or a difference of two differences.

    Attributes
    ----------
    cells : Cells
    shape : tuple of two ints
        Numbers of groups and columns of the means.
    """

    cells: Cells
    shape: tuple[int, int]

    def apply(self, means: np.ndarray) -> np.ndarray:
        """See :class:`LinearEstimator`."""
        gap = means[..., :-1, :] - means[..., -1:, :]
        now = gap[..., self.cells.cohort, self.cells.column]
        before = gap[..., self.cells.cohort, self.cells.baseline]
        return now - np.where(self._has_baseline, before, 0.0)

    def coefficients(self, weights: np.ndarray) -> np.ndarray:
        """What each mean is multiplied by in sums: (n_sums, n_cells) to (n_sums, n_groups, n_columns)."""
        result = np.zeros((*self.shape, len(weights)))
        based = self._has_baseline
        for column, sign, chosen in (
            (self.cells.column, 1.0, np.ones_like(based)),
            (self.cells.baseline, -1.0, based),
        ):
            added = (sign * weights[:, chosen]).T
            np.add.at(result, (self.cells.cohort[chosen], column[chosen]), added)
            np.add.at(result[-1], column[chosen], -added)
        return np.moveaxis(result, -1, 0)

    def errors(self, means: GroupMeans) -> Errors:
        """See :class:`LinearEstimator`."""
        control = np.full(len(self.cells), len(means.cohorts))
        groups = np.stack([self.cells.cohort, control], axis=1)
        now, before, spread = self.cells.column[:, None], self.cells.baseline[:, None], means.covariances
        correction = spread[groups, before, before] - 2.0 * spread[groups, now, before]
        parts = spread[groups, now, now] + np.where(self._has_baseline[:, None], correction, 0.0)
        return Errors.of(parts / means.sizes[groups], means.sizes[groups])

    def errors_of_sums(self, weights: np.ndarray, means: GroupMeans) -> Errors:
        """See :class:`LinearEstimator`."""
        linear = self.coefficients(weights)
        spread = np.einsum("pgi,gij,pgj->pg", linear, means.covariances, linear, optimize=True)
        return Errors.of(spread / means.sizes, means.sizes)

    def perturbed(self, means: GroupMeans, multipliers: np.ndarray) -> np.ndarray:
        """See :class:`LinearEstimator`."""
        return self.apply(means.perturbed(multipliers))

    @property
    def _has_baseline(self) -> np.ndarray:
        return self.cells.baseline != NO_BASELINE


def require_level(level: float) -> None:
    """Pass when a level is a share between 0 and 1.

    Raises
    ------
    InputError
        With code ``"bad_argument"``.
    """
    if not 0.0 < level < 1.0:
        raise InputError(
            f"level = {level!r}", "a share between 0 and 1", "Take 0.9, for instance.", code="bad_argument"
        )
