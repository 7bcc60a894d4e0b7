"""The estimator that uses every checkpoint before training, not only the last one, each as it deserves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation.cells import Cells, cells_of
from bayes_scaling.memorisation.cross_fitting import CrossFitted, cross_fitted_scores
from bayes_scaling.memorisation.effects import Effects
from bayes_scaling.memorisation.group_means import GroupMeans, group_means
from bayes_scaling.memorisation.panel import MemorisationPanel
from bayes_scaling.memorisation.shrinkage import shrunk_covariances

MAX_CELLS = 3000
"""More effects than this and their covariance matrix would take minutes and gigabytes."""


@dataclass(frozen=True, eq=False)
class EfficientEffects:
    """Effects by generalised least squares with their joint covariance.

    Attributes
    ----------
    effects : Effects
        Standard errors from the instances' scatter in each group, each instance weighed as the others say.
    covariance : ndarray of shape (n_cells, n_cells)
        Of the errors, as expected before it is known which cohorts have large effects: what a model needs that
        shrinks effects towards each other (:func:`_expected_covariance`). Positive definite.
    """

    effects: Effects
    covariance: np.ndarray


def efficient_effects(panel: MemorisationPanel, models: Sequence[str] | None = None) -> EfficientEffects:
    r"""Effects by generalised least squares on the group means.

    .. math:: \bar Y_c(g) = \alpha_g + \gamma_c + \tau_{g,c} 1[c \ge g] + \text{error}

    with free group and time effects for each model, and errors correlated between checkpoints (and models) as the
    instances show. The difference in differences is the same model fitted to two checkpoints at a time. It is
    the better choice only if outcomes are a random walk; with less autocorrelation the mean of several early
    checkpoints is a better baseline than the last, at the price that trends must be parallel over all of them.

    Parameters
    ----------
    panel : MemorisationPanel
    models : sequence of str, optional
        By default all. Several must have the same instances, checkpoints and treatment steps.

    Raises
    ------
    InputError
        With a code of :func:`group_means` or :func:`shrunk_covariances`; ``"no_baseline"``, or ``"too_many_cells"``
        for more than 3000 effects.
    """
    means = group_means(panel, models)
    cells = cells_of(means, with_baseline=True)
    cells = cells.take(cells.is_post)
    _require_few(cells)
    design = _design(means, cells)
    shrunk = shrunk_covariances(means)
    precisions = np.linalg.inv(shrunk.covariances) * means.sizes[:, None, None]
    weighted = np.einsum("gij,gjp->gip", precisions, design, optimize=True)
    information = np.tensordot(design, weighted, axes=([0, 1], [0, 1]))
    # unit diagonal first: group and time effects may be known far better than effects
    scale = 1.0 / np.sqrt(np.diag(information))
    covariance = np.linalg.inv(information * np.outer(scale, scale)) * np.outer(scale, scale)
    operator = np.einsum("kp,gip->kgi", covariance, weighted, optimize=True)
    scores = cross_fitted_scores(means, shrunk, design, operator, len(cells))
    estimator = CrossFitted(operator[-len(cells) :], scores)
    effects = Effects.of("generalised least squares", means, cells, estimator)
    return EfficientEffects(effects, _expected_covariance(effects, estimator.operator, shrunk.covariances))


def _expected_covariance(effects: Effects, operator: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """Covariance of the errors in which cohorts are alike: that of their mean covariance of an instance.

    Its diagonal is the squared standard error, averaged over cohorts that are as many checkpoints after training.

    Where instances differ in how much they memorise, the variance of an estimate grows with the effect, and with the
    estimate's own error. Told these variances, a model gives large effects less weight than small ones, and
    everything comes out too small. The best linear predictor has the expected variance in their place
    (Searle, Casella & McCulloch 1992, Variance Components, chapter 7).
    """
    cells, means = effects.cells, effects.means
    alike = np.average(covariances[:-1], axis=0, weights=means.sizes[:-1] - 1.0)
    root = np.linalg.cholesky(np.append(np.repeat(alike[None], len(covariances) - 1, 0), covariances[-1:], 0))
    spread = np.einsum("kgi,gij->kgj", operator, root / np.sqrt(means.sizes)[:, None, None], optimize=True)
    joint = np.tensordot(spread, spread, axes=([1, 2], [1, 2]))
    own = np.searchsorted(means.checkpoints, means.cohorts)[cells.cohort]
    n_instances = means.sizes[cells.cohort]
    of_instance = pd.Series(effects.se**2 * n_instances)
    expected = of_instance.groupby([cells.model, cells.checkpoint - own]).transform("mean").to_numpy()
    stretch = np.sqrt(expected / n_instances / np.diag(joint))
    return joint * np.outer(stretch, stretch)


def _require_few(cells: Cells) -> None:
    if len(cells) > MAX_CELLS:
        raise InputError(
            f"{len(cells)} effects (cohorts by checkpoints by models)",
            f"at most {MAX_CELLS}",
            "Merge checkpoints and cohorts with panel.coarsen(every).",
            code="too_many_cells",
        )


def _design(means: GroupMeans, cells: Cells) -> np.ndarray:
    """Design of shape (n_groups, n_columns, n_unknowns): group effects, time effects less the first, effects."""
    n_groups, n_columns = means.means.shape
    n_models, n_times = len(means.models), len(means.checkpoints)
    model = np.repeat(np.arange(n_models), n_times)
    later = np.flatnonzero(np.tile(np.arange(n_times), n_models) > 0)
    n_before = n_groups * n_models + len(later)
    design = np.zeros((n_groups, n_columns, n_before + len(cells)))
    for group in range(n_groups):
        design[group, np.arange(n_columns), group * n_models + model] = 1.0
        design[group, later, n_groups * n_models + np.arange(len(later))] = 1.0
    design[cells.cohort, cells.column, n_before + np.arange(len(cells))] = 1.0
    unused = _untouched(means, cells)
    if unused.any():  # cohorts without baseline have free means at each later checkpoint, and say nothing
        design[unused] = 0.0
        kept = np.abs(design).sum(axis=(0, 1)) > 0
        design = design[:, :, kept]
    return design


def _untouched(means: GroupMeans, cells: Cells) -> np.ndarray:
    used = np.append(np.isin(np.arange(len(means.cohorts)), cells.cohort), True)
    return ~used
