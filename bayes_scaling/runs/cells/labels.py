"""How the cells of a column become labels: text kept as written, so ``01``, ``1e5`` and ``NA`` survive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from bayes_scaling.errors import InputError
from bayes_scaling.runs.rows import RowNames

_CONTROL_CHARACTERS = r"[\x00-\x1f\x7f]"
_LABEL_TYPES = (str, bool, np.bool_, int, np.integer, float, np.floating)
_PANDAS_TEXT: Final = {pa.string(): pd.StringDtype(na_value=np.nan)}


def to_labels(values: pd.Series, rows: RowNames) -> pd.Series:
    """Values of a column as text labels, missing where empty; whole numbers lose a trailing ``.0``.

    Raises
    ------
    InputError
        With code ``"wrong_type"`` for values that are no label, ``"bad_text"`` for control characters or text
        that is not Unicode.
    """
    labels = values if isinstance(values.dtype, pd.StringDtype) else _labels_one_by_one(values, rows)
    text = to_text(labels, rows)
    labels_used = pd.Series(text.unique(), dtype=text.dtype)  # few labels, many rows
    if labels_used.str.contains(_CONTROL_CHARACTERS, regex=True, na=False).any():
        is_bad = text.str.contains(_CONTROL_CHARACTERS, regex=True, na=False).to_numpy(dtype=bool)
        raise InputError(
            f"{rows.cite(is_bad)}: {values.name} holds control characters ({rows.examples(text, is_bad)})",
            "labels on one line of printable text",
            "Remove line breaks, tabs and control characters from the labels.",
            code="bad_text",
        )
    return text


def _labels_one_by_one(values: pd.Series, rows: RowNames) -> pd.Series:
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        codes, uniques = pd.factorize(values)  # few labels, many rows: name each label once
        names = np.array([_label(value) for value in uniques] + [None], dtype=object)
        return pd.Series(names[codes], index=values.index, name=values.name)
    given = values.astype(object)
    if pd.api.types.infer_dtype(given, skipna=True) == "string":
        return given
    is_bad = np.array(
        [not (isinstance(value, _LABEL_TYPES) or is_missing(value)) for value in given], dtype=bool
    )
    if is_bad.any():
        raise InputError(
            f"{rows.cite(is_bad)}: {values.name} holds {rows.examples(given, is_bad)}",
            "text or whole numbers as labels",
            "Write the labels as text.",
            code="wrong_type",
        )
    return each(_label, given)


def each(convert: Callable[[object], str | None], values: pd.Series) -> pd.Series:
    """Text or None for each value; unlike ``Series.map`` it leaves judging the text to :func:`to_text`."""
    return pd.Series([convert(value) for value in values], index=values.index, name=values.name, dtype=object)


def _label(value: object) -> str | None:
    """One cell as a label, None when it is missing."""
    if is_missing(value):
        return None
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value)


def is_missing(value: object) -> bool:
    """True for None, NaN, NaT and pandas' NA; False for anything else, containers included."""
    return (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, float | np.floating) and value != value)
    )


def to_text(values: pd.Series, rows: RowNames) -> pd.Series:
    """Object strings as pandas text; the empty string is a missing value."""
    try:
        text = values.astype("str") if isinstance(values.dtype, pd.StringDtype) else _text_of_objects(values)
    except UnicodeEncodeError as error:
        broken = np.array([isinstance(value, str) and not _encodes(value) for value in values], dtype=bool)
        raise InputError(
            f"{rows.cite(broken)}: {values.name} holds {rows.examples(values, broken)}, which is not Unicode",
            "text that can be written as UTF-8",
            "Correct the text, for instance by reading the original with its true encoding.",
            code="bad_text",
        ) from error
    return text.mask(text.eq(""))


def _text_of_objects(values: pd.Series) -> pd.Series:
    text = pa.array(values.to_list(), type=pa.string(), from_pandas=True).to_pandas(
        types_mapper=_PANDAS_TEXT.get
    )
    return pd.Series(text.array, index=values.index, name=values.name)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
