"""What the commands print: text, tables and findings that read well at 80 columns and in a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import click
from rich import box
from rich.console import Console
from rich.table import Table

from bayes_scaling.errors import Finding, Severity
from bayes_scaling.reports.wording import loss_value

Record = Mapping[Any, Any]
"""One row of a frame, by column name."""

SHOWN_FAMILIES: Final = 5
"""Families whose figures are shown when more of them share a finding."""

_WORST_FIRST: Final = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def note(message: str) -> None:
    """Print a remark on stderr."""
    click.echo(f"Note: {message}.", err=True)


def print_text(text: str, indent: str = "") -> None:
    """Print paragraphs, wrapped to the width of the terminal, or to 80 columns where there is none."""
    width = _console().width
    for paragraph in text.split("\n"):
        click.echo(
            textwrap.fill(
                plain(paragraph),
                width,
                initial_indent=indent,
                subsequent_indent=indent,
                break_on_hyphens=False,
                break_long_words=False,
            )
        )


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], n_text: int = 1) -> None:
    """Print a table whose first `n_text` columns are text, which may wrap, and whose others are figures."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, title in enumerate(header):
        if place < n_text:
            table.add_column(title, overflow="fold")
        else:
            table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(plain, row))
    console = _console()
    with console.capture() as drawn:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in drawn.get().splitlines()))


def print_findings(findings: Iterable[Finding], *, all_families: bool = False) -> None:
    """Print findings, the most severe first: what was found, in which families, and what to do about it."""
    for group in _groups(findings):
        kind = group[0]
        where = f" in {len(group)} families" if len(group) > 1 else ""
        click.secho(f"\n{kind.severity.value}: {kind.code}{where}", bold=True)
        shown = group if all_families else group[:SHOWN_FAMILIES]
        for finding in shown:
            label = f"{finding.family}: " if finding.family else ""
            print_text(f"{label}{finding.message}.", indent="  ")
        if len(shown) < len(group):
            print_text(f"... and {len(group) - len(shown)} more families.", indent="  ")
        print_text(f"-> {kind.advice}", indent="  ")


def plain(text: str) -> str:
    """The words of a report with the spaces that every terminal has."""
    return text.replace("\u202f", " ")


def interval_text(lower: float, upper: float) -> str:
    """Two losses as a range."""
    return f"{loss_value(lower)} to {loss_value(upper)}"


def _console() -> Console:
    """A console on stdout that shows labels as they are: without markup, and without colours in a pipe."""
    return Console(highlight=False, markup=False, emoji=False)


def _groups(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings with the same code and advice together, the worst first."""
    groups: dict[tuple[Severity, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code, finding.advice), []).append(finding)
    return sorted(groups.values(), key=lambda group: _WORST_FIRST.index(group[0].severity))
