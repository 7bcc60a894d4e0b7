"""What the README shows is run: its Python, its commands, its links."""

from __future__ import annotations

import re
import shlex
from functools import partialmethod
from pathlib import Path

import pytest

from bayes_scaling import ScalingModel
from bayes_scaling.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for line in README.splitlines() if line.startswith("bayes-scaling ")]


def block(language: str) -> str:
    """The one code block in that language."""
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    return code


@pytest.mark.slow
def test_the_python_example_is_short_and_runs(monkeypatch, capsys):
    # Shorter sampling than the example's own, which is for results and not for tests.
    quick = partialmethod(ScalingModel.fit, chains=2, draws=200, tune=200)
    monkeypatch.setattr(ScalingModel, "fit", quick)
    code = block("python")
    names: dict[str, object] = {}

    exec(compile(code, "README.md", "exec"), names)

    assert sum(bool(line.strip()) for line in code.splitlines()) <= 10
    shown = capsys.readouterr().out
    assert "collinear_n_d [Cerebras-GPT]" in shown
    assert "R-hat" in shown
    assert 0 <= names["larger"].prob_below(1.5)[0] <= 1


def test_there_are_commands_to_look_at():
    assert len(COMMANDS) >= 6
    assert {shlex.split(line)[1] for line in COMMANDS} <= set(main.commands)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_line_is_one_that_the_command_takes(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, name, *arguments = shlex.split(line)

    context = main.commands[name].make_context(name, arguments)

    assert context.params


def test_every_link_leads_somewhere():
    targets = re.findall(r"\]\(([^)#]+)\)", README)

    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
