"""Getting a data set's files onto this machine: from a mirror, the cache or their public origin."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tqdm import tqdm

from bayes_scaling.datasets.download import DownloadError, download_file
from bayes_scaling.datasets.info import DataFile, DatasetInfo, DatasetPart
from bayes_scaling.datasets.local_files import (
    cache_folder,
    is_intact,
    mirror_folder,
    missing_files,
    require_intact,
    unavailable,
)
from bayes_scaling.datasets.registry import get_dataset, shipped_data

URL_VARIABLE: Final = "BAYES_SCALING_DATA_URL"
"""Environment variable with the address of a mirror served over HTTP, used instead of the public origins."""


def fetch_dataset(name: str, mirror: str | Path | None = None, progress: bool = True) -> Path:
    """Folder on this machine that has every file of a data set, downloaded into the cache when need be.

    Parameters
    ----------
    name : str
        One of :func:`list_datasets`.
    mirror : path, optional
        Folder with a copy of the public files, a sub-folder for each set. Without it, the environment
        variable ``BAYES_SCALING_MIRROR`` is looked at, then the cache (``BAYES_SCALING_CACHE`` or the
        system's cache folder), then the file's public origin.
    progress : bool, default True
        Whether a download shows a progress bar on stderr.

    Returns
    -------
    Path
        Folder of the files; treat it as read-only.

    Raises
    ------
    InputError
        When the name is unknown, or a mirror's file is not the one the data set names.
    DataUnavailableError
        When a file is in none of these places; the message names the ways to get it, and nothing
        half-written is left behind.
    """
    info = get_dataset(name)
    return fetch_parts(info, info.parts, mirror, progress)


def fetch_parts(
    info: DatasetInfo, parts: Sequence[DatasetPart], mirror: str | Path | None, progress: bool = True
) -> Path:
    """Folder on this machine that has the files of these parts; see :func:`fetch_dataset`."""
    files = info.files_of(parts)
    folder = local_folder(info, mirror)
    if folder is None:
        return _download_missing(info, files, progress)
    missing = missing_files(folder, files)
    if missing:
        raise unavailable(
            info, f"{folder} lacks {len(missing)} of {len(files)} files, {missing[0].path} first"
        )
    require_intact(folder, files)
    return folder


def local_folder(info: DatasetInfo, mirror: str | Path | None) -> Path | None:
    """Folder of a shipped or mirrored data set, complete or not; None when only the cache can have it."""
    return shipped_data() / info.folder if info.is_shipped else mirror_folder(info, mirror)


def dataset_available(name: str, mirror: str | Path | None = None) -> bool:
    """True when the default parts of a data set are complete on this machine: loading it needs no network.

    A set of plain tables has no default parts; all of them are looked for.
    """
    info = get_dataset(name)
    parts = info.default_parts() or info.parts
    folder = local_folder(info, mirror) or cache_folder(info)
    return folder.is_dir() and not missing_files(folder, info.files_of(parts))


def _download_missing(info: DatasetInfo, files: Sequence[DataFile], progress: bool) -> Path:
    folder = cache_folder(info)
    wanted = [file for file in files if not _is_cached(folder / file.path, file)]
    n_bytes = sum(file.size for file in wanted)
    # A bar that is shown even for nothing to do would only be noise.
    is_quiet = not (progress and wanted)
    with tqdm(
        desc=f"Fetching {info.name}", total=n_bytes, unit="B", unit_scale=True, disable=is_quiet
    ) as bar:
        for file in wanted:
            try:
                download_file(_url(info, file), folder / file.path, file)
            except DownloadError as error:
                raise unavailable(info, f"{file.path} is not in the cache ({folder}), and {error}") from error
            except OSError as error:
                raise unavailable(info, f"the cache {folder} cannot be written ({error})") from error
            bar.update(file.size)
    return folder


def _is_cached(path: Path, file: DataFile) -> bool:
    return path.is_file() and is_intact(path, file)


def _url(info: DatasetInfo, file: DataFile) -> str:
    served_mirror = os.environ.get(URL_VARIABLE)
    root = f"{served_mirror.rstrip('/')}/{info.folder}" if served_mirror else info.url_root
    return f"{root}/{quote(file.path)}"
