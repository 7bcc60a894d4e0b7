"""Where the runs come from: a file in its own words, or a data set by name."""

from __future__ import annotations

import shutil

import pytest

from tests.runs.example_tables import three_rows


def test_columns_and_units_are_mapped_as_told(run, tmp_path):
    path = tmp_path / "runs.csv"
    frame = three_rows(n_params=[0.07, 0.3, 1.0]).rename(columns={"n_params": "N", "loss": "L"})
    frame.to_csv(path, index=False)

    result = run("check", path, "--map", "n_params=N", "--map", "loss=L", "--units", "n_params=B")

    assert result.exit_code == 0
    assert "runs.csv: 1 family, 3 runs, 3 checkpoints" in result.stdout
    assert "70M–1B" in result.stdout


def test_a_data_set_is_used_without_its_suspect_rows(run):
    trusted, everything = (
        run("check", "--dataset", "published"),
        run("check", "--dataset", "published", "--keep-suspect"),
    )

    assert trusted.stderr == "Note: left out 10 of 142 rows that the data set marks as suspect.\n"
    assert "132 checkpoints" in trusted.stdout
    assert everything.stderr == ""
    assert "142 checkpoints" in everything.stdout


def test_a_column_of_that_name_in_a_file_of_ones_own_changes_nothing(run, tmp_path):
    path = tmp_path / "runs.csv"
    three_rows(suspect=[True, False, False]).to_csv(path, index=False)

    assert "3 checkpoints" in run("check", path).stdout


def test_an_incomplete_mirror_is_used_with_a_note(run, mirror, tmp_path):
    shutil.copytree(mirror / "colpret" / "raw_data", tmp_path / "colpret" / "raw_data", symlinks=False)

    result = run("check", "--dataset", "colpret", "--mirror", tmp_path)

    assert result.exit_code == 0
    assert "which are left out: " in result.stderr
    assert "Warning" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "no runs"),
        (["runs.csv", "--dataset", "published"], "both a file and --dataset"),
        (["runs.csv", "--mirror", "there"], "--mirror or --keep-suspect with a file"),
        (["runs.csv", "--keep-suspect"], "--mirror or --keep-suspect with a file"),
        (
            ["--dataset", "published", "--map", "n_params=N"],
            "--map, --units or --split-metrics with --dataset",
        ),
        (["--dataset", "unheard-of"], "there is no data set 'unheard-of'"),
        (["--dataset", "colpret", "--mirror", "nowhere"], "the mirror nowhere has no folder colpret/"),
        (["runs.csv", "--map", "n_params"], "--map 'n_params' is no pair"),
        (["runs.csv", "--units", "n_params:B"], "--units 'n_params:B' is no pair"),
    ],
)
def test_arguments_that_do_not_name_one_table_are_refused(run, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    three_rows().to_csv("runs.csv", index=False)

    result = run("check", *arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
