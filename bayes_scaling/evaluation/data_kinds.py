"""What kind of data each scored row belongs to, read off a split's inputs and never off a loss."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.evaluation.splits import Split
from bayes_scaling.names import (
    FAMILY,
    LEARNING_RATE,
    N_PARAMS,
    N_TOKENS,
    N_TOKENS_TOTAL,
    N_UNIQUE_TOKENS,
    RUN,
)

DATA_COLUMNS = ("n_train_sizes", "data_kind", "is_schedule", "is_repeated")
"""Columns that :func:`data_columns` makes: see there."""

TRAJECTORIES = "trajectories"
FINAL_POINTS = "final points"

OTHER_LENGTH = 1.05
"""Two runs of one size follow different schedules when one is planned this many times as long as the other.

A planned length that nobody wrote down is the run's last token count, and repeated seeds may end a few steps
apart.
"""

_EPOCHS = "epochs"  # carried along by some data sets; it has no fixed meaning in a run table
_INPUTS = (FAMILY, RUN, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, N_UNIQUE_TOKENS, LEARNING_RATE, _EPOCHS)


def data_columns(split: Split) -> dict[str, np.ndarray]:
    """What describes the data of each scored row, by column name, each of shape (n_test,).

    ``n_train_sizes``
        Number of different sizes among the training runs of the row's family.
    ``data_kind``
        ``"trajectories"`` where some run of the family, given or scored, has several checkpoints in the
        split, else ``"final points"``.
    ``is_schedule``
        True where the learning rate varies within some run of the family, or runs of one size are planned
        for different lengths (by more than :data:`OTHER_LENGTH`).
    ``is_repeated``
        True where the row has seen some tokens more than once: fewer unique tokens than tokens, or a column
        ``epochs`` above one.
    """
    train, test = _inputs(split.train.frame), _inputs(split.test.frame)
    both = pd.concat([part for part in (train, test) if len(part)])
    has_curves = both.groupby([FAMILY, RUN]).size().groupby(FAMILY).max() > 1
    of_row = test[FAMILY].map
    return {
        "n_train_sizes": of_row(train.groupby(FAMILY)[N_PARAMS].nunique()).fillna(0).to_numpy(dtype=int),
        "data_kind": np.where(of_row(has_curves).to_numpy(dtype=bool), TRAJECTORIES, FINAL_POINTS),
        "is_schedule": of_row(_has_schedules(both)).to_numpy(dtype=bool),
        "is_repeated": _is_repeated(test),
    }


def _inputs(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.reindex(columns=list(_INPUTS))


def _has_schedules(rows: pd.DataFrame) -> pd.Series:
    """True for each family with schedules that its sizes and token counts do not tell."""
    rates = rows.groupby([FAMILY, RUN])[LEARNING_RATE]
    lengths = rows.groupby([FAMILY, N_PARAMS])[N_TOKENS_TOTAL]
    varies = (rates.max() > rates.min()).groupby(FAMILY).any()
    differs = (lengths.max() > OTHER_LENGTH * lengths.min()).groupby(FAMILY).any()
    return varies | differs


def _is_repeated(rows: pd.DataFrame) -> np.ndarray:
    epochs = pd.to_numeric(rows[_EPOCHS], errors="coerce")
    return ((rows[N_UNIQUE_TOKENS] < rows[N_TOKENS]) | (epochs > 1.0)).to_numpy(dtype=bool)
