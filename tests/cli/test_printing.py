"""Text for 80 columns and for pipes."""

from __future__ import annotations

import pytest

from bayes_scaling.cli.printing import print_findings, print_table, print_text
from bayes_scaling.errors import Finding, Severity


@pytest.mark.parametrize("command", ["check --dataset published", "laws", "laws chinchilla", "datasets list"])
def test_what_goes_into_a_pipe_is_plain_and_80_columns_wide(run, command):
    result = run(*command.split())

    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []
    assert "\x1b" not in result.stdout


def test_labels_are_printed_as_they_are(capsys):
    print_table(["family", "n"], [["[bold]xLSTM[1:0] :smile:[/]", "1"], ["模型 🚀", "2"]])

    shown = capsys.readouterr().out
    assert "[bold]xLSTM[1:0] :smile:[/]" in shown
    assert "模型 🚀" in shown


def test_a_label_wider_than_its_column_is_wrapped_not_cut(capsys):
    print_table(["family", "n"], [["x" * 200, "1"]])

    assert capsys.readouterr().out.count("x") == 200


def test_text_is_wrapped_between_words(capsys):
    print_text("word " * 40 + "\nlast", indent="  ")

    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("  word") for line in lines[:-1])
    assert lines[-1] == "  last"


def test_findings_that_say_the_same_are_grouped_with_the_worst_first(capsys):
    advice = "Add sizes."
    few = [Finding("too_few_sizes", Severity.WARNING, f"{n} sizes", advice, f"family {n}") for n in range(7)]
    print_findings([Finding("seeds", Severity.INFO, "no seeds", "Add one."), *few, *stuck()])

    shown = capsys.readouterr().out
    headings = [line for line in shown.splitlines() if line and not line.startswith(" ")]
    assert headings == ["error: r_hat", "warning: too_few_sizes in 7 families", "info: seeds"]
    assert shown.count(advice) == 1
    assert "family 4: 4 sizes." in shown
    assert "family 5" not in shown
    assert "... and 2 more families." in shown


def stuck() -> list[Finding]:
    return [Finding("r_hat", Severity.ERROR, "R-hat is 2", "Sample longer.")]


def test_all_families_are_shown_on_request(run):
    short, long = run("check", "--dataset", "published"), run("check", "--dataset", "published", "--all")

    assert "more families" in short.stdout
    assert "more families" not in long.stdout
    assert len(long.stdout) > len(short.stdout)
