"""Public families with more than one size, each once: what benchmarks score, and what the shipped prior knows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from bayes_scaling.datasets.loading import load_dataset, without_suspects
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.runs import RunTable, concat_runs

SOURCES: Final = ("gadre", "epoch-chinchilla", "curves", "multipower", "colpret")
"""Data sets in the order in which a family that two of them hold is kept."""


def load_public_families(mirror: str | Path | None = None) -> RunTable:
    """Runs of the public families with at least two sizes, rows marked as suspect left out.

    A family whose rows are all in an earlier set of :data:`SOURCES`, whatever its label, is left out too.

    Parameters
    ----------
    mirror : str or Path, optional
        Folder with copies of the public data sets.

    Raises
    ------
    DataUnavailableError
        When a set is neither in the mirror nor in the cache and cannot be downloaded.
    """
    seen: set[tuple[str, ...]] = set()
    tables = []
    for name in SOURCES:
        kept = without_suspects(load_dataset(name, mirror))
        chosen = [
            str(family)
            for family, rows in kept.frame.groupby(FAMILY)
            if rows[N_PARAMS].min() < rows[N_PARAMS].max() and not set(_keys(rows)) <= seen
        ]
        tables.append(kept.select(chosen))
        seen.update(_keys(tables[-1].frame))
    return concat_runs(tables)


def _keys(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """Each row's loss, size and tokens, rounded as far as copies of one figure in two files may differ."""
    numbers = rows[[N_PARAMS, N_TOKENS, LOSS]].to_numpy(dtype=float)
    return [(f"{size:.2e}", f"{tokens:.2e}", f"{loss:.3e}") for size, tokens, loss in numbers]
