"""The shape of the code: layers, cycles, names, sizes, and the page that describes them."""

from __future__ import annotations

import ast
import graphlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from scripts import architecture_table

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "bayes_scaling"
SOURCES = sorted(
    path
    for folder in ("bayes_scaling", "tests", "scripts", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "core", "tools", "stuff"}

MAX_FILE_LINES = 400
MAX_BODY_LINES = 40
MAX_PUBLIC_METHODS = 12
MAX_ARGUMENTS = 7

LARGER_FOR_A_REASON: dict[str, str] = {}
"""Functions and classes ("path::name") over a limit of the size guide, each with its reason."""


# --- layers -----------------------------------------------------------------------------------


def lint_imports(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package in a folder, in a process that has not imported this one."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo", *options],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_imports_keep_to_the_layers():
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("contract", "module", "statement"),
    [
        ("layers", "runs/__init__.py", "import bayes_scaling.cli"),
        ("layers", "laws/__init__.py", "import bayes_scaling.runs"),
        ("layers", "evaluation/__init__.py", "def lazy():\n    import bayes_scaling.api"),
        ("layers", "unlisted/__init__.py", "import bayes_scaling.names"),
        ("pymc", "evaluation/__init__.py", "import pymc as pm"),
        ("pymc", "laws/__init__.py", "from pytensor import tensor"),
        ("engines", "prediction/__init__.py", "import arviz as az"),
        ("matplotlib", "evaluation/__init__.py", "from matplotlib import pyplot"),
        ("dask", "cli/__init__.py", "from distributed import Client"),
        ("laws", "laws/__init__.py", "from pandas import DataFrame"),
    ],
)
def test_an_import_against_the_layers_is_caught(tmp_path, contract, module, statement):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    copy = shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    changed = copy / module
    changed.parent.mkdir(exist_ok=True)
    with changed.open("a") as file:
        file.write(f"\n{statement}\n")

    result = lint_imports(tmp_path, "--contract", contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "0 kept, 1 broken" in result.stdout


def test_no_module_imports_itself_through_others():
    # An import for annotations alone is not one that runs.
    graph = grimp.build_graph(PACKAGE.name, cache_dir=None, exclude_type_checking_imports=True)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}

    order = list(graphlib.TopologicalSorter(imports).static_order())  # raises CycleError, naming the cycle

    assert len(order) == len(imports)


# --- the page ---------------------------------------------------------------------------------


def test_the_architecture_page_lists_what_is_there():
    page = (ROOT / architecture_table.PAGE).read_text(encoding="utf-8")

    found = architecture_table.differences(
        architecture_table.rows_of_code(ROOT), architecture_table.rows_of_page(page)
    )

    assert not found, "\n".join([*found, "Run: python scripts/architecture_table.py"])


def test_every_module_states_its_purpose():
    silent = [str(module) for module in PACKAGE.rglob("*.py") if not architecture_table.purpose(module)]

    assert silent == []


def test_a_new_a_renamed_and_a_removed_module_are_told_apart(tmp_path):
    package = tmp_path / "bayes_scaling"
    (package / "runs").mkdir(parents=True)
    (package / "__init__.py").write_text('"""The package. More about it."""')
    (package / "runs" / "__init__.py").write_text('"""Rows of :class:`Run` | checkpoints.\n\nMore."""')
    (package / "runs" / "table.py").write_text('"""The\nrun table, by Doe et al. 2020. It is a frame."""')

    code = architecture_table.rows_of_code(tmp_path)
    page = architecture_table.with_rows(
        f"# Title\n{architecture_table.BEGIN}\n{architecture_table.END}\nEnd\n",
        [code[0], "| `bayes_scaling/gone.py` | Was here |"],
    )

    assert code == [
        "| `bayes_scaling/` | The package |",
        "| `bayes_scaling/runs/` | Rows of `Run` \\| checkpoints |",
        "| `bayes_scaling/runs/table.py` | The run table, by Doe et al. 2020 |",
    ]
    found = architecture_table.differences(code, architecture_table.rows_of_page(page))
    assert found[1:3] == code[1:]
    assert found[4:] == ["| `bayes_scaling/gone.py` | Was here |"]
    mended = architecture_table.with_rows(page, code)
    assert architecture_table.rows_of_page(mended) == code
    assert mended.startswith("# Title\n")
    assert mended.endswith("\nEnd\n")


# --- names and sizes --------------------------------------------------------------------------


def test_every_file_name_says_what_is_inside():
    assert [str(path) for path in SOURCES if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_every_file_fits_the_size_guide():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES
    }

    assert {path: count for path, count in lines.items() if count > MAX_FILE_LINES} == {}


def test_every_function_and_class_of_the_package_fits_the_size_guide():
    over = {name: excess for path in PACKAGE.rglob("*.py") for name, excess in oversized(path)}

    assert {name: excess for name, excess in over.items() if name not in LARGER_FOR_A_REASON} == {}
    assert LARGER_FOR_A_REASON.keys() <= over.keys(), "an exception that is no longer needed"


def oversized(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the excess of each function and class of a file that is over the guide."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                limits = {
                    "lines": (_body_lines(node), MAX_BODY_LINES),
                    "arguments": (_arguments(path, node), MAX_ARGUMENTS),
                }
            case ast.ClassDef():
                limits = {"public methods": (_public_methods(node), MAX_PUBLIC_METHODS)}
            case _:
                continue
        for unit, (size, limit) in limits.items():
            if size > limit:
                yield f"{path.relative_to(ROOT)}::{node.name}", f"{size} {unit}, at most {limit}"


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def _arguments(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the arguments; not those behind a command, which takes one for each of its options."""
    if path.is_relative_to(PACKAGE / "cli"):
        return 0
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(argument.arg not in ("self", "cls") for argument in named)


def _public_methods(node: ast.ClassDef) -> int:
    return sum(isinstance(item, ast.FunctionDef) and not item.name.startswith("_") for item in node.body)
