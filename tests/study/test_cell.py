from __future__ import annotations

from dataclasses import replace

import pytest

from bayes_scaling.study.cell import Cell
from bayes_scaling.study.columns import CELL_COLUMNS

CELL = Cell("f", 3, 1.0, 0.0, "all", "smallest", "all", 0.0, 0.7, "chinchilla", "none", "laplace", 0)


def test_a_record_names_every_column_of_a_cell_and_writes_mixed_ones_as_text():
    record = replace(CELL, window=2, n_seeds=1).record()

    assert list(record) == list(CELL_COLUMNS)
    assert (record["window"], record["n_seeds"]) == ("2", "1")


def test_a_key_is_the_same_for_the_same_content():
    assert CELL.key("rows", {"draws": 8}, "1.0") == replace(CELL).key("rows", {"draws": 8}, "1.0")


@pytest.mark.parametrize(
    ("change", "learned_from", "settings", "version"),
    [
        ({"n_sizes": 4}, "rows", {}, "1.0"),
        ({"seed": 1}, "rows", {}, "1.0"),
        ({"pooling": "joint"}, "rows", {}, "1.0"),
        ({}, "other rows", {}, "1.0"),
        ({}, "rows", {"draws": 8}, "1.0"),
        ({}, "rows", {}, "1.1"),
    ],
)
def test_a_key_changes_with_the_cell_its_rows_its_settings_and_the_version(
    change, learned_from, settings, version
):
    assert replace(CELL, **change).key(learned_from, settings, version) != CELL.key("rows", {}, "1.0")
