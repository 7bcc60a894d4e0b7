"""Errors of generalised least squares, whose weights come from the same residuals as the errors.

Weights that were chosen to make the residuals' weighted sums small make them too small. The remedy is to weigh each
instance as the others say, as the jackknife does (MacKinnon & White 1985, J. Econometrics 29:305, HC3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes_scaling.memorisation.group_means import GroupMeans
from bayes_scaling.memorisation.linear import Errors
from bayes_scaling.memorisation.shrinkage import ShrunkCovariances


@dataclass(frozen=True, eq=False)
class CrossFitted:
    """Effects as linear functions of the means, with errors from what each instance adds under the others' weights.

    Attributes
    ----------
    operator : ndarray of shape (n_cells, n_groups, n_columns)
        What each mean is multiplied by.
    scores : ndarray of shape (n_instances, n_cells)
        Of :func:`cross_fitted_scores`.
    """

    operator: np.ndarray
    scores: np.ndarray

    def apply(self, means: np.ndarray) -> np.ndarray:
        """See :class:`~bayes_scaling.memorisation.linear.LinearEstimator`."""
        return np.tensordot(means, self.operator, axes=([-2, -1], [1, 2]))

    def errors(self, means: GroupMeans) -> Errors:
        """See :class:`~bayes_scaling.memorisation.linear.LinearEstimator`."""
        return self._errors_of(self.scores, means)

    def errors_of_sums(self, weights: np.ndarray, means: GroupMeans) -> Errors:
        """See :class:`~bayes_scaling.memorisation.linear.LinearEstimator`."""
        return self._errors_of(self.scores @ weights.T, means)

    def perturbed(self, means: GroupMeans, multipliers: np.ndarray) -> np.ndarray:
        """See :class:`~bayes_scaling.memorisation.linear.LinearEstimator`."""
        n = means.sizes[means.group]
        return (multipliers / np.sqrt(n * (n - 1.0))) @ self.scores

    @staticmethod
    def _errors_of(scores: np.ndarray, means: GroupMeans) -> Errors:
        parts = np.zeros((scores.shape[1], len(means.sizes)))
        np.add.at(parts.T, means.group, scores**2)
        return Errors.of(parts / (means.sizes * (means.sizes - 1.0)), means.sizes)


def cross_fitted_scores(
    means: GroupMeans, shrunk: ShrunkCovariances, design: np.ndarray, operator: np.ndarray, n_cells: int
) -> np.ndarray:
    r"""What each instance would add to each effect, times its group's size, had it no say in the weights.

    With :math:`\hat\theta = L \bar Y = C X' P \bar Y` for all unknowns, :math:`P_h = n_h \hat\Sigma_h^{-1}` and
    :math:`C = (X' P X)^{-1}`, a change of P moves the weights by :math:`dL = C X'\, dP\, (I - X L)`. Without
    instance i the covariance of group h is :math:`\hat\Sigma_h - a_{ih} r_i r_i'`, and its inverse follows by the
    formula of Sherman and Morrison, so that the score of an instance of group g is

    .. math::
        u_i = L_g r_i + \sum_h \kappa_{ih} L_h r_i, \qquad \kappa_{ih} =
            \frac{a_{ih}\, r_i' \hat\Sigma_h^{-1} (1[h = g] I - X_h L_g) r_i}{1 - a_{ih}\, r_i' \hat\Sigma_h^{-1} r_i}

    In a regression of outcomes after training on those before it, the case of Rao 1967 (Proc. Fifth Berkeley
    Symposium 1:355), this is the residual left out, :math:`r_i / (1 - h_i)`, whose mean square has the
    (m - 1) / (m - k - 1) by which k estimated weights enlarge the variance.

    Parameters
    ----------
    means : GroupMeans
    shrunk : ShrunkCovariances
        What the weights come from.
    design : ndarray of shape (n_groups, n_columns, n_unknowns)
        X.
    operator : ndarray of shape (n_unknowns, n_groups, n_columns)
        L; the effects come last.
    n_cells : int
        Number of effects.

    Returns
    -------
    ndarray of shape (n_instances, n_cells)
    """
    precisions = np.linalg.inv(shrunk.covariances)
    effects = operator[-n_cells:]
    scores = np.empty((len(means.group), n_cells))
    for group in range(len(means.sizes)):
        members = np.flatnonzero(means.group == group)
        residuals = means.residuals[members]
        left = -np.einsum("hip,pj->hij", design, operator[:, group], optimize=True)
        left[group] += np.eye(residuals.shape[1])
        share = (
            shrunk.share_of(group) * len(members) / (len(members) - 1.0)
        )  # residuals are from their own mean
        gained = np.einsum("ni,hij,nj->nh", residuals, precisions @ left, residuals, optimize=True)
        leverage = np.einsum("ni,hij,nj->nh", residuals, precisions, residuals, optimize=True)
        kappa = share * gained / (1.0 - share * leverage)
        kappa[:, group] += 1.0
        scores[members] = sum(kappa[:, [h]] * (residuals @ effects[:, h].T) for h in range(len(means.sizes)))
    return scores
