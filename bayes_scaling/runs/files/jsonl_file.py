"""Run tables as JSON lines: one object per row, every row with the same keys when written."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.runs.files.limits import Limits
from bayes_scaling.runs.files.text_file import text_lines
from bayes_scaling.runs.rows import RawTable, RowNames

_CHUNK_ROWS = 20_000


def read_jsonl_file(path: Path, limits: Limits) -> RawTable:
    """Cells of a JSON-lines file with the line of each row; a key that a row has not is a missing value.

    Raises
    ------
    InputError
        With code ``"not_a_table"`` when a line is no JSON object, and the codes of
        :func:`~bayes_scaling.runs.files.text_file.text_lines`.
    """
    frames, numbers = [], []
    with text_lines(path, limits) as lines:
        numbered = ((number, line) for number, line in enumerate(lines, start=1) if not line.isspace())
        while chunk := list(itertools.islice(numbered, _CHUNK_ROWS)):
            numbers += [number for number, _ in chunk]
            limits.require_rows(len(numbers))
            frames.append(_frame([_record(line, number, limits.source) for number, line in chunk]))
    rows = RowNames(limits.source, "line", np.array(numbers, dtype=np.int64))
    return RawTable(pd.concat(frames, ignore_index=True), rows)


def _record(line: str, number: int, source: str) -> dict:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise _line_error(source, number, f"not readable as JSON ({getattr(error, 'msg', error)})") from error
    except RecursionError as error:
        raise _line_error(source, number, "nested too deeply") from error
    if not isinstance(record, dict):
        raise _line_error(source, number, f"holds a {type(record).__name__}, not an object")
    return record


def _line_error(source: str, number: int, problem: str) -> InputError:
    return InputError(
        f"{source}, line {number}: {problem}",
        'one JSON object on each line, such as {"family": "mine", "run": "r1", ...}',
        "Write one object per line; a broken last line means that the file was cut off.",
        code="not_a_table",
    )


def _frame(records: list[dict]) -> pd.DataFrame:
    names = dict.fromkeys(itertools.chain.from_iterable(records))
    columns = {name: _column([record.get(name) for record in records]) for name in names}
    return pd.DataFrame(columns, index=range(len(records)))


def _column(cells: list) -> pd.Series:
    """Cells as they are, packed only where all are floats: labels with gaps such as [1, None] stay whole."""
    values = pd.Series(cells, dtype=object)
    return values.astype(float) if pd.api.types.infer_dtype(values, skipna=False) == "floating" else values


def write_jsonl_file(frame: pd.DataFrame, stream: IO[bytes]) -> None:
    """Write a frame as JSON lines: missing values as null, timestamps in ISO form, floats exactly."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": ")).encode
    names = list(frame.columns)
    for row in zip(*(_json_values(frame[name]) for name in names), strict=True):
        stream.write(encode(dict(zip(names, row, strict=True))).encode() + b"\n")


def _json_values(values: pd.Series) -> Iterator[object]:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.map(pd.Timestamp.isoformat, na_action="ignore")
    return iter(values.astype(object).where(values.notna(), None))
