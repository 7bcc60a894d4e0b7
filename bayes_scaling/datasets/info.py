"""What is known about a data set before a row of it is read: origin, licence, checksums, parts, faults."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from bayes_scaling.errors import InputError

KIND_RUNS: Final = "runs"
"""A part whose rows belong in a run table."""

KIND_TABLE: Final = "table"
"""A part with figures of another form, read as a plain table."""

ALL_RUNS: Final = "*"
"""Stands for every run of a family in a list of suspects."""


@dataclass(frozen=True)
class DataFile:
    """One file of a data set: its path below the set's folder, its size in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DatasetPart:
    """Some files of a data set that are read together.

    Attributes
    ----------
    name : str
        Name of the part, as in ``load_dataset(..., parts=[name])``.
    kind : str
        ``"runs"`` or ``"table"``.
    is_default : bool
        Whether ``load_dataset`` reads it when no parts are named.
    patterns : tuple of str
        Paths or patterns of its files below the set's folder.
    summary : str
        How it is used, and what to know about it.
    """

    name: str
    kind: str
    is_default: bool
    patterns: tuple[str, ...]
    summary: str

    def holds(self, file: DataFile) -> bool:
        """True when the file belongs to this part."""
        return any(fnmatch(file.path, pattern) for pattern in self.patterns)


@dataclass(frozen=True)
class NotIncluded:
    """Something of the same origin that is not read, and why."""

    what: str
    reason: str


@dataclass(frozen=True)
class Suspect:
    """Rows that are given as the source has them and should not be trusted.

    Attributes
    ----------
    family : str
        The family concerned.
    run : str or None
        The run concerned, ``"*"`` for all runs, None when a rule of the reader picks the rows.
    reason : str
        Why they should not be trusted.
    n_tokens : float or None
        The one checkpoint concerned; None for the whole run.
    """

    family: str
    run: str | None
    reason: str
    n_tokens: float | None = None


@dataclass(frozen=True)
class DatasetInfo:
    """Provenance, licence, files and parts of one data set.

    Attributes
    ----------
    name : str
        Name in the registry.
    title : str
        What it holds, in one line.
    origin : str
        Where it comes from.
    url_root : str or None
        Address below which its files are published; None for a set that is shipped with the package.
    folder : str
        Its folder in a mirror and in the cache.
    reader : str
        Module of ``bayes_scaling.datasets.readers`` that reads it.
    licence, citation, recipe : str
        Terms of use, what to cite, and how the figures came about.
    files : tuple of DataFile
        Every file that a part reads.
    parts : tuple of DatasetPart
        What can be loaded.
    not_included : tuple of NotIncluded
        What the origin has besides.
    suspects : tuple of Suspect
        Rows marked in the column ``suspect``.
    """

    name: str
    title: str
    origin: str
    url_root: str | None
    folder: str
    reader: str
    licence: str
    citation: str
    recipe: str
    files: tuple[DataFile, ...]
    parts: tuple[DatasetPart, ...]
    not_included: tuple[NotIncluded, ...]
    suspects: tuple[Suspect, ...]

    @property
    def is_shipped(self) -> bool:
        """True when the set comes with the package, without a download."""
        return self.url_root is None

    @property
    def has_runs(self) -> bool:
        """True when a part of it belongs in a run table; False for a set of plain tables."""
        return any(part.kind == KIND_RUNS for part in self.parts)

    @property
    def n_bytes(self) -> int:
        """Size of all files together, in bytes."""
        return sum(file.size for file in self.files)

    def files_of(self, parts: Sequence[DatasetPart]) -> tuple[DataFile, ...]:
        """Files that these parts read, each once."""
        return tuple(file for file in self.files if any(part.holds(file) for part in parts))

    def default_parts(self) -> tuple[DatasetPart, ...]:
        """Parts that are read when none is named."""
        return tuple(part for part in self.parts if part.is_default)

    def part(self, name: str, kind: str) -> DatasetPart:
        """The part of this name and kind.

        Raises
        ------
        InputError
            With code ``"unknown_part"``, naming those that there are.
        """
        of_kind = {part.name: part for part in self.parts if part.kind == kind}
        if name not in of_kind:
            raise InputError(
                f"{self.name} has no part {name!r} of kind {kind!r}",
                f"one of {', '.join(of_kind) or 'none'}",
                f"describe_parts({self.name!r}) lists all parts.",
                code="unknown_part",
            )
        return of_kind[name]


def read_info(path: Path) -> DatasetInfo:
    """What an ``info.json`` says about its data set."""
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    raw["files"] = tuple(DataFile(**file) for file in raw["files"])
    raw["parts"] = tuple(_part(part) for part in raw["parts"])
    raw["not_included"] = tuple(NotIncluded(**item) for item in raw["not_included"])
    raw["suspects"] = tuple(Suspect(**item) for item in raw["suspects"])
    return DatasetInfo(**raw)


def _part(raw: dict[str, Any]) -> DatasetPart:
    return DatasetPart(raw["name"], raw["kind"], raw["default"], tuple(raw["files"]), raw["summary"])
