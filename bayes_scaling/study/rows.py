"""Which rows a cell learns from and which it is scored on: the protocol of the Hitchhiker's guide.

Choshen et al. 2024, arXiv:2410.11840; see :mod:`bayes_scaling.baselines.hitchhiker` for what is strict in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.baselines import hitchhiker_test_rows, hitchhiker_train_rows
from bayes_scaling.evaluation.splits import LeakError, points_of
from bayes_scaling.names import FAMILY, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, N_UNIQUE_TOKENS, RUN
from bayes_scaling.runs import RunTable
from bayes_scaling.study.cell import ALL, FINAL, NEAREST, SMALLEST, Cell


@dataclass(frozen=True, eq=False)
class CellRows:
    """Rows of one family: to learn from, and to be scored on.

    Attributes
    ----------
    train, test : RunTable
        No checkpoint is in both.

    Raises
    ------
    LeakError
        When one is.
    """

    train: RunTable
    test: RunTable

    def __post_init__(self) -> None:
        both = _checkpoints(self.train) & _checkpoints(self.test)
        if both:
            raise LeakError(f"{len(both)} scored checkpoints are among the training rows: {sorted(both)[0]}")

    @property
    def points(self) -> pd.DataFrame:
        """The scored checkpoints without what was measured."""
        return points_of(self.test)


def cell_rows(family_runs: RunTable, cell: Cell) -> CellRows:
    """The rows of a cell; training rows may be none.

    Parameters
    ----------
    family_runs : RunTable
        All runs of the cell's family.
    cell : Cell
    """
    frame = family_runs.frame
    sizes = window_sizes(np.sort(frame[N_PARAMS].unique()), cell.n_sizes, cell.window)
    chosen = _some_seeds(frame[frame[N_PARAMS].isin(sizes)], cell)
    train = hitchhiker_train_rows(chosen, len(sizes), cell.train_share, min_tokens=cell.drop_tokens)
    test = hitchhiker_test_rows(frame, cell.test_from)
    train = pd.concat([train, _given_of_target(frame, cell)])
    if cell.checkpoints == FINAL:
        train = train.loc[train.groupby([FAMILY, RUN])[N_TOKENS].idxmax()]
    return CellRows(
        *(family_runs.subset(frame.index.isin(rows.index)) for rows in (train, test)),
    )


def window_sizes(sizes: np.ndarray, n_sizes: int, window: str | int) -> np.ndarray:
    """The sizes to learn from, shape (n_sizes,); empty when the family has not that many below its largest, or for 0.

    Parameters
    ----------
    sizes : ndarray of shape (n,)
        All sizes of the family in ascending order; the last is the target.
    n_sizes : int
    window : {"smallest", "nearest"} or int
        See :class:`~bayes_scaling.study.cell.Cell`.
    """
    below = sizes[:-1]
    if window == SMALLEST:
        first = 0
    else:
        places_below = 1 if window == NEAREST else int(window)
        first = len(below) - places_below + 1 - n_sizes
    chosen = below[first : first + n_sizes] if first >= 0 else below[:0]
    return chosen if len(chosen) == n_sizes else below[:0]


def _some_seeds(rows: pd.DataFrame, cell: Cell) -> pd.DataFrame:
    """Rows of so many runs of each configuration: equal sizes, planned lengths and unique tokens."""
    if cell.n_seeds == ALL:
        return rows
    alike = [name for name in (N_PARAMS, N_TOKENS_TOTAL, N_UNIQUE_TOKENS) if name in rows]
    runs = rows.drop_duplicates(RUN)
    shuffled = runs.iloc[np.random.default_rng([cell.seed, 11]).permutation(len(runs))]
    kept = shuffled[shuffled.groupby(alike, dropna=False).cumcount() < int(cell.n_seeds)]
    return rows[rows[RUN].isin(kept[RUN])]


def _given_of_target(frame: pd.DataFrame, cell: Cell) -> pd.DataFrame:
    target = frame[frame[N_PARAMS] == frame[N_PARAMS].max()]
    is_given = target[N_TOKENS] < cell.target_share * target[N_TOKENS].max()
    return target[is_given & (target[N_TOKENS] > cell.drop_tokens)]


def _checkpoints(runs: RunTable) -> set[tuple[str, str, float]]:
    frame = runs.frame
    return set(zip(frame[FAMILY], frame[RUN], frame[N_TOKENS], strict=True))
