from __future__ import annotations

import pytest

from bayes_scaling.datasets import load_public_families
from bayes_scaling.errors import InputError
from bayes_scaling.study import make_spec, read_spec

DATA = {"dataset": "published"}


def test_a_file_is_read_with_paths_that_start_from_its_folder(tiny_csv, tmp_path, monkeypatch):
    tiny_csv.with_name("study.toml").write_text(f'[data]\ntable = "{tiny_csv.name}"\n[grid]\nseed = [3]\n')
    monkeypatch.chdir(tmp_path)

    spec = read_spec(tiny_csv.with_name("study.toml"))

    assert spec.axes["seed"] == (3,)
    assert spec.read_data().families == ("family-0", "family-1")


def test_columns_are_mapped_and_units_converted_as_asked(tiny, tmp_path):
    frame = tiny.frame.rename(columns={"n_params": "N"})
    frame.assign(N=frame["N"] / 1e9).to_csv(tmp_path / "runs.csv", index=False)
    data = {"table": "runs.csv", "columns": {"n_params": "N"}, "units": {"n_params": "B"}}

    runs = make_spec({"data": data}, tmp_path).read_data()

    assert runs.frame["n_params"].to_numpy() == pytest.approx(tiny.frame["n_params"].to_numpy())


def test_a_data_set_comes_without_its_suspect_rows_unless_they_are_asked_for():
    kept = make_spec({"data": {**DATA, "keep_suspect": True}}).read_data()
    clean = make_spec({"data": DATA}).read_data()

    assert len(clean) == (~kept.frame["suspect"]).sum() <= len(kept)


def test_all_public_families_are_one_data_set(mirror):
    assert make_spec({"data": {"dataset": "public"}}).read_data(mirror) == load_public_families(mirror)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({}, "neither"),
        ({"data": {"table": "a.csv", "dataset": "public"}}, "both"),
        ({"data": DATA, "grids": {}}, "grids"),
        ({"data": {**DATA, "file": "a.csv"}}, "file"),
        ({"data": "public"}, "data"),
        ({"data": DATA, "study": {"n_folds": 1}}, "n_folds"),
        ({"data": DATA, "study": {"n_folds": 2.5}}, "n_folds"),
        ({"data": DATA, "study": {"cell_timeout": "long"}}, "cell_timeout"),
        ({"data": DATA, "study": {"prior": "weak"}}, "prior"),
        ({"data": DATA, "study": {"retries": 3}}, "retries"),
        ({"data": DATA, "settings": {"mcmc": {}}}, "mcmc"),
        ({"data": DATA, "settings": {"laplace": {"steps": 3}}}, "steps"),
        ({"data": DATA, "settings": {"laplace": {"draws": 0}}}, "draws"),
        ({"data": DATA, "grid": {"target_share": [0.8]}}, "target_share"),
    ],
)
def test_a_spec_that_asks_for_what_is_not_there_is_refused_by_name(content, named):
    with pytest.raises(InputError, match=named):
        make_spec(content)


@pytest.mark.parametrize("text", ["[data\n", "\x00", "[data]\ntable = 1 2\n"])
def test_a_file_that_is_no_toml_is_refused(tmp_path, text):
    (tmp_path / "study.toml").write_text(text)

    with pytest.raises(InputError, match=r"study\.toml") as caught:
        read_spec(tmp_path / "study.toml")

    assert caught.value.code == "bad_spec"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="absent"):
        read_spec(tmp_path / "absent.toml")


def test_the_record_has_the_defaults_written_out():
    record = make_spec({"data": DATA}).record()

    assert record["n_folds"] == 8
    assert record["axes"]["pooling"] == ("none", "population")
    assert "folder" not in record
