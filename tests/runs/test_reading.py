from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.runs import RunTable, read_runs
from bayes_scaling.runs.files.limits import MAX_BYTES, MAX_ROWS, Limits
from tests.runs.example_tables import family_of_runs, three_rows

HEADER = "family,run,n_params,n_tokens,loss"
ROWS = "base,small,7e7,2e9,3.1\nbase,medium,3e8,6e9,2.7\nbase,large,1e9,2e10,2.4\n"


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


# --- what is understood -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n{ROWS}",
        f"{HEADER}\n{ROWS}".replace("\n", "\r\n"),
        f"{HEADER}\n{ROWS}".replace("\n", "\r"),
        f"\n{HEADER}\n\n{ROWS}\n\n",
        f"\ufeff{HEADER}\n{ROWS}".rstrip(),
        "family, run , n_params,n_tokens,loss\nbase,small, 7e7, 2e9,3.1\nbase,medium,3e8,6e9 ,2.7\n"
        "base,large,1e9,2e10,2.4\n",
        f"{HEADER}\n{ROWS}".replace("base", '"base"').replace("3.1", '"3.1"'),
    ],
    ids=["plain", "crlf", "cr", "blank lines", "byte order mark", "blanks", "quotes"],
)
def test_csv_in_its_usual_spellings_is_the_same_table(tmp_path, text):
    assert read_runs(write(tmp_path / "runs.csv", text)) == RunTable.from_frame(three_rows())


@pytest.mark.parametrize("missing", ["", "NA", "nan", "null"])
def test_a_missing_optional_number_may_be_spelt_in_several_ways(tmp_path, missing):
    text = f"{HEADER},flops\nbase,a,1e8,1e9,3.0,{missing}\nbase,b,1e9,1e9,2.5,6e18\n"

    flops = read_runs(write(tmp_path / "runs.csv", text)).frame["flops"]

    assert flops.isna().tolist() == [True, False]


def test_labels_are_kept_as_they_are_written(tmp_path):
    text = f"{HEADER},seed\nNA,1e5,1e8,1e9,3.0,01\nNA,null,1e9,1e9,2.5,1\n"

    table = read_runs(write(tmp_path / "runs.csv", text)).frame

    assert table[["family", "run", "seed"]].to_numpy().tolist() == [["NA", "1e5", "01"], ["NA", "null", "1"]]


def test_json_lines_may_differ_in_their_keys(tmp_path):
    lines = (
        '{"family": 1, "run": 1.0, "n_params": 1e8, "n_tokens": 1e9, "loss": 3, "seed": 9007199254740993}\n'
        "\n"
        '{"family": "1", "run": "b", "n_params": "1e9", "n_tokens": 2000000000, "loss": 2.5, "note": "x"}\n'
    )

    table = read_runs(write(tmp_path / "runs.jsonl", lines)).frame

    assert table[["family", "run"]].to_numpy().tolist() == [["1", "1"], ["1", "b"]]
    assert table["seed"].iloc[0] == "9007199254740993"
    assert table[["n_params", "n_tokens"]].to_numpy().tolist() == [[1e8, 1e9], [1e9, 2e9]]
    assert table["note"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    "dtype", ["int64", "Int64", "float32", "object", "category", "string", "double[pyarrow]"]
)
def test_frames_of_any_type_are_the_same_table(dtype):
    frame = three_rows()
    frame["n_params"] = frame["n_params"].astype("int64").astype(dtype)

    assert read_runs(frame) == RunTable.from_frame(three_rows())


@pytest.mark.parametrize("name", ["RUNS.CSV", "runs.v2.csv", "läufe 模型.csv", "runs.csv.gz"])
def test_the_suffix_decides_the_format(tmp_path, name):
    text = f"{HEADER}\n{ROWS}".encode()
    path = tmp_path / name
    path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)

    assert read_runs(path) == RunTable.from_frame(three_rows())


# --- what is refused --------------------------------------------------------------------------


