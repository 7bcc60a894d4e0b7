"""Opening a data set's files and reading the numbers that their labels spell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pandas as pd

from bayes_scaling.datasets.local_files import find_file

MULTIPLIERS: Final = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}

_COUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([KMBT]?)", re.IGNORECASE)


def open_path(folder: Path, path: str) -> Path:
    """Path of a file below the folder, whatever the case of its name.

    Raises
    ------
    FileNotFoundError
        When it is not there.
    """
    found = find_file(folder, path)
    if found is None:
        raise FileNotFoundError(folder / path)
    return found


def read_csv(folder: Path, path: str, **options: Any) -> pd.DataFrame:
    """Table in a CSV file below the folder."""
    return pd.read_csv(open_path(folder, path), **options)


def count_from_label(label: object) -> float | None:
    """Number that a label such as ``"1.3B"`` or ``"125m"`` spells, or None when it spells none."""
    match = _COUNT.fullmatch(str(label).strip())
    return float(match[1]) * MULTIPLIERS[match[2].upper()] if match else None


def counts_from_labels(labels: pd.Series) -> pd.Series:
    """Numbers that labels such as ``"1.3B"`` spell, NaN where they spell none."""
    return labels.map(count_from_label).astype(float)
