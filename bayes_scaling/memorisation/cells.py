"""Cells: the effect on one cohort at one checkpoint of one model, and the means that it compares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation.group_means import GroupMeans

NO_BASELINE = -1


@dataclass(frozen=True, eq=False)
class Cells:
    """Which means each effect compares; arrays of shape (n_cells,).

    The effect is (mean of the cohort - mean of those never trained on) in `column`, less the same difference in
    `baseline` unless that is :data:`NO_BASELINE`.

    Attributes
    ----------
    cohort, checkpoint, model : ndarray of int
        Positions in the group means' cohorts, checkpoints and models.
    column, baseline : ndarray of int
        Columns of the group means.
    is_post : ndarray of bool
        True from the cohort's own checkpoint on; before, the effect is a placebo.
    """

    cohort: np.ndarray
    checkpoint: np.ndarray
    model: np.ndarray
    column: np.ndarray
    baseline: np.ndarray
    is_post: np.ndarray

    def __len__(self) -> int:
        return len(self.cohort)

    def take(self, chosen: np.ndarray) -> Cells:
        """Some of the cells, by mask or position."""
        return Cells(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def cells_of(means: GroupMeans, *, with_baseline: bool) -> Cells:
    """Every cell of the group means that can be estimated, by model, cohort and checkpoint.

    Parameters
    ----------
    means : GroupMeans
    with_baseline : bool
        Compare with the last checkpoint before the cohort's own. A cohort trained on up to the first checkpoint
        has none and is left out; the baseline itself, zero by construction, is no cell.

    Raises
    ------
    InputError
        With code ``"no_baseline"`` when no cohort has a baseline to compare with.
    """
    n_models, n_cohorts, n_checkpoints = len(means.models), len(means.cohorts), len(means.checkpoints)
    axes = np.meshgrid(np.arange(n_models), np.arange(n_cohorts), np.arange(n_checkpoints), indexing="ij")
    model, cohort, checkpoint = (axis.ravel() for axis in axes)
    own = np.searchsorted(means.checkpoints, means.cohorts)[cohort]
    offset = model * n_checkpoints
    baseline = offset + own - 1 if with_baseline else np.full(len(model), NO_BASELINE)
    cells = Cells(cohort, checkpoint, model, offset + checkpoint, baseline, checkpoint >= own)
    if not with_baseline:
        return cells
    based = cells.take((own > 0) & (checkpoint != own - 1))
    if not len(based):
        raise InputError(
            "every instance that was trained on was so up to the first checkpoint",
            "cohorts with a checkpoint before their training step",
            "Evaluate an earlier checkpoint (step 0), or use difference_in_means.",
            code="no_baseline",
        )
    return based
