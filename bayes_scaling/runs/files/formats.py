"""The file formats of run tables: what a suffix means, which paths can be read, writing all or nothing."""

from __future__ import annotations

import gzip
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.runs.files.csv_file import read_csv_file, write_csv_file
from bayes_scaling.runs.files.jsonl_file import read_jsonl_file, write_jsonl_file
from bayes_scaling.runs.files.limits import Limits
from bayes_scaling.runs.files.parquet_file import read_parquet_file, write_parquet_file
from bayes_scaling.runs.rows import RawTable


@dataclass(frozen=True)
class FileFormat:
    """How one kind of file is read and written."""

    suffixes: tuple[str, ...]
    read: Callable[[Path, Limits], RawTable]
    write: Callable[[pd.DataFrame, IO[bytes]], None]


CSV: Final = FileFormat((".csv", ".csv.gz"), read_csv_file, write_csv_file)
PARQUET: Final = FileFormat((".parquet",), read_parquet_file, write_parquet_file)
JSONL: Final = FileFormat((".jsonl",), read_jsonl_file, write_jsonl_file)
FORMATS: Final = (CSV, PARQUET, JSONL)


def read_file(path: Path, max_rows: int) -> RawTable:
    """Cells of a file in the format that its suffix names.

    Raises
    ------
    InputError
        With code ``"file_absent"``, ``"not_a_file"``, ``"not_permitted"``, ``"unknown_format"``,
        ``"too_large"``, or a code of the format's reader.
    """
    limits = Limits(path.name, max_rows)
    try:
        _require_file(path)
        file_format = format_of(path)
        limits.require_bytes(path.stat().st_size)
        return file_format.read(path, limits)
    except PermissionError as error:
        raise InputError(
            f"{path} may not be read by this user",
            "a file with read permission",
            "Change its permissions (chmod u+r), or copy it.",
            code="not_permitted",
        ) from error


def _require_file(path: Path) -> None:
    if not os.path.exists(path):  # never raises, whatever the path
        raise InputError(
            f"{path} does not exist",
            "an existing file",
            "Check the spelling and the folder that the path starts from.",
            code="file_absent",
        )
    if not path.is_file():
        raise InputError(
            f"{path} is {'a folder' if path.is_dir() else 'no regular file'}",
            "one file",
            "Name a file in it, or read several and join them with concat_runs.",
            code="not_a_file",
        )


def format_of(path: Path, formats: tuple[FileFormat, ...] = FORMATS) -> FileFormat:
    """The format that a path's suffix names, in upper or lower case.

    Raises
    ------
    InputError
        With code ``"unknown_format"`` when it names none of `formats`.
    """
    for file_format in formats:
        if path.name.lower().endswith(file_format.suffixes):
            return file_format
    suffixes = [suffix for file_format in formats for suffix in file_format.suffixes]
    raise InputError(
        f"{path} has a suffix that names no format ({''.join(path.suffixes[-2:]) or 'none'})",
        f"one of {', '.join(suffixes)}",
        "Rename the file, or export the table as CSV, Parquet or JSON lines.",
        code="unknown_format",
    )


def write_file(frame: pd.DataFrame, path: Path, file_format: FileFormat) -> None:
    """Write a frame in one format, all or nothing; a path that ends in ``.gz`` is compressed.

    Raises
    ------
    InputError
        With code ``"unknown_format"`` when the suffix belongs to another format, ``"folder_absent"`` when
        there is no folder to write into.
    """
    format_of(path, (file_format,))
    with _replacing(path) as stream:
        if path.suffix.lower() == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed:
                file_format.write(frame, packed)  # type: ignore[arg-type]  # a GzipFile is a binary stream
        else:
            file_format.write(frame, stream)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A new file that takes the place of `path` when everything was written, and is removed when not."""
    if not path.parent.is_dir():
        raise InputError(
            f"the folder {path.parent} does not exist",
            "an existing folder to write into",
            "Make the folder first.",
            code="folder_absent",
        )
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with unfinished.open("xb") as stream:
            yield stream
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
