"""How the cells of a column become 64-bit floats: the same rules whatever file or frame they came from."""

from __future__ import annotations

import decimal
import re
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from bayes_scaling.errors import InputError
from bayes_scaling.names import LEARNING_RATE, LOSS_SE, POSITIVE_COLUMNS
from bayes_scaling.runs.rows import RowNames

NON_NEGATIVE_COLUMNS: Final = (LEARNING_RATE, LOSS_SE)
"""Columns whose values, where given, are finite and not below zero (a schedule may end at zero)."""

NUMBER_COLUMNS: Final = POSITIVE_COLUMNS + NON_NEGATIVE_COLUMNS
"""Columns with a fixed meaning that hold numbers."""

MISSING_NUMBERS: Final = ("", "NA", "N/A", "NULL", "null", "None")
"""Spellings of a missing value in a column of numbers; in a label column only an empty cell is missing."""

_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_WITH_SUFFIX = re.compile(r"\s*[\d.]+\s*[KMBT]\s*", re.ASCII | re.IGNORECASE)
_NOT_FINITE = re.compile(r"\s*[+-]?(?:nan|inf|infinity)\s*", re.IGNORECASE)


def to_numbers(values: pd.Series, rows: RowNames) -> pd.Series:
    """Values of a column as 64-bit floats, NaN where missing; text counts when it is a plain number.

    Raises
    ------
    InputError
        With code ``"boolean"`` or ``"wrong_type"`` when a value is no number.
    """
    if pd.api.types.is_bool_dtype(values.dtype):
        raise _boolean_error(values, np.ones(len(values), dtype=bool), rows)
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_complex_dtype(values.dtype):
        return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index, name=values.name)
    at_once = _text_at_once(values) if isinstance(values.dtype, pd.StringDtype) else _objects_at_once(values)
    return _one_by_one(values.astype(object), rows) if at_once is None else at_once


def _text_at_once(values: pd.Series) -> pd.Series | None:
    """Text as floats, or None when some value is not plainly a number."""
    given = values.mask(values.isin(list(MISSING_NUMBERS)))
    try:
        numbers = pa.array(given, type=pa.string(), from_pandas=True).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    return pd.Series(numbers.to_numpy(zero_copy_only=False), index=values.index, name=values.name)


def _objects_at_once(values: pd.Series) -> pd.Series | None:
    """Python numbers as floats, or None when there is anything else among them."""
    if pd.api.types.infer_dtype(values, skipna=True) not in ("integer", "floating", "mixed-integer-float"):
        return None
    try:
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
    except OverflowError:
        return None
    return pd.Series(numbers, index=values.index, name=values.name)


def _one_by_one(values: pd.Series, rows: RowNames) -> pd.Series:
    is_boolean = np.array([isinstance(value, bool | np.bool_) for value in values], dtype=bool)
    if is_boolean.any():
        raise _boolean_error(values, is_boolean, rows)
    parsed = [_number(value) for value in values]
    is_bad = np.array([number is None for number in parsed], dtype=bool)
    if is_bad.any():
        raise _no_number_error(values, is_bad, rows)
    return pd.Series(parsed, index=values.index, name=values.name, dtype=float)


def _number(value: object) -> float | None:
    """One cell as a float (NaN when missing), or None when it is no number."""
    if isinstance(value, str):
        if value.strip() in MISSING_NUMBERS:
            return np.nan
        return float(value) if _NUMBER.fullmatch(value) or _NOT_FINITE.fullmatch(value) else None
    if value is None or value is pd.NA or value is pd.NaT:
        return np.nan
    if not isinstance(value, int | float | np.number | decimal.Decimal) or isinstance(
        value, np.complexfloating
    ):
        return None
    try:
        return float(value)
    except OverflowError:  # an integer beyond the range of floats is reported as infinite
        return np.inf


def _no_number_error(values: pd.Series, mask: np.ndarray, rows: RowNames) -> InputError:
    advice = "Correct the rows, or remove them."
    if any(_WITH_SUFFIX.fullmatch(str(value)) for value in values[mask]):
        advice = (
            f'If the letters are units, say so: units={{"{values.name}": "suffix"}} (--units'
            f" {values.name}=suffix) reads K, M, B and T as thousand to trillion."
        )
    return InputError(
        f"{rows.cite(mask)}: {values.name} holds {rows.examples(values, mask)}",
        "plain numbers such as 1300000000 or 1.3e9",
        advice,
        code="wrong_type",
    )


def _boolean_error(values: pd.Series, mask: np.ndarray, rows: RowNames) -> InputError:
    return InputError(
        f"{rows.cite(mask)}: {values.name} holds true/false values",
        "plain numbers",
        "Map the column that holds the numbers, or correct the rows.",
        code="boolean",
    )
