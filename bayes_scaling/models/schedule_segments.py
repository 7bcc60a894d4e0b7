"""The path of a learning rate up to each checkpoint as plain columns, for laws that know the schedule.

A law of the schedule sums over every step at which the rate fell. The falls of a run are put in a fixed number of
segments of equal fall, and each row of the run gets, for each segment, how far the rate has fallen there so far
and the averages over these falls of the rate after them, and of what has been trained since. Sums over steps become
sums over segments, whose error is of second order in a segment's length.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.errors import InputError
from bayes_scaling.laws.schedule_columns import LR_AFTER, LR_AREA, LR_DROP, LR_ELAPSED, LR_SUM, N_SEGMENTS
from bayes_scaling.names import FAMILY, LEARNING_RATE, N_TOKENS, RUN

FloatArray = NDArray[np.float64]

SCHEDULE_COLUMNS: Final = (LR_SUM, *LR_DROP, *LR_AFTER, *LR_AREA, *LR_ELAPSED)
"""All columns that :func:`schedule_columns` adds."""

TOKENS_UNIT: Final = 1e9

N_SUBSTEPS: Final = 8
"""Parts into which the way between two rows is cut where the rate falls smoothly."""

SMOOTH_FALL: Final = 0.3
"""A fall between two rows by more than this share is one jump half way; a smaller one is a straight line."""

BEND: Final = 0.25
"""Weight of the variance in an average of square roots, squared."""

NEVER: Final = 1e-12
"""What stands for zero: columns stay positive, so that they have logarithms."""

LOWEST_RATE: Final = 1e-3
"""Of the peak; a rate below it counts as this, since laws divide by it."""


def schedule_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with the columns of :data:`SCHEDULE_COLUMNS`; a frame that has them all is handed back as it is.

    Parameters
    ----------
    frame : DataFrame
        All rows of each run, in any order, with ``family``, ``run``, ``n_tokens`` and ``learning_rate``. The
        rate is taken as a straight line between rows, and before a run's first row as a warm-up from zero. Its
        peak is the highest of its run. Rises of the rate count in ``lr_sum`` only.

    Raises
    ------
    InputError
        With code ``"missing_column"`` without a learning rate on every row.
    """
    if set(SCHEDULE_COLUMNS) <= set(frame.columns):
        return frame
    if LEARNING_RATE not in frame or not (frame[LEARNING_RATE].to_numpy(dtype=float) >= 0).all():
        raise InputError(
            f"the table has no {LEARNING_RATE!r} on every row",
            "the learning rate at each checkpoint, dense enough to draw its path",
            f"Add the column, or those that it would give: {LR_SUM}, {LR_DROP[0]} and so on.",
            code="missing_column",
        )
    values = np.empty((len(frame), len(SCHEDULE_COLUMNS)))
    labels = [frame[name] for name in (FAMILY, RUN) if name in frame]
    for rows in frame.groupby(labels).indices.values():
        part = frame.iloc[rows]
        tokens = part[N_TOKENS].to_numpy(dtype=float) / TOKENS_UNIT
        order = np.argsort(tokens, kind="stable")
        rate = part[LEARNING_RATE].to_numpy(dtype=float)
        values[rows[order]] = _path_columns(
            tokens[order], rate[order] / max(rate.max(), np.finfo(float).tiny)
        )
    added = pd.DataFrame(values, columns=list(SCHEDULE_COLUMNS), index=frame.index)
    return pd.concat([frame.drop(columns=added.columns, errors="ignore"), added], axis=1)


def _path_columns(tokens: FloatArray, rate: FloatArray) -> FloatArray:
    """Columns (n, 1 + 4 K) of one run with tokens (n,) in 1e9, rising, and rates (n,) over their peak."""
    at, level = _fine_path(tokens, rate)
    area = np.concatenate([[0.0], np.cumsum(np.diff(at) * (level[1:] + level[:-1]) / 2)])
    area += 0.5 * tokens[0] * rate[0]  # a warm-up from zero
    fall = np.maximum(level[:-1] - level[1:], 0.0)
    place = (at[:-1] + at[1:]) / 2
    jumps = level[1:] < (1 - SMOOTH_FALL) * level[:-1]
    after = np.maximum(np.where(jumps, level[1:], (level[:-1] + level[1:]) / 2), LOWEST_RATE)
    spent = (area[:-1] + area[1:]) / 2
    facts = np.stack([np.ones_like(fall), after, spent, spent**2, place, place**2])
    seen = np.searchsorted(at, tokens, side="right") - 1
    drop, *sums = _sums_by_segment(fall, facts)[:, seen]
    average = np.stack(sums) / np.where(drop > 0, drop, 1.0)
    blocks = [
        drop,
        np.where(drop > 0, average[0], 1.0),
        _since(area[seen], drop, average[1], average[2]),
        _since(tokens, drop, average[3], average[4]),
    ]
    positive = [np.maximum(block, NEVER) for block in (area[seen][:, None], *blocks)]
    return np.concatenate(positive, axis=1)


def _since(now: FloatArray, drop: FloatArray, mean: FloatArray, mean_square: FloatArray) -> FloatArray:
    """What has passed (n, K) since falls, on average, of a clock that shows `now` (n,), from its moments at them.

    Gains bend down in what has passed, so that its plain average would give too much; this is the average of
    roots, squared, to second order.
    """
    passed = now[:, None] - mean
    variance = np.maximum(mean_square - mean**2, 0.0)
    return np.where(drop > 0, passed - BEND * variance / np.maximum(passed, NEVER), 0.0)


def _fine_path(tokens: FloatArray, rate: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Tokens and rates of a path in short steps: a smooth fall as a straight line, a steep one as a jump half way."""
    even = np.arange(1, N_SUBSTEPS + 1) / N_SUBSTEPS
    jumps = (rate[1:] < (1 - SMOOTH_FALL) * rate[:-1])[:, None]
    done = np.where(jumps, even > 0.5, even)
    share = np.where(jumps & (even == 0.5 + 1 / N_SUBSTEPS), 0.5 + NEVER, even)
    at = tokens[:-1, None] + np.diff(tokens)[:, None] * share
    level = rate[:-1, None] + np.diff(rate)[:, None] * done
    return np.append(tokens[0], at), np.append(rate[0], level)


def _sums_by_segment(fall: FloatArray, facts: FloatArray) -> FloatArray:
    """Running sums (f, n_steps + 1, K) of facts (f, n_steps), weighted by the falls, over segments of equal fall."""
    total = fall.sum()
    done = np.cumsum(fall) - fall / 2
    segment = np.minimum((done / (total or 1.0) * N_SEGMENTS).astype(int), N_SEGMENTS - 1)
    sums = np.zeros((len(facts), len(fall) + 1, N_SEGMENTS))
    sums[:, np.arange(len(fall)) + 1, segment] = facts * fall
    return np.cumsum(sums, axis=1)
