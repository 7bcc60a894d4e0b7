"""How columns without a fixed meaning are carried along: one plain type each, so files can give them back."""

from __future__ import annotations

import contextlib
import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from bayes_scaling.errors import InputError
from bayes_scaling.runs.cells.labels import each, is_missing, to_text
from bayes_scaling.runs.rows import RowNames

_NESTED = (list, tuple, dict, set, frozenset, np.ndarray)


def to_carried(values: pd.Series, rows: RowNames) -> pd.Series:
    """Values of a further column as one of five types: boolean, 64-bit integer or float, text, timestamp.

    Integers with gaps become floats, anything else that is not a number becomes text, and a column with no
    value at all becomes NaN.

    Raises
    ------
    InputError
        With code ``"nested_value"`` for lists and other containers, ``"bad_text"`` for text that cannot be
        stored.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    kind = pd.api.types.infer_dtype(values, skipna=True)
    is_blank = values.isin([""]) if kind == "string" else False
    if (values.isna() | is_blank).all():
        return pd.Series(np.nan, index=values.index, name=values.name, dtype=float)
    if kind == "boolean" and not values.isna().any():
        return values.astype(bool)
    if kind == "integer" and not values.isna().any() and values.between(-(2**63), 2**63 - 1).all():
        return values.astype("int64")
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        with contextlib.suppress(OverflowError):  # an integer beyond the range of floats stays as text
            numbers = values.to_numpy(dtype=float, na_value=np.nan)
            return pd.Series(numbers, index=values.index, name=values.name)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    return _carried_text(values, rows)


def _carried_text(values: pd.Series, rows: RowNames) -> pd.Series:
    is_nested = np.array([isinstance(value, _NESTED) for value in values], dtype=bool)
    if is_nested.any():
        raise InputError(
            f"{rows.cite(is_nested)}: {values.name} holds nested values ({rows.examples(values, is_nested)})",
            "one number, text or truth value in each cell",
            "Spread nested values over several columns, or drop the column.",
            code="nested_value",
        )
    stored = to_text(each(_plain_text, values), rows)
    has_nul = stored.str.contains("\x00", regex=False, na=False).to_numpy(dtype=bool)
    if has_nul.any():
        raise InputError(
            f"{rows.cite(has_nul)}: {values.name} holds NUL characters",
            "text",
            "Remove the NUL characters, or drop the column.",
            code="bad_text",
        )
    return stored


def _plain_text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if is_missing(value):
        return None
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def infer_carried(text: pd.Series) -> pd.Series:
    """Values of an all-text column (CSV): truth values or numbers where every cell spells one, else text.

    Leading zeros mark a label: a column with ``01`` in it stays text. So does one with whole numbers too long
    for the type that the column would get, such as identifiers of twenty digits.
    """
    given = text.mask(text.eq(""))
    present = given.dropna()
    if present.empty or present.str.match(r"[+-]?0\d").any():
        return given
    has_gaps = len(present) < len(given)
    if present.isin(["True", "False", "true", "false"]).all():
        return given if has_gaps else given.isin(["True", "true"])
    if not present.str.match(r"[+-]?\d{16,}$").any():
        return _cast(given, pa.int64(), pa.float64())
    return given if has_gaps else _cast(given, pa.int64())


def _cast(text: pd.Series, *number_types: pa.DataType) -> pd.Series:
    """Text as the first of these types that every cell spells, else as it is."""
    for number_type in number_types:
        try:
            numbers = pa.array(text, type=pa.string(), from_pandas=True).cast(number_type)
        except pa.ArrowInvalid:
            continue
        return pd.Series(numbers.to_numpy(zero_copy_only=False), index=text.index, name=text.name)
    return text
