"""The inputs of laws that a table need not spell out: what follows from its other columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.errors import InputError
from bayes_scaling.laws import Law
from bayes_scaling.models.schedule_segments import SCHEDULE_COLUMNS, schedule_columns
from bayes_scaling.names import (
    FLOPS,
    N_BATCH_TOKENS,
    N_BITS_ACTIVATIONS,
    N_BITS_KV,
    N_BITS_POST,
    N_BITS_WEIGHTS,
    N_PARAMS,
    N_STEPS,
    N_TOKENS,
    N_UNIQUE_TOKENS,
)
from bayes_scaling.runs.compute import training_flops

FloatArray = NDArray[np.float64]

FULL_PRECISION_BITS: Final = 16.0
"""Bits of a model whose table does not say: nothing was trained in low precision."""

NOT_QUANTIZED_BITS: Final = 64.0
"""Bits after training of a model that was not quantized: so many that no law can tell them from infinity."""


def with_inputs(law: Law, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows or points with every input of a law; columns that are there keep their values.

    The path of a learning rate is drawn from the rows of each run that are handed over: hand over all, or use
    :func:`~bayes_scaling.models.schedule_segments.schedule_columns` before a table is split.

    Raises
    ------
    InputError
        With code ``"missing_column"`` when an input is absent and does not follow from other columns.
    """
    if any(name in SCHEDULE_COLUMNS and name not in frame for name in law.inputs):
        frame = schedule_columns(frame)
    derived = {}
    for name in law.inputs:
        given = frame[name].to_numpy(dtype=float) if name in frame else np.full(len(frame), np.nan)
        if np.isnan(given).any():
            derived[name] = np.where(np.isnan(given), _derive(law, name, frame), given)
    return frame.assign(**derived) if derived else frame


def _derive(law: Law, name: str, frame: pd.DataFrame) -> FloatArray:
    needed, rule = _RULES.get(name, ((), None))
    if rule is None or any(column not in frame for column in needed):
        absent = name not in frame
        raise InputError(
            f"the table has {'no column' if absent else 'rows without a value of'} {name!r}",
            f"every input of law {law.name!r}: {', '.join(law.inputs)}",
            f"Add it{f', or {" and ".join(needed)}' if needed else ''}.",
            code="missing_column",
        )
    return np.broadcast_to(np.asarray(rule(frame), dtype=float), len(frame))


def _flops(frame: pd.DataFrame) -> pd.Series:
    """Training compute of a dense transformer, 6 N D (Kaplan et al. 2020, arXiv:2001.08361, sec. 2.1)."""
    return training_flops(frame[N_PARAMS], frame[N_TOKENS])


_Rule = tuple[tuple[str, ...], Callable[[pd.DataFrame], "pd.Series | float"]]

_RULES: Mapping[str, _Rule] = {
    FLOPS: ((N_PARAMS, N_TOKENS), _flops),
    N_UNIQUE_TOKENS: ((N_TOKENS,), lambda frame: frame[N_TOKENS]),
    N_STEPS: ((N_TOKENS, N_BATCH_TOKENS), lambda frame: frame[N_TOKENS] / frame[N_BATCH_TOKENS]),
    N_BITS_WEIGHTS: ((), lambda _: FULL_PRECISION_BITS),
    N_BITS_ACTIVATIONS: ((), lambda _: FULL_PRECISION_BITS),
    N_BITS_KV: ((), lambda _: FULL_PRECISION_BITS),
    N_BITS_POST: ((), lambda _: NOT_QUANTIZED_BITS),
}
"""By input: the columns that it follows from, and how."""
