"""The command as a whole: version, help, and what is said when it is called wrongly."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

import bayes_scaling
from bayes_scaling.cli import main
from bayes_scaling.errors import InferenceError

COMMANDS = [
    "check",
    "fit",
    "predict",
    "advise",
    "backtest",
    "report",
    "population",
    "study",
    "datasets",
    "laws",
    "demo",
]


def test_python_m_runs_the_command():
    command = [sys.executable, "-m", "bayes_scaling", "--version"]

    result = subprocess.run(command, capture_output=True, text=True)

    assert result.stdout == f"bayes-scaling {bayes_scaling.__version__}\n"
    assert result.returncode == 0


def test_the_help_page_lists_the_commands_in_the_order_of_use(run):
    result = run("--help")

    assert result.exit_code == 0
    listed = result.stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == COMMANDS
    assert [line for line in listed if line.endswith("...")] == []


@pytest.mark.parametrize("command", [*COMMANDS, "datasets list", "datasets fetch"])
def test_every_command_explains_each_of_its_options(run, command):
    result = run(*command.split(), "--help")

    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    options = [param for param in find_command(command).params if isinstance(param, click.Option)]
    assert [option.name for option in options if not option.help] == []


def find_command(name: str) -> click.Command:
    found: click.Command = main
    for part in name.split():
        found = found.commands[part]
    return found


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["fti"], "No such command 'fti'"),
        (["check", "--colour"], "No such option"),
        (["fit", "runs.csv"], "Missing option '--out'"),
        (["predict", "fit.nc", "--family", "a", "--n-params", "1e9"], "Missing option '--n-tokens'"),
        (["predict", "fit.nc", "--family", "a", "--n-params", "big", "--n-tokens", "1"], "not a valid float"),
        (["backtest", "runs.csv", "--out", "back", "--holdout", "half"], "'half' is not one of"),
        (["backtest", "runs.csv", "--out", "back", "--draws", "0"], "0 is not in the range"),
        (["fit", "runs.csv", "--out", "fit.nc", "--seed", str(2**70)], "is not in the range"),
    ],
)
def test_a_wrong_call_is_bad_input(run, arguments, says):
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert says in result.stderr


def test_a_failed_sampler_is_a_message_and_another_exit_code(run, monkeypatch, tiny_csv, tmp_path):
    def fail(*args, **settings):
        raise InferenceError("nutpie stopped: no finite start")

    monkeypatch.setattr("bayes_scaling.api.ScalingModel.fit", fail)

    result = run("fit", tiny_csv, "--out", tmp_path / "fit.nc")

    assert result.exit_code == 1
    assert result.stderr == "Error: nutpie stopped: no finite start\n"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_message(run, monkeypatch, fit_nc, tmp_path):
    def fail(*args, **settings):
        raise OSError(28, "No space left on device", "report.html")

    monkeypatch.setattr("bayes_scaling.api.Fit.to_html", fail)

    result = run("report", fit_nc, "--out", tmp_path / "report.html")

    assert result.exit_code == 1
    assert result.stderr == "Error: report.html: No space left on device\n"


def test_a_bug_is_not_dressed_up_as_bad_input(run, monkeypatch, tiny_csv):
    monkeypatch.setattr("bayes_scaling.runs.RunTable.check", lambda runs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        run("check", tiny_csv)
