"""Where a study's results are kept: a partitioned Parquet store that is whole at any moment.

``cells/method=.../pooling=.../*.parquet`` holds one row for each cell; ``priors/*.json`` the population priors that
the study has taught. A file is written under a name that readers pass over, forced to the disk and renamed, so
an interruption leaves it whole or absent.
"""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bayes_scaling.errors import InputError
from bayes_scaling.priors import PopulationFile
from bayes_scaling.priors.population import read_population
from bayes_scaling.study.columns import FAILED, as_table, typed

PARTITIONS = ("method", "pooling")
"""Columns by which the store is partitioned: their values are in the names of folders, not in the files."""

_CELLS, _PRIORS = "cells", "priors"
_UNFINISHED = ".unfinished-"
_UNREADABLE = "_unreadable-"  # readers of Parquet folders pass over names that start with an underscore


class Store:
    """The results in a folder.

    Parameters
    ----------
    folder : Path
        Made when the first result is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, rows: Iterable[Mapping[Any, Any]]) -> None:
        """Write rows of results; on return they are on the disk.

        Raises
        ------
        OSError
            When the disk is full or the folder cannot be written to; then these rows are not there, and
            everything before is.
        """
        for values, part in as_table(rows).groupby(list(PARTITIONS), sort=True):
            self._write_part(dict(zip(PARTITIONS, map(str, values), strict=True)), part)

    def read(self) -> pd.DataFrame:
        """The latest row of each cell, in the order in which they were finished.

        A file that cannot be read, as a crash of the whole machine may leave one, is set aside under another
        name: its cells count as missing. When files go while they are read, since another run on the folder puts
        them together, reading starts over.
        """
        parts, paths = _read_parts(self._files())
        while not set(paths) <= set(self._files()):
            parts, paths = _read_parts(self._files())
        return _latest(parts)

    def finished_keys(self) -> set[str]:
        """Keys of the cells that need not run again: all but those that failed."""
        table = self.read()
        return set(table.loc[table["status"] != FAILED, "key"])

    def compact(self) -> None:
        """Put the rows of each partition into one file, without a moment in which one of them is in none."""
        for folder in {path.parent for path in self._files()}:
            parts, paths = _read_parts(sorted(folder.glob("*.parquet")))
            if len(parts) > 1:
                self.add(_latest(parts).to_dict("records"))
                for path in paths:
                    path.unlink(missing_ok=True)

    def clear_unfinished(self) -> None:
        """Remove what an interruption left half-written."""
        if self.folder.is_dir():
            for path in self.folder.rglob(f"{_UNFINISHED}*"):
                path.unlink(missing_ok=True)

    def write_text(self, name: str, text: str) -> Path:
        """A text file in the folder, whole or not at all."""
        return _write_whole(self.folder / name, text.encode("utf-8"))

    def write_prior(self, key: str, prior: PopulationFile) -> None:
        """Keep a population prior."""
        _write_whole(self._prior_path(key), prior.to_json().encode("utf-8"))

    def read_prior(self, key: str) -> PopulationFile | None:
        """A population prior that an earlier run has kept; None when there is none that can be read."""
        try:
            return read_population(self._prior_path(key))
        except InputError:
            return None

    def _prior_path(self, key: str) -> Path:
        return self.folder / _PRIORS / f"{key}.json"

    def _files(self) -> list[Path]:
        pattern = "/".join([*(f"{name}=*" for name in PARTITIONS), "[!._]*.parquet"])
        return sorted((self.folder / _CELLS).glob(pattern))

    def _write_part(self, values: Mapping[str, str], rows: pd.DataFrame) -> None:
        folder = self.folder / _CELLS
        for name in PARTITIONS:
            folder = folder / f"{name}={quote(values[name], safe='')}"
        buffer = io.BytesIO()
        rows.drop(columns=list(PARTITIONS)).to_parquet(buffer, index=False)
        _write_whole(folder / f"{uuid.uuid4().hex}.parquet", buffer.getvalue())


def _latest(parts: list[pa.Table]) -> pd.DataFrame:
    """The latest row of each cell, in the order in which they were finished."""
    if not parts:
        return as_table([])
    # files of an earlier version may lack columns; one frame is made of all, since each takes its time
    together = pa.concat_tables(parts, promote_options="permissive").to_pandas(ignore_metadata=True)
    ordered = typed(together).sort_values("finished", kind="stable")
    return ordered.drop_duplicates("key", keep="last").reset_index(drop=True)


def _read_parts(paths: list[Path]) -> tuple[list[pa.Table], list[Path]]:
    """What could be read of some files, and the files that were asked for."""
    return [part for path in paths if (part := _read_part(path)) is not None], paths


def _read_part(path: Path) -> pa.Table | None:
    """Rows of one file with the columns that are in its folders' names; None for one that is no Parquet file."""
    try:
        rows = pq.read_table(io.BytesIO(path.read_bytes()))
    except FileNotFoundError:
        return None  # another run on this folder has put it together with others
    except (pa.ArrowException, OSError):
        path.rename(path.with_name(f"{_UNREADABLE}{path.name}"))
        return None
    for part in path.parts[-1 - len(PARTITIONS) : -1]:
        name, _, value = part.partition("=")
        rows = rows.append_column(name, pa.array([unquote(value)] * len(rows), pa.string()))
    return rows


def _write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that a reader, or a crash, meets all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{_UNFINISHED}{uuid.uuid4().hex}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    return path
