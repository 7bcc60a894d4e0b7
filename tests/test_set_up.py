"""The set-up that `make` does by itself: which Python it takes, and when it starts over.

The interpreters here are stand-ins, a few lines of shell each: nothing is installed and no network is used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FIND_PYTHON = ROOT / "scripts" / "find-python.sh"
SUITABLE = Path(sys._base_executable)


def write_command(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


# --- which Python -----------------------------------------------------------------------------


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with the tools of a POSIX shell in ``bin/`` and no Python at all."""
    for tool in ("awk", "sh"):
        write_command(tmp_path / "bin" / tool, f'exec {shutil.which(tool)} "$@"')
    return tmp_path


def find_python(machine: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("sh"), str(FIND_PYTHON)],
        env={"PATH": str(machine / "bin"), "HOME": str(machine / "home"), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def suitable_at(path: Path) -> None:
    write_command(path, f'exec {SUITABLE} "$@"')


@pytest.mark.parametrize("name", ["python3.13", "python3.12", "python3.14", "python3", "python"])
def test_a_suitable_python_is_found_under_each_usual_name(machine, name):
    suitable_at(machine / "bin" / name)

    result = find_python(machine)

    assert result.stdout == f"{SUITABLE}\n"
    assert result.stderr == ""
    assert result.returncode == 0


@pytest.mark.parametrize(
    "unsuitable",
    ["exit 127", "echo Python 3.11.9", "echo 'No module named ensurepip' >&2; exit 1"],
    ids=["shim without a version", "other program", "no venv module"],
)
def test_a_python_that_will_not_do_is_passed_over_for_one_of_pyenv(machine, unsuitable):
    write_command(machine / "bin" / "python3", unsuitable)
    suitable_at(machine / "home" / ".pyenv" / "versions" / "3.13.0" / "bin" / "python3")

    result = find_python(machine)

    assert result.stdout == f"{SUITABLE}\n"
    assert result.stderr == ""


def test_the_pyenv_root_may_be_elsewhere(machine):
    suitable_at(machine / "opt" / "versions" / "3.12.1" / "bin" / "python3")

    assert find_python(machine, PYENV_ROOT=str(machine / "opt")).stdout == f"{SUITABLE}\n"


def test_a_later_one_on_path_is_found_behind_one_that_will_not_do(machine):
    write_command(machine / "bin" / "python3", "exit 1")
    suitable_at(machine / "more" / "python3")

    result = find_python(machine, PATH=f"{machine / 'bin'}:{machine / 'more'}")

    assert result.stdout == f"{SUITABLE}\n"


def test_the_versions_are_preferred_in_order_and_the_first_on_path_among_equals(machine):
    for name, rank in {"python3.12": 2, "python3.14": 3, "python3": 1, "python": 1}.items():
        write_command(machine / "bin" / name, f"echo {rank} /chosen/{name}")

    assert find_python(machine).stdout == "/chosen/python3\n"


def test_the_python_that_the_user_names_goes_before_all(machine):
    write_command(machine / "bin" / "python3.13", "echo 1 /chosen/python3.13")
    named = write_command(machine / "my python", "echo 3 /chosen/mine")

    assert find_python(machine, PYTHON=str(named)).stdout == "/chosen/mine\n"


def test_a_named_python_that_will_not_do_is_reported(machine):
    write_command(machine / "bin" / "python3.13", "echo 1 /chosen/python3.13")

    result = find_python(machine, PYTHON="python2")

    assert result.stdout == "/chosen/python3.13\n"
    assert "PYTHON=python2 is not a usable Python 3.12 or later" in result.stderr


def test_no_python_at_all_is_one_clear_sentence(machine):
    write_command(machine / "bin" / "python3", "exit 1")

    result = find_python(machine, PYTHON="python2")

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("No usable Python 3.12 or later was found")
    assert result.stderr.count("\n") == 1


# --- when it starts over ----------------------------------------------------------------------

STAND_IN = """
case "$*" in
    -V) echo Python 3.13.0 ;;
    "-m venv .venv") echo venv >> log; mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *pip*install*) [ ! -e broken ] && echo install >> log ;;
    *) exit 0 ;;
esac
"""
FROM_SCRATCH = ["venv", "install", "install"]
IN_PLACE = ["install", "install"]


class Checkout:
    """A copy of the files that the set-up needs, with a stand-in for Python, and a log of what was run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder)
        write_command(folder / "python", STAND_IN)
        write_command(folder / "scripts" / "find-python.sh", 'echo "$PWD/python"')

    def make(self, target: str = "setup") -> subprocess.CompletedProcess[str]:
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))
        }
        command = ["make", "--no-print-directory", target]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)

    def take_log(self) -> list[str]:
        log = self.folder / "log"
        lines = log.read_text().split() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    if not shutil.which("make"):
        pytest.skip("no make here")
    folder = tmp_path / "a checkout"
    folder.mkdir()
    return Checkout(folder)


def test_the_first_command_sets_up_and_the_next_does_nothing(checkout):
    first = checkout.make("test")
    assert first.returncode == 0, first.stderr
    assert checkout.take_log() == FROM_SCRATCH
    assert ".venv/ is ready" in first.stdout

    second = checkout.make("test")
    assert second.returncode == 0, second.stderr
    assert checkout.take_log() == []
    assert second.stdout == ""


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed_into_the_same_environment(checkout, name):
    checkout.make()
    checkout.take_log()
    later = (checkout.folder / ".venv" / ".ready").stat().st_mtime + 10
    os.utime(checkout.folder / name, (later, later))

    assert checkout.make().returncode == 0
    assert checkout.take_log() == IN_PLACE


def test_a_set_up_that_broke_off_starts_over(checkout):
    broken = checkout.folder / "broken"
    broken.touch()
    assert checkout.make("test").returncode != 0
    assert checkout.take_log() == ["venv"]

    broken.unlink()
    assert checkout.make("test").returncode == 0
    assert checkout.take_log() == FROM_SCRATCH


def test_an_update_that_broke_off_starts_over(checkout):
    checkout.make()
    later = (checkout.folder / ".venv" / ".ready").stat().st_mtime + 10
    os.utime(checkout.folder / "constraints.txt", (later, later))
    (checkout.folder / "broken").touch()
    assert checkout.make().returncode != 0
    checkout.take_log()

    (checkout.folder / "broken").unlink()
    checkout.make()
    assert checkout.take_log() == FROM_SCRATCH


def test_an_environment_whose_python_is_gone_is_made_anew(checkout):
    checkout.make()
    checkout.take_log()
    (checkout.folder / ".venv" / "bin" / "python").unlink()

    checkout.make()
    assert checkout.take_log() == FROM_SCRATCH


def test_a_checkout_that_moved_gets_a_new_environment(checkout):
    checkout.make()
    checkout.take_log()
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("moved"))

    checkout.make()
    assert checkout.take_log() == FROM_SCRATCH


def test_without_a_python_nothing_is_made(checkout):
    write_command(checkout.folder / "scripts" / "find-python.sh", "echo No usable Python >&2; exit 1")

    result = checkout.make("demo")

    assert result.returncode != 0
    assert "No usable Python" in result.stderr
    assert not (checkout.folder / ".venv").exists()


def test_what_was_set_up_is_removed_by_clean(checkout):
    checkout.make()
    (checkout.folder / "demo-output").mkdir()

    assert checkout.make("clean").returncode == 0
    assert not (checkout.folder / ".venv").exists()
    assert not (checkout.folder / "demo-output").exists()
    assert (checkout.folder / "pyproject.toml").exists()
