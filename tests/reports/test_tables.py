from __future__ import annotations

import pandas as pd
import pytest

from bayes_scaling.reports.tables import Column, view_table

COLUMNS = [
    Column("name", "family", is_number=False),
    Column("share", "held", "{:.0%}".format),
    Column("absent", "?"),
]


@pytest.fixture
def frame():
    return pd.DataFrame({"share": [0.25, float("nan")], "name": ["b", "a"], "more": [1, 2]})


def test_cells_are_shown_in_the_order_of_columns_and_rows(frame):
    view = view_table(frame, COLUMNS)

    assert [cell.text for cell in view.header] == ["family", "held"]
    assert [[cell.text for cell in row] for row in view.rows] == [["b", "25%"], ["a", "–"]]


def test_numbers_and_words_are_told_apart(frame):
    (first, *_) = view_table(frame, COLUMNS).rows

    assert [cell.is_number for cell in first] == [False, True]


def test_an_alarm_marks_its_cell_only(frame):
    view = view_table(frame, COLUMNS, alarm=lambda column, row: column == "share" and row["share"] < 0.5)

    assert [[cell.is_alarming for cell in row] for row in view.rows] == [[False, True], [False, False]]
