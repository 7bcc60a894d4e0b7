"""From a data set's own files to rows with this package's column names: one module for each set.

Contract: a module has a mapping ``PARTS`` from the names in its ``info.json`` to functions that take the
folder of the files and return a DataFrame, for parts of kind ``"runs"`` with the required columns of a run
table. A reader converts units, names families and runs, and leaves out rows that are not checkpoints; it
neither validates nor downloads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import pandas as pd

PartReader = Callable[[Path], pd.DataFrame]
"""A function that reads one part of a data set from the folder of its files."""


def readers_of(module: str) -> Mapping[str, PartReader]:
    """Readers of a data set's parts, by the name of its reader module."""
    parts: Mapping[str, PartReader] = import_module(f"{__name__}.{module}").PARTS
    return parts
