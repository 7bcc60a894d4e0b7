"""What goes into a file comes out of it: bit for bit, whatever the labels look like."""

from __future__ import annotations

import datetime
import gzip
import tempfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.errors import InputError
from bayes_scaling.runs import RunTable, read_runs
from tests.runs.example_tables import family_of_runs, three_rows

SUFFIXES = (".csv", ".csv.gz", ".parquet", ".jsonl")
TRAPS = (
    "01",
    "1e5",
    "NA",
    "null",
    "nan",
    "None",
    "True",
    "1.0",
    "-0",
    " padded ",
    "a,b",
    'say "x"',
    "модель 模型 🚀",
    "é",
    "é",
)

labels = st.sampled_from(TRAPS) | st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8
).filter(str.strip)
maybe_labels = st.none() | labels
notes = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
maybe_positive = st.just(np.nan) | st.floats(1e-300, 1e300)
any_float = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def run_tables(draw):
    """Frames of a few runs with labels of every kind, some optional columns and columns of the user's own."""
    frames = []
    for family, run in draw(st.lists(st.tuples(labels, labels), min_size=1, max_size=3, unique=True)):
        tokens = draw(st.lists(st.floats(1e3, 1e15), min_size=1, max_size=3, unique=True))
        n = len(tokens)
        frames.append(
            pd.DataFrame(
                {
                    "family": family,
                    "run": run,
                    "n_params": draw(st.floats(1e3, 1e15)),
                    "n_tokens": tokens,
                    "loss": draw(st.lists(st.floats(1e-3, 12.0), min_size=n, max_size=n)),
                    "seed": pd.Series([draw(maybe_labels)] * n, dtype=object),
                    "flops": draw(st.lists(maybe_positive, min_size=n, max_size=n)),
                    "step": np.array(
                        draw(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=n, max_size=n)),
                        dtype=np.int64,
                    ),
                    "lr_peak": draw(st.lists(any_float, min_size=n, max_size=n)),
                    "note": pd.Series(
                        ["§" + text for text in draw(st.lists(notes, min_size=n, max_size=n))], dtype=object
                    ),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def written_and_read(runs: RunTable, suffix: str) -> RunTable:
    writer = {
        ".csv": runs.to_csv,
        ".csv.gz": runs.to_csv,
        ".parquet": runs.to_parquet,
        ".jsonl": runs.to_jsonl,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"runs{suffix}")
        writer[suffix](path)
        return read_runs(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(frame=run_tables())
@settings(max_examples=25, deadline=None)
def test_every_file_format_gives_the_same_table_back(suffix, frame):
    runs = RunTable.from_frame(frame)

    back = written_and_read(runs, suffix)

    assert back == runs
    assert list(back.frame.columns) == list(runs.frame.columns)
    for column in ("n_params", "n_tokens", "loss", "n_tokens_total", "flops"):
        assert back.frame[column].to_numpy().tobytes() == runs.frame[column].to_numpy().tobytes()


@given(frame=run_tables())
@settings(max_examples=25, deadline=None)
def test_a_valid_frame_is_its_own_canonical_form(frame):
    runs = RunTable.from_frame(frame)

    again = RunTable.from_frame(runs.frame)

    pd.testing.assert_frame_equal(again.frame, runs.frame, check_exact=True)


@given(frame=run_tables(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_does_not_matter(frame, seed):
    shuffled = frame.sample(frac=1.0, random_state=seed)

    assert RunTable.from_frame(shuffled) == RunTable.from_frame(frame)


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        (pd.Categorical([1, None, 3]), [1.0, np.nan, 3.0]),
        (pd.array([1, None, 3], dtype="Int64"), [1.0, np.nan, 3.0]),
        (np.array([1, 2, 3], dtype="uint8"), [1, 2, 3]),
        (np.array([0, 1, 2**64 - 1], dtype="uint64"), [0.0, 1.0, 2.0**64]),
        ([Decimal("0.1"), Decimal(2), None], [0.1, 2.0, np.nan]),
        ([10**400, 1, 2], [str(10**400), "1", "2"]),
        (["9007199254740993", None, "1"], ["9007199254740993", np.nan, "1"]),
        ([True, None, False], ["True", np.nan, "False"]),
        ([1, "a", 2.5], ["1", "a", "2.5"]),
        (["", None, "a"], [np.nan, np.nan, "a"]),
        (["", "", None], [np.nan, np.nan, np.nan]),
        ([datetime.date(2024, 5, 6), None, "x"], ["2024-05-06", np.nan, "x"]),
        (["12345678901234567890", "1", "2"], ["12345678901234567890", "1", "2"]),
        (["1234567890123456789", None, "x1"], ["1234567890123456789", np.nan, "x1"]),
    ],
    ids=lambda values: str(values)[:40],
)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_further_columns_have_one_plain_type_whatever_they_were(suffix, values, stored):
    runs = RunTable.from_frame(three_rows(run=["a", "b", "c"], note=values))

    expected = pd.Series(stored, name="note")
    pd.testing.assert_series_equal(runs.frame["note"], expected, check_exact=True)
    pd.testing.assert_series_equal(
        written_and_read(runs, suffix).frame["note"], expected, check_exact=True, check_dtype=suffix != ".csv"
    )


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl"])
def test_parquet_and_json_lines_keep_the_type_of_any_further_column(suffix):
    frame = three_rows(
        whole=[1, 2, 3],
        floats=[1.0, 2.0, 3.0],
        gaps=[1.5, np.nan, -0.0],
        digits=["1", "2", "3"],
        codes=["01", "NA", ""],
        flags=[True, False, True],
        nothing=[None, None, None],
    )
    runs = RunTable.from_frame(frame)

    back = written_and_read(runs, suffix)

    pd.testing.assert_frame_equal(back.frame, runs.frame, check_exact=True)
    assert runs.frame.dtypes[["whole", "floats", "digits", "flags", "nothing"]].astype(str).to_dict() == {
        "whole": "int64",
        "floats": "float64",
        "digits": "str",
        "flags": "bool",
        "nothing": "float64",
    }


def test_csv_reads_a_further_column_as_numbers_only_where_every_cell_is_one():
    runs = RunTable.from_frame(
        three_rows(
            whole=[1, 2, 3],
            gaps=[1.5, np.nan, 2.0],
            digits=["1", "2", "3"],
            codes=["01", "2", ""],
            flags=[True, False, True],
        )
    )

    types = written_and_read(runs, ".csv").frame.dtypes[["whole", "gaps", "digits", "codes", "flags"]]

    assert types.astype(str).tolist() == ["int64", "float64", "int64", "str", "bool"]


def test_timestamps_survive_parquet_and_are_text_in_other_formats():
    times = pd.to_datetime(["2024-05-06T07:08:09.123456", None, "2025-01-01T00:00:00.000001"])
    runs = RunTable.from_frame(three_rows(at=times))

    pd.testing.assert_frame_equal(written_and_read(runs, ".parquet").frame, runs.frame)
    in_order = written_and_read(runs, ".jsonl").frame.set_index("run")["at"]
    assert in_order["small"] == "2024-05-06T07:08:09.123456"
    assert pd.isna(in_order["medium"])


def test_the_same_table_is_the_same_gzip_file_byte_for_byte(tmp_path):
    runs = RunTable.from_frame(three_rows())

    runs.to_csv(tmp_path / "first.csv.gz")
    runs.to_csv(tmp_path / "second.csv.gz")

    assert (tmp_path / "first.csv.gz").read_bytes() == (tmp_path / "second.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "first.csv.gz").read_bytes()).startswith(b'"family","run",')


@pytest.mark.parametrize(
    ("writer", "name", "code"),
    [
        ("to_csv", "runs.parquet", "unknown_format"),
        ("to_parquet", "runs.csv", "unknown_format"),
        ("to_jsonl", "runs", "unknown_format"),
        ("to_csv", "no/such/folder/runs.csv", "folder_absent"),
    ],
)
def test_a_file_that_could_not_be_read_again_is_not_written(tmp_path, writer, name, code):
    with pytest.raises(InputError) as caught:
        getattr(RunTable.from_frame(three_rows()), writer)(tmp_path / name)

    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "runs.jsonl"
    runs = RunTable.from_frame(three_rows())
    runs.to_jsonl(path)
    before = path.read_bytes()

    def full_disk(*arguments, **options):
        raise OSError("no space left on device")

    monkeypatch.setattr("json.JSONEncoder.encode", full_disk)
    with pytest.raises(OSError, match="no space"):
        RunTable.from_frame(family_of_runs()).to_jsonl(path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_replaces_an_older_one(tmp_path):
    path = tmp_path / "runs.parquet"
    RunTable.from_frame(three_rows()).to_parquet(path)
    newer = RunTable.from_frame(family_of_runs())

    newer.to_parquet(path)

    assert read_runs(path) == newer
