"""Run tables as Parquet files: types and values are kept exactly."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from bayes_scaling.errors import InputError
from bayes_scaling.runs.files.limits import Limits
from bayes_scaling.runs.rows import RawTable, RowNames

_MAGIC = b"PAR1"
_SAVED_INDEX = "__index_level_"


def read_parquet_file(path: Path, limits: Limits) -> RawTable:
    """Columns of a Parquet file; its rows are counted from 1. The size is judged before any column is read.

    Raises
    ------
    InputError
        With code ``"empty_file"``, ``"not_a_table"``, ``"damaged_file"`` or ``"too_large"``.
    """
    _require_parquet(path, limits.source)
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            limits.require_rows(file.metadata.num_rows)
            groups = range(file.metadata.num_row_groups)
            limits.require_bytes(sum(file.metadata.row_group(group).total_byte_size for group in groups))
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise _damaged(limits.source) from error
    frame = table.to_pandas(ignore_metadata=True)
    frame.columns = ["" if name.startswith(_SAVED_INDEX) else name for name in table.column_names]
    return RawTable(frame, RowNames(limits.source, "row", np.arange(1, len(frame) + 1)))


def _require_parquet(path: Path, source: str) -> None:
    with path.open("rb") as stream:
        beginning = stream.read(len(_MAGIC))
        stream.seek(max(0, path.stat().st_size - len(_MAGIC)))
        end = stream.read()
    if not beginning:
        raise InputError(
            f"{source} is empty",
            "a Parquet file with at least one row",
            "Check that the export finished.",
            code="empty_file",
        )
    if beginning != _MAGIC:
        raise InputError(
            f"{source} is not a Parquet file, by its first bytes",
            "Parquet, as its name says",
            "Give the file the suffix of its format (.csv, .csv.gz, .jsonl), or export it again.",
            code="not_a_table",
        )
    if end != _MAGIC:
        raise _damaged(source)


def _damaged(source: str) -> InputError:
    return InputError(
        f"{source} is a damaged Parquet file, probably cut off",
        "a whole Parquet file",
        "Fetch or write the file again.",
        code="damaged_file",
    )


def write_parquet_file(frame: pd.DataFrame, stream: IO[bytes]) -> None:
    """Write a frame as Parquet with Zstandard compression."""
    pyarrow.parquet.write_table(pa.Table.from_pandas(frame, preserve_index=False), stream, compression="zstd")
