"""Rows as the user knows them: where a table came from and what its rows are called in error messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

MAX_CITED = 5
"""How many rows or values an error message lists before it only counts them."""

_PLURALS = {"line": "lines", "row": "rows", "index": "index"}


@dataclass(frozen=True)
class RowNames:
    """Names of a table's rows in the user's terms: lines of a text file, rows of Parquet, index labels.

    Attributes
    ----------
    source : str
        What the table is called, e.g. its file name.
    unit : {"line", "row", "index"}
        What one row is called.
    names : ndarray
        One name for each row of the source, in the source's order.
    order : ndarray or None
        Positions in the source of the rows of the frame at hand; None as long as they are the source's own.
    """

    source: str
    unit: str
    names: np.ndarray
    order: np.ndarray | None = None

    @classmethod
    def of_index(cls, frame: pd.DataFrame, source: str = "the table") -> RowNames:
        """Row names taken from a frame's index."""
        return cls(source, "index", np.asarray(frame.index))

    def reordered(self, order: np.ndarray) -> RowNames:
        """Row names after the source's rows were put in another order, given by their positions."""
        return RowNames(self.source, self.unit, self.names, order)

    def cite(self, mask: np.ndarray) -> str:
        """Text naming the rows where `mask` is true, at most five: ``"runs.csv, lines 3, 5 and 9"``."""
        found = self.names[np.sort(self._positions(mask))]
        unit = self.unit if len(found) == 1 else _PLURALS[self.unit]
        return f"{self.source}, {unit} {listed(found)}"

    def examples(self, values: pd.Series, mask: np.ndarray) -> str:
        """Text showing up to three different values where `mask` is true, in the source's order."""
        chosen = values.to_numpy()[np.flatnonzero(mask)[np.argsort(self._positions(mask), kind="stable")]]
        seen = list(dict.fromkeys(_shown(value) for value in chosen[:1000]))
        return ", ".join(seen[:3]) + (", ..." if len(seen) > 3 else "")

    def _positions(self, mask: np.ndarray) -> np.ndarray:
        return np.flatnonzero(mask) if self.order is None else self.order[np.flatnonzero(mask)]


@dataclass(frozen=True)
class RawTable:
    """A table as it was read: nothing renamed, converted or judged yet.

    Attributes
    ----------
    frame : DataFrame
        The cells. Column names are the user's own and may repeat.
    rows : RowNames
        What its rows are called.
    all_text : bool
        True when the format has no types of its own (CSV), so that every cell is text.
    """

    frame: pd.DataFrame
    rows: RowNames
    all_text: bool = False


def listed(items: Sequence[object] | np.ndarray, limit: int = MAX_CITED) -> str:
    """Text listing the first few items and counting the rest: ``"3, 5 and 120 more"``."""
    shown = [str(item) for item in items[:limit]]
    if len(items) > limit:
        return f"{', '.join(shown)} and {len(items) - limit} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _shown(value: object) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
