from __future__ import annotations

import json

import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.study import Cluster, compare_on_same, make_spec, read_study, run_study
from bayes_scaling.study import study as module
from bayes_scaling.study.columns import RESULT_COLUMNS
from bayes_scaling.study.summary import compare
from bayes_scaling.study.watcher import SilentWatcher

GRID = {"n_sizes": [1, 3], "pooling": ["none", "population"], "method": ["laplace", "least-squares"]}


class Remembers(SilentWatcher):
    def __init__(self):
        self.starts, self.steps = [], []

    def started(self, start):
        self.starts.append(start)

    def progressed(self, *counts):
        self.steps.append(counts)


@pytest.fixture(scope="module")
def spec(tiny_csv):
    settings = {"laplace": {"chains": 16, "draws": 16}}
    return make_spec({"data": {"table": str(tiny_csv)}, "grid": GRID, "settings": settings})


@pytest.fixture(scope="module")
def watcher():
    return Remembers()


@pytest.fixture(scope="module")
def result(spec, watcher, tmp_path_factory):
    return run_study(spec, tmp_path_factory.mktemp("study") / "out", Cluster(n_workers=1), watcher=watcher)


def test_every_cell_has_a_row(result):
    assert list(result.table) == list(RESULT_COLUMNS)
    statuses = result.table.set_index(["family", "n_sizes", "pooling", "method"])["status"]
    expected = {
        (family, n_sizes, pooling, method): "undetermined" if (n_sizes, pooling) == (1, "none") else "done"
        for family in ("family-0", "family-1")
        for n_sizes in (1, 3)
        for pooling, method in (("none", "laplace"), ("population", "laplace"), ("none", "least-squares"))
    }
    assert statuses.to_dict() == expected


def test_the_watcher_hears_of_the_start_and_of_every_step(result, watcher):
    (start,) = watcher.starts
    assert (start.n_cells, start.n_there, start.n_senseless, start.n_workers) == (12, 0, 4, 1)
    assert [done for done, _, _ in watcher.steps] == sorted(done for done, _, _ in watcher.steps)
    assert watcher.steps[-1] == (12, 12, 0)


def test_the_summary_says_what_the_study_came_to(result):
    summary = json.loads((result.folder / "summary.json").read_text())

    assert summary["status"] == {"done": 8, "undetermined": 4, "failed": 0}
    assert (summary["n_run"], summary["n_workers"], summary["failures"]) == (12, 1, [])
    assert summary["cells_per_second"] == pytest.approx(12 / summary["wall_seconds"])
    assert summary["peak_memory_mb"] == result.table["peak_memory_mb"].max() > 50
    assert summary["spec"]["axes"]["n_sizes"] == [1, 3]
    assert {(each["pooling"], each["method"]) for each in summary["means"]} == {
        ("none", "laplace"),
        ("none", "least-squares"),
        ("population", "laplace"),
    }


def test_running_it_again_runs_nothing_and_keeps_the_figures(spec, result, monkeypatch):
    monkeypatch.setattr(module, "connect", None)  # no cluster may be started
    watcher = Remembers()

    again = run_study(spec, result.folder, watcher=watcher)

    pd.testing.assert_frame_equal(again.table, result.table)
    assert watcher.starts[0].n_there == 12
    assert again.summary["wall_seconds"] == result.summary["wall_seconds"]


def test_a_folder_is_read_without_its_spec(result):
    table = read_study(result.folder).table

    assert sorted(table["key"]) == sorted(result.table["key"])


def test_a_folder_without_a_study_is_refused(tmp_path):
    with pytest.raises(InputError, match="no results"):
        read_study(tmp_path)


def test_an_address_where_nobody_answers_is_refused_and_nothing_written(spec, monkeypatch, tmp_path):
    monkeypatch.setattr("bayes_scaling.study.cluster.CONNECT_SECONDS", 0.5)

    with pytest.raises(InputError, match="no Dask scheduler answers"):
        run_study(spec, tmp_path / "out", Cluster("tcp://127.0.0.1:9"))

    assert not (tmp_path / "out").exists()


# --- tables of means --------------------------------------------------------------------------


def test_means_run_over_families_and_can_be_held_to_shared_cells(result):
    means = compare(result.table)
    shared = compare_on_same(result.table)

    pooled = result.table.query("pooling == 'population'").groupby("family")["are"].mean().mean()
    assert means.loc[("chinchilla", "population", "laplace"), "are"] == pytest.approx(pooled)
    assert means["n_cells"].to_dict() == {
        ("chinchilla", "none", "laplace"): 2,
        ("chinchilla", "none", "least-squares"): 2,
        ("chinchilla", "population", "laplace"): 4,
    }
    assert shared["n_cells"].tolist() == [2, 2, 2]
    assert compare(result.table, "n_sizes").loc[("chinchilla", "population", "laplace", 1), "n_cells"] == 2
