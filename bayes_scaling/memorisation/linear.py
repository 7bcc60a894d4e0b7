"""Estimators that are linear in the group means, which gives all of them standard errors and a bootstrap for one price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bayes_scaling.memorisation.cells import NO_BASELINE, Cells
from bayes_scaling.memorisation.group_means import GroupMeans


class LinearEstimator(Protocol):
    """Effects as linear functions of the group means."""

    def apply(self, means: np.ndarray) -> np.ndarray:
        """Effects of means: shape (..., n_groups, n_columns) to shape (..., n_cells)."""
        ...

    def coefficients(self, weights: np.ndarray) -> np.ndarray:
        """What each mean is multiplied by in weighted sums of effects.

        Shape (n_sums, n_cells) to shape (n_sums, n_groups, n_columns).
        """
        ...

    def variances(self, means: GroupMeans) -> np.ndarray:
        """Sampling variance of each effect, clustered by instance, shape (n_cells,)."""
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
        """See :class:`LinearEstimator`."""
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

    def variances(self, means: GroupMeans) -> np.ndarray:
        """See :class:`LinearEstimator`."""
        control = np.full(len(self.cells), len(means.cohorts))
        return self._variance_within(means, self.cells.cohort) + self._variance_within(means, control)

    def _variance_within(self, means: GroupMeans, group: np.ndarray) -> np.ndarray:
        now, before, spread = self.cells.column, self.cells.baseline, means.covariances
        correction = spread[group, before, before] - 2.0 * spread[group, now, before]
        return (spread[group, now, now] + np.where(self._has_baseline, correction, 0.0)) / means.sizes[group]

    @property
    def _has_baseline(self) -> np.ndarray:
        return self.cells.baseline != NO_BASELINE


@dataclass(frozen=True, eq=False)
class DenseOperator:
    """Each effect any linear function of the means.

    Attributes
    ----------
    operator : ndarray of shape (n_cells, n_groups, n_columns)
    """

    operator: np.ndarray

    def apply(self, means: np.ndarray) -> np.ndarray:
        """See :class:`LinearEstimator`."""
        return np.tensordot(means, self.operator, axes=([-2, -1], [1, 2]))

    def coefficients(self, weights: np.ndarray) -> np.ndarray:
        """See :class:`LinearEstimator`."""
        return np.tensordot(weights, self.operator, axes=1)

    def variances(self, means: GroupMeans) -> np.ndarray:
        """See :class:`LinearEstimator`."""
        per_group = np.einsum("pgi,gij,pgj->pg", self.operator, means.covariances, self.operator, optimize=True)
        return per_group @ (1.0 / means.sizes)


def covariance_of_sums(coefficients: np.ndarray, means: GroupMeans) -> np.ndarray:
    """Sampling covariance of linear functions of the group means, clustered by instance.

    Parameters
    ----------
    coefficients : ndarray of shape (n_sums, n_groups, n_columns)
    means : GroupMeans

    Returns
    -------
    ndarray of shape (n_sums, n_sums)
    """
    total = np.zeros((len(coefficients), len(coefficients)))
    for group, size in enumerate(means.sizes):
        part = coefficients[:, group]
        total += part @ means.covariances[group] @ part.T / size
    return total