def test_lines_are_counted_as_an_editor_shows_them(tmp_path):
    text = f'{HEADER},note\n\nbase,a,1e8,1e9,3.0,"one\r\ntwo\nthree"\n\nbase,b,1e9,1e9,zero,x\n'

    with pytest.raises(InputError, match=r"runs\.csv, line 7: loss"):
        read_runs(write(tmp_path / "runs.csv", text))


def test_many_bad_rows_are_listed_in_part_and_counted():
    frame = family_of_runs()
    frame.loc[3:, "loss"] = np.nan

    with pytest.raises(InputError, match="the table, index 3, 4, 5, 6, 7 and 32 more: loss"):
        read_runs(frame)


@pytest.mark.parametrize("source", [3, None, [three_rows()], {"family": ["a"]}, b"runs.csv"])
def test_a_source_that_is_neither_path_nor_frame_is_refused(source):
    with pytest.raises(InputError) as caught:
        read_runs(source)

    assert caught.value.code == "not_a_table"


@pytest.mark.parametrize("name", ["runs.csv", "runs.jsonl", "runs.parquet"])
def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch, name):
    path = write(tmp_path / name, "x")

    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="chmod") as caught:
        read_runs(path)

    assert caught.value.code == "not_permitted"


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "runs.csv")

    with pytest.raises(InputError, match="no regular file") as caught:
        read_runs(tmp_path / "runs.csv")

    assert caught.value.code == "not_a_file"


@pytest.mark.parametrize("path", ["\x00.csv", "x" * 5000 + ".csv", ""])
def test_impossible_paths_are_absent_files(path):
    with pytest.raises(InputError) as caught:
        read_runs(path)

    assert caught.value.code in ("file_absent", "not_a_file")


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ".jsonl"])
def test_a_file_with_more_rows_than_allowed_is_refused(tmp_path, suffix):
    path = tmp_path / f"runs{suffix}"
    runs = RunTable.from_frame(family_of_runs())
    {".parquet": runs.to_parquet, ".jsonl": runs.to_jsonl}.get(suffix, runs.to_csv)(path)

    assert read_runs(path, max_rows=40) == runs
    with pytest.raises(InputError, match="more than 39 rows") as caught:
        read_runs(path, max_rows=39)
    assert caught.value.code == "too_large"


def test_reading_stops_at_the_limit_so_that_a_packed_file_cannot_fill_the_memory(tmp_path):
    path = tmp_path / "runs.csv.gz"
    rows = b"".join(b"base,%d,7e7,2e9,3.1\n" % number for number in range(200_000))
    path.write_bytes(
        gzip.compress(HEADER.encode() + b"\n" + rows)[:-1000]
    )  # who reads to the end finds it damaged

    with pytest.raises(InputError) as caught:
        read_runs(path, max_rows=10_000)

    assert caught.value.code == "too_large"


def test_the_limit_in_bytes_grows_with_the_limit_in_rows():
    assert Limits("runs.csv").max_bytes == MAX_BYTES
    assert Limits("runs.csv", 10).max_bytes == MAX_BYTES
    assert Limits("runs.csv", 3 * MAX_ROWS).max_bytes == 3 * MAX_BYTES


def test_a_million_rows_are_judged_in_seconds():
    n_runs, n_checkpoints = 5000, 200
    run = np.repeat(np.arange(n_runs), n_checkpoints)
    frame = pd.DataFrame(
        {
            "family": pd.Series(run // 100).map("family {}".format),
            "run": pd.Series(run).map("run {}".format),
            "n_params": 1e7 * (1 + run % 100),
            "n_tokens": np.tile(np.arange(1, n_checkpoints + 1) * 1e8, n_runs),
            "loss": np.tile(np.linspace(5.0, 2.0, n_checkpoints), n_runs),
        }
    ).sample(frac=1.0, random_state=1)

    started = time.process_time()
    runs = RunTable.from_frame(frame)
    runs.check()

    assert (len(runs), runs.n_runs, len(runs.families)) == (1_000_000, 5000, 50)
    assert time.process_time() - started < 20.0  # seconds of work; about two on an idle core
