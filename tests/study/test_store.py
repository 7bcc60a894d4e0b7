from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bayes_scaling.study import store as module
from bayes_scaling.study.columns import RESULT_COLUMNS, as_table, typed
from bayes_scaling.study.plan import PlannedCell
from bayes_scaling.study.run_cell import finished_row
from bayes_scaling.study.store import Store
from tests.study.test_cell import CELL


def row(key: str, status: str = "done", **changes):
    return finished_row(PlannedCell(replace(CELL, **changes), key), {"status": status, "are": 0.1})


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "out")


def test_rows_come_back_as_they_went_in(store):
    rows = [row("a"), row("b", pooling="population"), row("c", method="least-squares", family="x/y é")]

    store.add(rows)

    pd.testing.assert_frame_equal(
        store.read().sort_values("key", ignore_index=True), as_table(rows), check_dtype=True
    )


def test_the_store_is_a_partitioned_table_for_any_reader(store):
    store.add([row("a"), row("b", pooling="population")])

    table = pd.read_parquet(store.folder / "cells")

    assert set(table) == set(RESULT_COLUMNS)
    assert dict(zip(table["key"], table["pooling"], strict=True)) == {"a": "none", "b": "population"}


def test_the_latest_row_of_a_cell_counts_and_failed_ones_are_to_run_again(store):
    store.add([row("a", "failed"), row("b", "failed"), row("c", "undetermined")])
    store.add([{**row("a"), "finished": "2100-01-01"}])

    assert store.finished_keys() == {"a", "c"}
    assert len(store.read()) == 3


def test_compaction_leaves_one_file_for_each_partition_and_every_row(store):
    for key in "abcdef":
        store.add([row(key), row(f"{key}-pooled", pooling="population")])
    before = store.read()

    store.compact()

    assert len(list(store.folder.rglob("*.parquet"))) == 2
    pd.testing.assert_frame_equal(
        store.read().sort_values("key", ignore_index=True), before.sort_values("key", ignore_index=True)
    )


def test_files_that_lack_a_column_are_read_with_those_that_have_it(store):
    for key in ("a", "b"):
        store.add([{**row(key), "ess_min": 50.0, "reason": "none"}])
    path = sorted(store.folder.rglob("*.parquet"))[0]
    earlier = pd.read_parquet(path).drop(columns=["ess_min", "reason", "n_train_runs"])
    earlier.to_parquet(path, index=False)

    table = store.read().set_index("key")

    assert table.dtypes.to_dict() == as_table([]).set_index("key").dtypes.to_dict()
    assert sorted(table["ess_min"].fillna(0.0)) == [0.0, 50.0]
    assert sorted(table["reason"]) == ["", "none"]


def test_many_files_become_one_frame_once(store, monkeypatch):
    for number in range(30):
        store.add([row(f"key-{number}")])
    calls = []
    monkeypatch.setattr(module, "typed", lambda frame: calls.append(len(frame)) or typed(frame))

    assert len(store.read()) == 30
    assert calls == [30]


def test_a_reader_loses_no_row_while_another_puts_files_together(store, monkeypatch):
    for key in "abcdef":
        store.add([row(key)])
    read_part, compactions = module._read_part, iter([store.compact])

    def read_while_another_compacts(path):
        next(compactions, lambda: None)()
        return read_part(path)

    monkeypatch.setattr(module, "_read_part", read_while_another_compacts)

    assert set(store.read()["key"]) == set("abcdef")


def test_a_truncated_file_is_set_aside_and_its_cells_are_missing(store):
    store.add([row("a")])
    (whole,) = store.folder.rglob("*.parquet")
    content = whole.read_bytes()
    store.add([row("b")])
    whole.write_bytes(content[: len(content) // 2])

    assert store.finished_keys() == {"b"}
    assert len(pd.read_parquet(store.folder / "cells")) == 1
    assert [
        path.name.startswith("_unreadable-") for path in store.folder.rglob("*") if path.suffix == ".parquet"
    ].count(True) == 1


def test_what_an_interruption_left_is_passed_over_and_cleared(store):
    store.add([row("a")])
    (path,) = store.folder.rglob("*.parquet")
    (path.parent / ".unfinished-1").write_bytes(b"half")

    assert len(pd.read_parquet(store.folder / "cells")) == 1
    store.clear_unfinished()
    assert not list(store.folder.rglob(".unfinished*"))


def test_a_folder_that_is_not_there_holds_nothing(store):
    store.clear_unfinished()

    assert store.read().empty
    assert not store.folder.exists()


def test_priors_come_back_and_a_broken_one_is_none(store):
    from bayes_scaling.priors.population import shipped_population

    prior = shipped_population("chinchilla")
    store.write_prior("key", prior)

    assert store.read_prior("key") == prior
    assert store.read_prior("other") is None
    next(store.folder.rglob("*.json")).write_text("{")
    assert store.read_prior("key") is None


def test_a_file_stands_under_its_name_only_when_it_is_whole(store, monkeypatch):
    store.add([row("a")])
    before = sorted(store.folder.rglob("*.parquet"))
    seen = []

    def interrupted(self, target):
        seen.append((self.read_bytes()[:4], self.name.endswith(".parquet"), target.suffix))
        raise OSError("power cut")

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(OSError, match="power cut"):
        store.add([row("b")])

    assert seen == [(b"PAR1", False, ".parquet")]
    assert sorted(store.folder.rglob("*.parquet")) == before
    assert list(store.read()["key"]) == ["a"]
