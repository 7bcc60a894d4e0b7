"""Files of a data set on this machine: where they are looked for, and whether they are the right ones."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bayes_scaling.datasets.info import DataFile, DatasetInfo
from bayes_scaling.errors import DataUnavailableError, InputError

MIRROR_VARIABLE: Final = "BAYES_SCALING_MIRROR"
"""Environment variable with the folder of a local mirror."""

CACHE_VARIABLE: Final = "BAYES_SCALING_CACHE"
"""Environment variable with the folder that downloads are kept in."""


def find_file(folder: Path, path: str) -> Path | None:
    """The file at a path below a folder, or None.

    Copies made on systems that ignore case may spell a name differently (``T5_pile.csv``), so a name that
    differs in case only is taken when there is no exact one.
    """
    exact = folder / path
    if exact.is_file():
        return exact
    similar = (item for item in sorted(folder.rglob("*")) if item.is_file())
    wanted = path.lower()
    return next((item for item in similar if item.relative_to(folder).as_posix().lower() == wanted), None)


def missing_files(folder: Path, files: Iterable[DataFile]) -> tuple[DataFile, ...]:
    """Those of the files that the folder does not have."""
    return tuple(file for file in files if find_file(folder, file.path) is None)


def is_intact(path: Path, file: DataFile) -> bool:
    """True when what lies at the path is the file that the data set names, by size and SHA-256."""
    return path.stat().st_size == file.size and _sha256(path) == file.sha256


def require_intact(folder: Path, files: Iterable[DataFile]) -> None:
    """Pass when those of the files that the folder has are the ones that the data set names.

    Raises
    ------
    InputError
        With code ``"checksum_mismatch"``, naming the file, its checksum and the expected one.
    """
    for file in files:
        path = find_file(folder, file.path)
        if path is not None and not is_intact(path, file):
            found = _sha256(path)
            raise InputError(
                f"{path} has {path.stat().st_size:,} bytes and SHA-256 {found}",
                f"{file.size:,} bytes and SHA-256 {file.sha256}",
                "The copy is damaged or of another version: replace it, or download without the mirror.",
                code="checksum_mismatch",
            )


def mirror_folder(info: DatasetInfo, mirror: str | Path | None) -> Path | None:
    """Folder of a data set in the mirror given, else in the environment's; None when there is none.

    Raises
    ------
    DataUnavailableError
        When the mirror given has no folder of this set, or the environment names no existing folder.
    """
    if mirror is not None:
        folder = Path(mirror) / info.folder
        if not folder.is_dir():
            raise unavailable(info, f"the mirror {mirror} has no folder {info.folder}/")
        return folder
    from_environment = os.environ.get(MIRROR_VARIABLE)
    if not from_environment:
        return None
    if not Path(from_environment).is_dir():
        raise unavailable(info, f"{MIRROR_VARIABLE} names {from_environment}, which is not a folder")
    folder = Path(from_environment) / info.folder
    return folder if folder.is_dir() else None


def cache_folder(info: DatasetInfo) -> Path:
    """Folder that downloads of this data set are kept in; it need not exist yet."""
    return Path(os.environ.get(CACHE_VARIABLE) or _system_cache()) / info.folder


def unavailable(info: DatasetInfo, reason: str) -> DataUnavailableError:
    """The error for a data set that cannot be had, naming both ways to get it."""
    return DataUnavailableError(
        f"Data set {info.name}: {reason}. There are two ways to get it: download it where there is a network"
        f" (bayes-scaling datasets fetch {info.name}), or name a local mirror, a folder that has its files in"
        f" {info.folder}/ (mirror=DIR, --mirror DIR or {MIRROR_VARIABLE}=DIR)."
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _system_cache() -> Path:
    import pooch  # late: it loads tqdm's notebook bar, which warns in notebooks without ipywidgets

    return Path(pooch.os_cache("bayes_scaling"))
