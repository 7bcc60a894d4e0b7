"""What the benchmarks say of their own targets."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def speed(monkeypatch):
    """The benchmark as it is when it runs as a script, its own folder on the path."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("speed")


@pytest.mark.parametrize("number", [float, np.float64])
def test_a_figure_that_misses_its_target_is_named(speed, number, capsys):
    rows = [
        speed.at_most("too slow", number(1.05), 1.0),
        speed.at_most("in time", number(1.0), 1.0),
        speed.at_least("too few", number(399.0), 400.0),
    ]

    assert speed.print_rows(iter(rows)) == ["too slow", "too few"]
    assert "| too slow |" in capsys.readouterr().out
