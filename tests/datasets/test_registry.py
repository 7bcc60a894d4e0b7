"""Every registered data set states where it comes from, under which terms, and what each of its parts is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bayes_scaling.datasets import get_dataset, list_datasets
from bayes_scaling.datasets.info import KIND_RUNS, KIND_TABLE
from bayes_scaling.datasets.local_files import require_intact
from bayes_scaling.datasets.readers import readers_of
from bayes_scaling.datasets.registry import shipped_data
from bayes_scaling.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("published", "colpret", "curves", "epoch-chinchilla", "gadre", "multipower", "obsscaling")


def test_the_shipped_set_is_listed_first():
    assert list_datasets() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_provenance_licence_and_citation_are_stated(name):
    info = get_dataset(name)

    assert info.name == name
    assert all(text.strip() for text in (info.title, info.origin, info.licence, info.citation, info.recipe))
    assert info.is_shipped == (name == "published")
    assert info.is_shipped or info.url_root.startswith("https://raw.githubusercontent.com/")


@pytest.mark.parametrize("name", NAMES)
def test_every_file_has_a_size_and_a_checksum_and_belongs_to_a_part(name):
    info = get_dataset(name)

    assert len({file.path for file in info.files}) == len(info.files) > 0
    assert all(file.size > 0 and re.fullmatch(r"[0-9a-f]{64}", file.sha256) for file in info.files)
    assert set(info.files_of(info.parts)) == set(info.files)
    assert info.n_bytes == sum(file.size for file in info.files)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_has_files_a_reader_and_a_summary(name):
    info = get_dataset(name)

    assert {part.name for part in info.parts} == set(readers_of(info.reader))
    assert all(info.files_of([part]) for part in info.parts)
    assert all(part.summary.strip() for part in info.parts)
    assert {part.kind for part in info.parts} <= {KIND_RUNS, KIND_TABLE}
    assert bool(info.default_parts()) == info.has_runs
    assert all(part.kind == KIND_RUNS for part in info.default_parts())


def test_the_shipped_files_are_the_ones_that_their_info_names():
    info = get_dataset("published")

    require_intact(shipped_data() / info.folder, info.files)
    assert all((shipped_data() / info.folder / file.path).is_file() for file in info.files)


def test_public_files_are_not_part_of_the_project():
    shipped = {
        path.relative_to(ROOT / "data").as_posix() for path in (ROOT / "data").rglob("*") if path.is_file()
    }

    infos = {f"{name}/info.json" for name in NAMES}
    tables = {"published/published_losses.csv", "published/published_coefficients.csv"}
    assert shipped == infos | tables | {"population/chinchilla.json"}


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(InputError, match="colpret") as caught:
        get_dataset("chinchila")
    assert caught.value.code == "unknown_dataset"


def test_an_unknown_part_is_told_the_known_ones():
    with pytest.raises(InputError, match="gpt3") as caught:
        get_dataset("colpret").part("gpt-3", KIND_RUNS)
    assert caught.value.code == "unknown_part"


def test_an_installed_package_finds_its_data_inside_itself(tmp_path):
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    inside = build["targets"]["wheel"]["force-include"]["data"]
    shutil.copytree(ROOT / "bayes_scaling", tmp_path / "bayes_scaling")
    shutil.copytree(ROOT / "data", tmp_path / inside)
    script = (
        "from bayes_scaling import datasets as d; "
        "print(len(d.load_dataset('published')), d.registry.shipped_data())"
    )

    result = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert result.stdout.split() == ["142", str(tmp_path / inside)], result.stderr


def test_importing_says_nothing_and_leaves_logging_alone(tmp_path):
    script = (
        "import logging\n"
        "before = logging.root.level, logging.root.handlers[:]\n"
        "import bayes_scaling.datasets\n"
        "assert (logging.root.level, logging.root.handlers) == before\n"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
