"""Run tables as CSV files: commas, UTF-8, a header, every cell as text until its column is known."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from bayes_scaling.errors import InputError
from bayes_scaling.runs.files.limits import Limits
from bayes_scaling.runs.files.text_file import text_lines
from bayes_scaling.runs.rows import RawTable, RowNames, listed

if TYPE_CHECKING:
    from _csv import Reader

_CHUNK_ROWS = 20_000
_LINE_END = re.compile(r"\r\n|\r|\n")
_PANDAS_TEXT = {pa.string(): pd.StringDtype(na_value=np.nan)}


def read_csv_file(path: Path, limits: Limits) -> RawTable:
    """Cells of a CSV file as text, with the line on which each row begins.

    Raises
    ------
    InputError
        With code ``"not_a_table"`` when there are no comma-separated columns, ``"ragged_row"`` when a row has
        too few or too many cells, and the codes of :func:`~bayes_scaling.runs.files.text_file.text_lines`.
    """
    with text_lines(path, limits) as lines:
        reader = csv.reader(lines, strict=True)
        try:
            header = _header(reader, limits.source)
            chunks = list(_chunks(reader, len(header), limits))
        except csv.Error as error:
            raise InputError(
                f"{limits.source}, line {reader.line_num}: not readable as CSV ({error})",
                "cells separated by commas, text with commas in double quotes",
                "Check the quotes near this line.",
                code="not_a_table",
            ) from error
    numbers = np.concatenate([np.empty(0, dtype=np.int64), *(chunk.lines for chunk in chunks)])
    return RawTable(_text_frame(chunks, header), RowNames(limits.source, "line", numbers), all_text=True)


def _header(reader: Reader, source: str) -> list[str]:
    header = next(filter(None, reader))  # the file is not blank: text_lines has looked
    if len(header) > 1:
        return header
    separator = next(
        (name for mark, name in ((";", "semicolons"), ("\t", "tabs")) if mark in header[0]), None
    )
    raise InputError(
        f"{source} has no commas in its first line"
        + (f", but {separator}" if separator else f" ({header[0].strip()[:60]!r})"),
        "a header of column names separated by commas",
        "Export the table as CSV with commas.",
        code="not_a_table",
    )


@dataclass(frozen=True)
class _Chunk:
    """A few thousand rows: their cells, column by column, and the line on which each row begins."""

    columns: list[pa.Array]
    lines: np.ndarray


def _chunks(reader: Reader, width: int, limits: Limits) -> Iterator[_Chunk]:
    n_rows, before = 0, reader.line_num
    while rows := list(itertools.islice(reader, _CHUNK_ROWS)):
        lines = _first_lines(rows, before, reader.line_num)
        _require_width(rows, lines, width, limits.source)
        if [] in rows:  # blank lines
            lines, rows = lines[[bool(row) for row in rows]], list(filter(None, rows))
        n_rows, before = n_rows + len(rows), reader.line_num
        limits.require_rows(n_rows)
        yield _Chunk([pa.array(cells, type=pa.string()) for cells in zip(*rows, strict=True)], lines)


def _first_lines(rows: list[list[str]], before: int, last: int) -> np.ndarray:
    """Line on which each row begins; counted only where a cell spans several lines."""
    if last - before == len(rows):
        return np.arange(before + 1, last + 1)
    spans = [1 + sum(len(_LINE_END.findall(cell)) for cell in row) for row in rows]
    return before + 1 + np.cumsum([0, *spans[:-1]])


def _require_width(rows: list[list[str]], lines: np.ndarray, width: int, source: str) -> None:
    if set(map(len, rows)) <= {0, width}:
        return
    ragged = [place for place, row in enumerate(rows) if len(row) not in (0, width)]
    raise InputError(
        f"{RowNames(source, 'line', lines).cite(np.isin(np.arange(len(rows)), ragged))}:"
        f" {listed([len(rows[place]) for place in ragged])} cells",
        f"{width} cells in every row, as in the header",
        "Put text with commas in double quotes; a short last row means that the file was cut off.",
        code="ragged_row",
    )


def _text_frame(chunks: list[_Chunk], header: list[str]) -> pd.DataFrame:
    schema = pa.schema([(name, pa.string()) for name in header])
    batches = [pa.record_batch(chunk.columns, schema=schema) for chunk in chunks if chunk.columns]
    return pa.Table.from_batches(batches, schema).to_pandas(types_mapper=_PANDAS_TEXT.get)


def write_csv_file(frame: pd.DataFrame, stream: IO[bytes]) -> None:
    """Write a frame as CSV: text in double quotes, numbers in the fewest digits that give them back."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pyarrow.csv.write_csv(table, stream)
