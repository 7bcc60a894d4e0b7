"""A small table, and cheap cells that misbehave as a test asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bayes_scaling.runs import RunTable
from bayes_scaling.study import StudySpec, make_spec
from tests.simulate import Design, simulate
from tests.study import cheap_cells


@pytest.fixture(scope="session")
def tiny() -> RunTable:
    """Two simulated families of four sizes, with three checkpoints a run."""
    return simulate(2, design=Design(sizes=(5e7, 1.5e8, 4e8, 1e9), n_seeds=1, n_checkpoints=3)).runs


@pytest.fixture(scope="session")
def tiny_csv(tiny, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "tiny.csv"
    tiny.to_csv(path)
    return path


@pytest.fixture
def many_cells(tiny_csv) -> StudySpec:
    """Forty cells of one family that differ in their seed alone."""
    grid = {"families": ["family-0"], "n_sizes": [2], "pooling": ["none"], "seed": list(range(40))}
    content = {"data": {"table": str(tiny_csv)}, "grid": grid, "study": {"cell_timeout": 4.0}}
    return make_spec(content)


@pytest.fixture
def misdeeds(tmp_path, monkeypatch) -> Callable[[dict[int, str]], Path]:
    """Write down what the cells of some seeds do; the folder in which all cells leave their traces."""
    folder = tmp_path / "traces"
    folder.mkdir()
    monkeypatch.setenv(cheap_cells.FOLDER, str(folder))

    def write_down(by_seed: dict[int, str]) -> Path:
        (folder / "misdeeds.json").write_text(json.dumps(by_seed))
        return folder

    write_down({})
    return write_down
