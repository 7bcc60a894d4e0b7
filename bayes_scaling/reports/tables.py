"""Frames as the rows of words and numbers that a page shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Column:
    """How one column of a frame is shown.

    Attributes
    ----------
    name : str
        The column's name in the frame.
    title : str
        What stands above it.
    show : callable
        Turns a value into text.
    is_number : bool, default True
        Numbers stand to the right, words to the left.
    """

    name: str
    title: str
    show: Callable[[Any], str] = str
    is_number: bool = True


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, and how it stands."""

    text: str
    is_number: bool
    is_alarming: bool = False


@dataclass(frozen=True)
class TableView:
    """A table ready to be printed: titles, rows of cells, and a caption."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""


def view_table(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    caption: str = "",
    alarm: Callable[[str, pd.Series], bool] = lambda column, row: False,
) -> TableView:
    """Return the columns of a frame as text, row by row.

    Parameters
    ----------
    frame : DataFrame
        The rows to show, in order.
    columns : sequence of Column
        Which columns, in which order and how; a column that the frame lacks is left out.
    caption : str, optional
        A sentence above the table.
    alarm : callable, optional
        Given a column's name and a row, tells whether the cell deserves the warning colour.
    """
    present = [column for column in columns if column.name in frame.columns]
    rows = (
        tuple(Cell(_text(row[c.name], c), c.is_number, alarm(c.name, row)) for c in present)
        for _, row in frame.iterrows()
    )
    return TableView(tuple(Cell(c.title, c.is_number) for c in present), tuple(rows), caption)


def _text(value: Any, column: Column) -> str:
    return "–" if pd.isna(value) else column.show(value)
