"""The columns of a study's result table, in order, with their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

import pandas as pd
from pandas.api.types import pandas_dtype

from bayes_scaling.study.cell import Cell

DONE, UNDETERMINED, FAILED = "done", "undetermined", "failed"
STATUSES = (DONE, UNDETERMINED, FAILED)
"""Fitted and scored; the data do not allow a fit; broken, and tried again by the next run."""

_KINDS = {"int": "int64", "float": "float64"}

CELL_COLUMNS: Mapping[str, str] = MappingProxyType(
    {field.name: _KINDS.get(str(field.type), "str") for field in fields(Cell)}
)
"""What names a cell: see :class:`~bayes_scaling.study.cell.Cell`."""

RESULT_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "key": "str",
        **CELL_COLUMNS,
        "status": "str",
        "reason": "str",
        "untrusted": "str",
        "warnings": "str",
        "target_runs": "Int64",
        "target_n_params": "float64",
        "n_train_runs": "Int64",
        "n_train_sizes": "Int64",
        "n_train_rows": "Int64",
        "n_test_rows": "Int64",
        "train_flops": "float64",
        "size_ratio": "float64",
        "compute_ratio": "float64",
        "are": "float64",
        "crps": "float64",
        "bias": "float64",
        "covered_50": "float64",
        "covered_80": "float64",
        "covered_90": "float64",
        "covered_95": "float64",
        "width_90": "float64",
        "pit_mean": "float64",
        "r_hat_max": "float64",
        "ess_min": "float64",
        "n_divergent": "float64",
        "fit_seconds": "float64",
        "seconds": "float64",
        "worker": "str",
        "peak_memory_mb": "float64",
        "finished": "str",
    }
)
"""Every column and its type. ``untrusted`` lists the codes of diagnostics that say not to trust the cell, ``warnings``
those that ask for a look; ``train_flops`` is 6 N D summed over what was trained to learn from; ``are`` is a fraction
of the loss; ``crps``, ``bias`` and ``width_90`` are on log loss; ``covered_*`` are shares of the scored
rows, missing for methods without intervals; ``finished`` is UTC."""


def as_table(rows: Iterable[Mapping[Any, Any]]) -> pd.DataFrame:
    """Rows as a frame with every column, in order and of its type; possibly without a row."""
    return typed(pd.DataFrame(list(rows), columns=list(RESULT_COLUMNS)))


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of a result table in order, each of its type."""
    # column by column: a frame's own ways through all of them take longer than the writing of a result
    columns = {
        name: _typed_column(
            frame[name] if name in frame else pd.Series(index=frame.index, dtype=object), kind
        )
        for name, kind in RESULT_COLUMNS.items()
    }
    return pd.DataFrame(columns, index=frame.index)


def _typed_column(values: pd.Series, kind: str) -> pd.Series:
    if kind == "str":
        return values.fillna("").astype("str")
    return pd.to_numeric(values).astype(pandas_dtype(kind))
