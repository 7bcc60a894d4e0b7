"""Tables that must be refused, at every command that reads one: one message, exit code 2, nothing written."""

from __future__ import annotations

import pytest

from tests.runs.malformed import MALFORMED

COMMANDS = {
    "check": [],
    "fit": ["--out", "fit.nc"],
    "backtest": ["--out", "back"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case.name)
def test_a_malformed_table_is_one_message_and_nothing_written(run, tmp_path, monkeypatch, case, command):
    monkeypatch.chdir(tmp_path)
    path = case.build(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    mapping = [part for pair in case.columns.items() for part in ("--map", "=".join(pair))]
    units = [part for pair in case.units.items() for part in ("--units", "=".join(pair))]

    result = run(command, path, *COMMANDS[command], *mapping, *units)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert [part for part in case.says if part not in result.stderr] == []
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("command", ["fit", "backtest"])
def test_one_model_size_is_refused_before_anything_is_fitted(run, tmp_path, monkeypatch, tiny, command):
    monkeypatch.chdir(tmp_path)
    tiny.subset(tiny.frame["n_params"] == 5e7).to_csv("one-size.csv")

    result = run(command, "one-size.csv", *COMMANDS[command])

    assert result.exit_code == 2
    assert "no family has more than one model size" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["one-size.csv"]
