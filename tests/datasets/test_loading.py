"""What all data sets have in common once they are loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bayes_scaling.datasets import describe_parts, get_dataset, list_datasets, load_coefficients, load_dataset
from bayes_scaling.datasets.info import ALL_RUNS
from bayes_scaling.errors import InputError
from bayes_scaling.runs import concat_runs

WITH_RUNS = [name for name in list_datasets() if get_dataset(name).has_runs]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "datasets.md"


@pytest.mark.parametrize("name", WITH_RUNS)
def test_flops_are_six_n_d_and_suspects_are_marked(load, name):
    frame = load(name).frame

    assert np.allclose(frame["flops"], 6.0 * frame["n_params"] * frame["n_tokens"], rtol=1e-12)
    assert frame["suspect"].dtype == bool


@pytest.mark.parametrize("name", WITH_RUNS)
def test_each_reason_to_suspect_rows_concerns_rows_that_are_there(load, name):
    frame = load(name, *(part.name for part in get_dataset(name).parts if part.kind == "runs")).frame
    suspects = frame[frame["suspect"]]

    for suspect in get_dataset(name).suspects:
        meant = suspects[suspects["family"] == suspect.family]
        named = meant if suspect.run in (None, ALL_RUNS) else meant[meant["run"] == suspect.run]
        assert len(named) > 0, suspect
    assert set(suspects["family"]) == {suspect.family for suspect in get_dataset(name).suspects}


def test_family_names_are_unique_across_data_sets(load):
    tables = {
        name: load(name, *(p.name for p in get_dataset(name).parts if p.kind == "runs")) for name in WITH_RUNS
    }
    families = [family for table in tables.values() for family in table.families]

    assert len(set(families)) == len(families)
    assert len(concat_runs(tables.values())) == sum(map(len, tables.values()))


def test_the_documentation_states_the_counts(load):
    rows = []
    for name in WITH_RUNS:
        frame = load(name).frame
        n_runs = frame.groupby(["family", "run"]).ngroups
        counts = (frame["family"].nunique(), n_runs, len(frame), frame["suspect"].sum())
        rows.append(
            f"| `{name}` | {get_dataset(name).title} | " + " | ".join(f"{n:,}" for n in counts) + " |"
        )

    assert [row for row in rows if row not in DOCS.read_text("utf-8").splitlines()] == []


def test_the_documentation_has_every_part_in_the_words_of_its_info():
    rows = [
        f"| `{part.part}` | {part.kind}{' (default)' if part.is_default else ''} | {part.summary} |"
        for name in list_datasets()
        for part in describe_parts(name).itertuples()
    ]

    assert [row for row in rows if row not in DOCS.read_text("utf-8").splitlines()] == []


def test_parts_can_be_chosen(mirror):
    runs = load_dataset("colpret", mirror, parts=["opt", "redpajama"])

    assert runs.families == ("opt", "redpajama")


@pytest.mark.parametrize("part", ["pythia", "opt-scores"])
def test_a_part_that_is_no_runs_is_refused(mirror, part):
    with pytest.raises(InputError, match="describe_parts") as caught:
        load_dataset("colpret", mirror, parts=[part])
    assert caught.value.code == "unknown_part"


def test_a_set_without_runs_says_where_its_tables_are(mirror):
    with pytest.raises(InputError, match="load_table") as caught:
        load_dataset("obsscaling", mirror)
    assert caught.value.code == "no_runs"


def test_coefficients_come_with_the_package():
    coefficients = load_coefficients().set_index("key")

    assert len(coefficients) == 92
    assert coefficients.loc["besiroglu2024", "E"] == 1.8172
    assert coefficients.loc["besiroglu2024", "arxiv"] == "2404.10102"
