"""The user's page on the run table says what the code does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bayes_scaling.names import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from bayes_scaling.runs.checks import FAMILY_CHECKS, TABLE_CHECKS, curves, design, losses
from bayes_scaling.runs.files.limits import MAX_BYTES, MAX_ROWS
from bayes_scaling.runs.units import COUNT_COLUMNS, LOSS_UNITS, MULTIPLIERS, SUFFIX
from bayes_scaling.runs.validation import PLAUSIBLE_COUNTS, UNIFORM_GUESS_NATS
from tests.runs.malformed import MALFORMED

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "run-table.md").read_text(encoding="utf-8")
NOT_OF_A_TABLE_ON_DISK = {
    "not_permitted",
    "one_size",
    "one_value",
    "bad_mask",
    "unknown_family",
    "folder_absent",
}


def rows_of(section: str) -> list[list[str]]:
    """Cells of the table in one section of the page, without its header; code marks are taken off."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


def codes_raised() -> set[str]:
    """Every literal that the package's code passes as the code of an error about runs."""
    codes = set()
    for path in (ROOT / "bayes_scaling" / "runs").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code":
                codes |= {leaf.value for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant)}
    return codes


def test_the_columns_are_those_of_the_code():
    assert [(name, required) for name, required, _ in rows_of("Columns")] == [
        *((name, "yes") for name in REQUIRED_COLUMNS),
        *((name, "no") for name in OPTIONAL_COLUMNS),
    ]


def test_the_units_are_those_of_the_code():
    rows = rows_of("Other names and other units")

    assert [(unit, kind) for unit, kind, _ in rows] == [
        *((unit, "counts") for unit in (*MULTIPLIERS, SUFFIX)),
        *((unit, "loss") for unit in LOSS_UNITS),
    ]
    assert [float(meaning.removeprefix("times ")) for _, _, meaning in rows[:4]] == list(MULTIPLIERS.values())
    counts = re.search(r"^Counts are (.*?)\. ", PAGE, re.MULTILINE)[1]
    assert re.findall(r"`(\w+)`", counts) == list(COUNT_COLUMNS)


def test_the_errors_are_those_of_the_code():
    codes = [code for code, _ in rows_of("Errors")]

    assert len(codes) == len(set(codes))
    assert set(codes) == codes_raised()


def test_every_error_of_a_table_on_disk_has_an_example():
    assert {case.code for case in MALFORMED} == codes_raised() - NOT_OF_A_TABLE_ON_DISK


def test_the_findings_are_those_of_the_code():
    assert [(code, about) for code, about, _ in rows_of("Findings")] == [
        *((check.__name__, "a family") for check in FAMILY_CHECKS),
        *((check.__name__, "the table") for check in TABLE_CHECKS),
    ]


@pytest.mark.parametrize(
    ("section", "code", "figure"),
    [
        ("Findings", "narrow_range", f"{design.NARROW_FACTOR:g} times"),
        ("Findings", "collinear_n_d", f"{design.COLLINEAR_CORRELATION:g} or more"),
        ("Findings", "repeated_data", f"{design.MANY_EPOCHS:g} times"),
        ("Findings", "early_checkpoints", f"{100 * curves.EARLY_SHARE:g} %"),
        ("Findings", "non_monotone", f"{100 * curves.RISE:g} %"),
        ("Findings", "unfinished_runs", f"{100 * curves.UNFINISHED_SHARE:g} %"),
        ("Findings", "outlier", f"{100 * losses.OUTLIER_LOG:g} %"),
        ("Findings", "perplexity_suspected", f"{losses.HIGH_LOSS_NATS:g} nats"),
        ("Errors", "perplexity", f"{UNIFORM_GUESS_NATS:g} nats"),
        ("Errors", "mixed_units", f"{PLAUSIBLE_COUNTS['n_params'][0]:,.0f}"),
        ("Files", None, f"{MAX_ROWS:,} rows or {MAX_BYTES / 1024**3:g} GiB"),
    ],
)
def test_the_thresholds_are_those_of_the_code(section, code, figure):
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if code is None or line.startswith(f"| `{code}`")]

    assert any(figure in line for line in lines)


def test_the_example_runs(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    exec(compile(example, "docs/run-table.md", "exec"), {})

    assert capsys.readouterr().out.startswith(
        "RunTable(1 family, 3 runs, 3 checkpoints; n_params 7e+07-1e+09"
    )
