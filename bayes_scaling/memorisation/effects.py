"""Estimated effects of having been trained on an instance, one for each cohort, checkpoint and model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.memorisation.cells import Cells
from bayes_scaling.memorisation.columns import (
    CHECKPOINT,
    COHORT,
    ESTIMATE,
    EVENT_TIME,
    LOWER,
    MODEL,
    N_INSTANCES,
    SE,
    UPPER,
)
from bayes_scaling.memorisation.group_means import GroupMeans
from bayes_scaling.memorisation.linear import Errors, LinearEstimator

DEFAULT_LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class Effects:
    """Estimates of memorisation tau_(g,c) with standard errors clustered by instance.

    Attributes
    ----------
    method : str
        What the estimator is called.
    means : GroupMeans
        The data.
    cells : Cells
        What each effect is of.
    estimator : LinearEstimator
        How the effects follow from the means.
    estimate : ndarray of shape (n_cells,)
        In the unit of the outcome.
    errors : Errors
        Of the estimates.
    """

    method: str
    means: GroupMeans
    cells: Cells
    estimator: LinearEstimator
    estimate: np.ndarray
    errors: Errors

    @classmethod
    def of(cls, method: str, means: GroupMeans, cells: Cells, estimator: LinearEstimator) -> Effects:
        """Effects that an estimator makes of the means."""
        return cls(method, means, cells, estimator, estimator.apply(means.means), estimator.errors(means))

    @property
    def se(self) -> np.ndarray:
        """Standard errors, clustered by instance, shape (n_cells,)."""
        return self.errors.se

    @property
    def keys(self) -> pd.DataFrame:
        """What each effect is of, in the columns of :func:`cell_keys`."""
        return cell_keys(self.cells, self.means)

    def table(self, level: float = DEFAULT_LEVEL) -> pd.DataFrame:
        """One row per cell: its keys, ``estimate``, ``se``, and the pointwise interval ``lower``, ``upper``.

        Parameters
        ----------
        level : float, default 0.9
            Of the interval, estimate -+ t se, with t of the cell's own degrees of freedom.

        Raises
        ------
        InputError
            With code ``"bad_argument"`` when the level is not between 0 and 1.
        """
        reach = self.errors.reach(level)
        return self.keys.assign(
            **{
                ESTIMATE: self.estimate,
                SE: self.se,
                LOWER: self.estimate - reach,
                UPPER: self.estimate + reach,
            }
        )


def cell_keys(cells: Cells, means: GroupMeans) -> pd.DataFrame:
    """What each cell is: its model, cohort, checkpoint and event time (steps), and the instances of its cohort."""
    cohort, checkpoint = means.cohorts[cells.cohort], means.checkpoints[cells.checkpoint]
    return pd.DataFrame(
        {
            MODEL: np.array(means.models, dtype=object)[cells.model],
            COHORT: cohort,
            CHECKPOINT: checkpoint,
            EVENT_TIME: checkpoint - cohort,
            "is_post": cells.is_post,
            N_INSTANCES: means.sizes[cells.cohort],
        }
    )
