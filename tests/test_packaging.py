"""What is declared, pinned, explained and shipped: four lists that must say the same."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
BUILD_TOOLS = [*PYPROJECT["build-system"]["requires"], "editables"]


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(requirement).name) for requirement in requirements}


def pinned() -> dict[str, str]:
    """Version of each distribution in the constraints file."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def closure(requirements: list[str]) -> set[str]:
    """Names of the distributions that these requirements bring on this machine, directly or not."""
    seen: dict[str, set[str]] = {}
    pending = [Requirement(text) for text in requirements]
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        extras = {"", *requirement.extras}
        fresh = extras - seen.setdefault(name, set())
        seen[name] |= fresh
        declared = [Requirement(text) for text in metadata.requires(name) or []] if fresh else []
        pending += [
            child
            for child in declared
            if not child.marker or any(child.marker.evaluate({"extra": extra}) for extra in fresh)
        ]
    return set(seen)


def test_everything_that_is_installed_is_pinned():
    declared = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"], *BUILD_TOOLS]

    assert closure(declared) - pinned().keys() == set()


@pytest.mark.parametrize("requirement", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
def test_the_pin_lies_within_the_declared_range(requirement):
    requirement = Requirement(requirement)

    assert requirement.specifier.contains(pinned()[canonicalize_name(requirement.name)])


@pytest.mark.parametrize(
    ("heading", "requirements"),
    [
        ("To run", PROJECT["dependencies"]),
        ("To develop and test", PROJECT["optional-dependencies"]["dev"]),
        ("To build", BUILD_TOOLS),
    ],
)
def test_each_dependency_is_explained_and_nothing_else(heading, requirements):
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    explained = re.findall(r"^\| `([^`]+)` \| .+ \|$", section, flags=re.MULTILINE)

    assert sorted(explained) == sorted(names(requirements))


def test_the_wheel_holds_the_package_its_types_and_the_data(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr

    (wheel,) = tmp_path.glob("*.whl")
    shipped = set(zipfile.ZipFile(wheel).namelist())

    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "bayes_scaling").rglob("*.py")}
    data = {
        f"bayes_scaling/_data/{path.relative_to(ROOT / 'data').as_posix()}"
        for path in (ROOT / "data").rglob("*.csv")
    }
    assert data
    assert modules | data | {"bayes_scaling/py.typed"} <= shipped
    assert not [name for name in shipped if name.startswith(("tests/", "scripts/", "notebooks/"))]
