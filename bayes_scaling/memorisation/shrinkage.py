"""Covariance of the instances of each group, drawn towards what all groups share as far as the data say.

The group's own sample covariance is noisy, and singular with fewer instances than checkpoints; the pooled one is wrong
where effects differ between instances. Between them stands an empirical Bayes estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation.group_means import GroupMeans

_LOG_EXCESS = (-3.0, 12.0)
"""Range of log(degrees of freedom - dimension - 1): from next to no pooling to all but complete pooling."""

INSTANCES_PER_COLUMN = 3
"""Instances needed for each column: with fewer the inverse of the pooled covariance, biased upwards by
n / (n - columns - 1), would make standard errors a fifth too small and more."""


@dataclass(frozen=True, eq=False)
class ShrunkCovariances:
    """Covariances, and how much of one instance's residuals r r' is in each.

    Attributes
    ----------
    covariances : ndarray of shape (n_groups, n_columns, n_columns)
        Of an instance of each group, positive definite.
    own : ndarray of shape (n_groups,)
        What the scatter of the group itself is multiplied by.
    pooled : ndarray of shape (n_groups,)
        What the scatter of all groups, itself included, is multiplied by, in addition.
    """

    covariances: np.ndarray
    own: np.ndarray
    pooled: np.ndarray

    def share_of(self, group: int) -> np.ndarray:
        """How much of an instance of that group is in the covariance of each, shape (n_groups,)."""
        return self.pooled + np.where(np.arange(len(self.own)) == group, self.own, 0.0)


def shrunk_covariances(means: GroupMeans) -> ShrunkCovariances:
    r"""Covariance of an instance in each group.

    With :math:`A_g` the scatter matrix of group g with :math:`m_g` degrees of freedom and :math:`\bar S` the
    pooled covariance, the model is :math:`A_g \sim` Wishart(:math:`\Sigma_g, m_g`), :math:`\Sigma_g \sim` inverse
    Wishart with mean :math:`\bar S` and :math:`\nu` degrees of freedom, and the result the posterior mean

    .. math:: \frac{(\nu - D - 1) \bar S + A_g}{\nu - D - 1 + m_g}

    with the :math:`\nu` that makes the scatter matrices most probable.

    Raises
    ------
    InputError
        With code ``"too_few_instances"`` when the pooled covariance cannot be told well, ``"no_noise"`` when it is
        singular.
    """
    freedom = means.sizes - 1.0
    n_columns, n_instances = means.means.shape[1], len(means.group)
    if n_instances < INSTANCES_PER_COLUMN * n_columns + len(means.means):
        raise InputError(
            f"{n_instances} instances for {n_columns} checkpoints (over all models)",
            f"at least {INSTANCES_PER_COLUMN} for each checkpoint and model, and one for each cohort",
            "Use fewer checkpoints, panel.coarsen(every), or fewer models.",
            code="too_few_instances",
        )
    scatter = means.covariances * freedom[:, None, None]
    pooled = scatter.sum(axis=0) / freedom.sum()
    # The scale of the problem is removed; the estimate is the same in any linear coordinates.
    whiten = np.linalg.inv(_root(pooled))
    eigenvalues = np.clip(np.linalg.eigvalsh(whiten @ scatter @ whiten.T), 0.0, None)
    excess = _best_excess(eigenvalues, freedom)
    own = 1.0 / (excess + freedom)
    return ShrunkCovariances(
        (excess * pooled + scatter) * own[:, None, None], own, own * excess / freedom.sum()
    )


def _root(pooled: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.cholesky(pooled)
    except np.linalg.LinAlgError as error:
        raise InputError(
            "the outcomes of two checkpoints or models differ by the same amount for every instance of a group",
            "outcomes that vary between instances by themselves at each checkpoint",
            "Remove repeated checkpoints or models.",
            code="no_noise",
        ) from error


def _best_excess(eigenvalues: np.ndarray, freedom: np.ndarray) -> float:
    """Degrees of freedom above D + 1 with the largest marginal likelihood of whitened scatter matrices."""
    n_columns = eigenvalues.shape[1]

    def minus_log_likelihood(log_excess: float) -> float:
        excess = np.exp(log_excess)
        nu = excess + n_columns + 1.0
        log_det = np.log(excess + eigenvalues).sum(axis=1)
        terms = (
            0.5 * nu * n_columns * log_excess
            - 0.5 * (nu + freedom) * log_det
            + special.multigammaln(0.5 * (nu + freedom), n_columns)
            - special.multigammaln(0.5 * nu, n_columns)
        )
        return -float(terms.sum())

    found = optimize.minimize_scalar(minus_log_likelihood, bounds=_LOG_EXCESS, method="bounded")
    return float(np.exp(found.x))
