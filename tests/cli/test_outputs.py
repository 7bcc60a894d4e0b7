"""Output paths are refused while the arguments are read, before any work."""

from __future__ import annotations

import tempfile

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder in which any attempt to read runs or a fit is a failure."""

    def too_late(*args, **settings):
        pytest.fail("work started before the output path was checked")

    for name in ("source.read_runs", "source.load_dataset", "report.load_fit", "demo.load_dataset"):
        monkeypatch.setattr(f"bayes_scaling.cli.{name}", too_late)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "out", "says"),
    [
        ("fit runs.csv", "runs.csv", "does not end in .nc; call it runs.nc"),
        ("fit runs.csv", "fit", "does not end in .nc; call it fit.nc"),
        ("fit runs.csv", "absent/fit.nc", "the folder 'absent' does not exist"),
        ("fit runs.csv", "folder.nc", "is a folder"),
        ("report fit.nc", "fit.nc", "does not end in .html"),
        ("report fit.nc", "file.txt/report.html", "the folder 'file.txt' does not exist"),
        ("backtest runs.csv", "file.txt", "is a file, not a folder"),
        ("backtest --dataset published", "file.txt/deep/down", "is a file, not a folder"),
        ("demo", "file.txt", "is a file, not a folder"),
    ],
)
def test_a_path_that_cannot_be_written_to_is_refused_at_once(run, folder, command, out, says):
    (folder / "folder.nc").mkdir()
    (folder / "file.txt").write_text("kept")
    before = sorted(folder.rglob("*"))

    result = run(*command.split(), "--out", out)

    assert result.exit_code == 2
    assert says in result.stderr
    assert sorted(folder.rglob("*")) == before
    assert (folder / "file.txt").read_text() == "kept"


@pytest.mark.parametrize(("command", "out"), [("fit runs.csv", "fit.nc"), ("backtest runs.csv", "a/b")])
def test_a_folder_that_refuses_files_is_found_out_at_once(run, folder, monkeypatch, command, out):
    def refuse(*args, **settings):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)

    result = run(*command.split(), "--out", out)

    assert result.exit_code == 2
    assert "cannot be written to" in result.stderr
    assert list(folder.iterdir()) == []
