"""Write the table of modules in docs/architecture.md from the first sentence of each module's docstring.

Run it without arguments after adding, moving or renaming a module; ``--check`` compares and writes nothing.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path("docs", "architecture.md")
PACKAGE = "bayes_scaling"
BEGIN = "<!-- modules: begin, written by scripts/architecture_table.py -->"
END = "<!-- modules: end -->"
HEADER = ("| path | purpose |", "|---|---|")


def purpose(module: Path) -> str:
    """First sentence of a module's docstring, as one line of Markdown that fits a table cell."""
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    sentence = re.split(r"(?<=[a-z0-9)`]\.) (?=[A-Z])", paragraph, maxsplit=1)[0].rstrip(".")
    without_roles = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", sentence).replace("``", "`")
    return without_roles.replace("|", r"\|")


def rows_of_code(root: Path) -> list[str]:
    """One row for each subpackage and module, a subpackage before what it holds."""
    rows = []
    for module in sorted((root / PACKAGE).rglob("*.py"), key=_reading_order):
        path = module.parent if module.name == "__init__.py" else module
        shown = path.relative_to(root).as_posix() + ("/" if path.is_dir() else "")
        rows.append(f"| `{shown}` | {purpose(module)} |")
    return rows


def rows_of_page(text: str) -> list[str]:
    """The rows that stand between the two markers of the page."""
    table = text.partition(BEGIN)[2].partition(END)[0]
    return [line for line in table.splitlines() if line.startswith("| `")]


def with_rows(text: str, rows: list[str]) -> str:
    """The page with its table replaced by these rows."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return "\n".join([before + BEGIN, *HEADER, *rows, END + after])


def differences(code: list[str], page: list[str]) -> list[str]:
    """What to add to the page and what to take off it, as lines to read or paste; empty when they agree."""
    missing = [row for row in code if row not in page]
    stale = [row for row in page if row not in code]
    return [
        *(["Missing from the table, or with another purpose there:", *missing] if missing else []),
        *(["In the table, but not so in the code:", *stale] if stale else []),
    ]


def _reading_order(module: Path) -> tuple[str, ...]:
    folder = module.parent.parts
    return (*folder, "" if module.name == "__init__.py" else module.name)


def main(arguments: list[str] | None = None) -> int:
    """Write or compare the table; the exit code is 1 when a comparison finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="compare only, print what differs, write nothing"
    )
    check_only = parser.parse_args(arguments).check

    page = ROOT / PAGE
    text = page.read_text(encoding="utf-8")
    code = rows_of_code(ROOT)
    if not check_only:
        page.write_text(with_rows(text, code), encoding="utf-8")
        return 0
    found = differences(code, rows_of_page(text))
    print("\n".join([*found, f"Run: python scripts/{Path(__file__).name}"] if found else []), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
