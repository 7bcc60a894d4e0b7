"""Epoch's digitised Chinchilla points."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from bayes_scaling.datasets.readers import PartReader
from bayes_scaling.datasets.readers.digitised_chinchilla import chinchilla_points
from bayes_scaling.datasets.readers.files import read_csv


def read_points(folder: Path) -> pd.DataFrame:
    """One row for each point of figure 4 of the Chinchilla paper."""
    return chinchilla_points(read_csv(folder, "svg_extracted_data.csv"), "epoch-chinchilla")


PARTS: Final[Mapping[str, PartReader]] = {"points": read_points}
