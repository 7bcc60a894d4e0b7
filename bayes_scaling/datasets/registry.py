"""The data sets that can be loaded by name: one folder with an ``info.json`` each, and no second list."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from bayes_scaling.datasets.info import DatasetInfo, read_info
from bayes_scaling.errors import InputError

FIRST: Final = "published"
"""The set that is listed first: it needs no download."""


def shipped_data() -> Path:
    """Folder of the data that comes with the package: ``_data`` in a wheel, ``data`` in a checkout."""
    package = Path(str(files("bayes_scaling")))
    in_wheel = package / "_data"
    return in_wheel if in_wheel.is_dir() else package.parent / "data"


@cache
def _registry() -> dict[str, DatasetInfo]:
    infos = [read_info(path) for path in shipped_data().glob("*/info.json")]
    return {info.name: info for info in sorted(infos, key=lambda info: (info.name != FIRST, info.name))}


def list_datasets() -> tuple[str, ...]:
    """Names of the data sets that there are, the shipped one first."""
    return tuple(_registry())


def get_dataset(name: str) -> DatasetInfo:
    """Provenance, licence, files and parts of the data set of this name.

    Raises
    ------
    InputError
        With code ``"unknown_dataset"``, naming those that there are.
    """
    if name not in _registry():
        raise InputError(
            f"there is no data set {name!r}",
            f"one of {', '.join(list_datasets())}",
            "For a file of your own, use read_runs.",
            code="unknown_dataset",
        )
    return _registry()[name]
