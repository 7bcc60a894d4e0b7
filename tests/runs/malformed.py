"""Tables that must be refused: how each is made, the code of its error, and the words that say what to do.

The list is shared: reading one in Python raises ``InputError``, naming one on the command line exits with 2.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.runs.example_tables import three_rows


@dataclass(frozen=True)
class Malformed:
    """One table that must be refused.

    Attributes
    ----------
    name : str
        What is wrong with it.
    build : callable
        Makes the file in a folder and returns its path.
    code : str
        Code of the error.
    says : tuple of str
        Parts of the message: the rows, what was expected, what to do.
    columns, units : mapping
        What is passed on to ``read_runs`` (``--map`` and ``--units`` on the command line).
    """

    name: str
    build: Callable[[Path], Path]
    code: str
    says: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


def csv_with(**columns) -> Callable[[Path], Path]:
    """Builder of a CSV file with three rows, changed in some columns."""

    def build(folder: Path) -> Path:
        path = folder / "runs.csv"
        three_rows(**columns).to_csv(path, index=False)
        return path

    return build


def file_with(name: str, content: bytes) -> Callable[[Path], Path]:
    """Builder of a file with given bytes."""

    def build(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return build


HEADER = "family,run,n_params,n_tokens,loss\n"
ROW = "base,small,7e7,2e9,3.1\n"


def text(content: str, name: str = "runs.csv") -> Callable[[Path], Path]:
    """Builder of a text file in UTF-8."""
    return file_with(name, content.encode())


def renamed_columns(folder: Path) -> Path:
    path = folder / "runs.csv"
    three_rows().rename(columns={"n_params": "N", "n_tokens": "Tokens", "loss": "val_loss"}).to_csv(
        path, index=False
    )
    return path


def truncated_parquet(folder: Path) -> Path:
    path = folder / "runs.parquet"
    three_rows().to_parquet(path)
    path.write_bytes(path.read_bytes()[:-100])
    return path


def scrambled_parquet(folder: Path) -> Path:
    path = folder / "runs.parquet"
    three_rows().to_parquet(path)
    content = bytearray(path.read_bytes())
    content[4:-8] = bytes(len(content) - 12)
    path.write_bytes(bytes(content))
    return path


def long_parquet(folder: Path) -> Path:
    path = folder / "runs.parquet"
    pq.write_table(pa.table({"loss": pa.nulls(10_000_001, pa.float64())}), path)
    return path


def large_csv(folder: Path) -> Path:
    path = folder / "runs.csv"
    with path.open("wb") as stream:
        stream.truncate(3 * 1024**3)  # a hole: takes no room on the disk
    return path


def endless_line(folder: Path) -> Path:
    path = folder / "runs.csv"
    path.write_text(HEADER + "x" * 2_000_000)
    return path


def nested_parquet(folder: Path) -> Path:
    path = folder / "runs.parquet"
    three_rows(grads=[[1.0], [2.0], [3.0]]).to_parquet(path)
    return path


def empty_parquet(folder: Path) -> Path:
    path = folder / "runs.parquet"
    three_rows().head(0).to_parquet(path)
    return path


def twice_named_parquet(folder: Path) -> Path:
    path = folder / "runs.parquet"
    table = pa.Table.from_pandas(three_rows())
    pq.write_table(table.append_column("loss", pa.array([1.0, 2.0, 3.0])), path)
    return path


def absent(folder: Path) -> Path:
    return folder / "absent.csv"


def a_folder(folder: Path) -> Path:
    path = folder / "runs.csv"
    path.mkdir()
    return path


NAN, INF = np.nan, np.inf

MALFORMED = [
    # --- paths and formats
    Malformed("absent", absent, "file_absent", ("absent.csv", "does not exist", "Check the spelling")),
    Malformed("folder", a_folder, "not_a_file", ("is a folder", "Name a file in it")),
    Malformed("suffix", text(HEADER + ROW, "runs.txt"), "unknown_format", (".txt", ".parquet", "Rename")),
    Malformed("workbook", file_with("runs.xlsx", b"PK\x03\x04"), "unknown_format", (".xlsx", "export")),
    Malformed("empty file", text(""), "empty_file", ("runs.csv is empty", "export finished")),
    Malformed("blank file", text("\n  \n"), "empty_file", ("runs.csv is empty", "export finished")),
    Malformed("empty jsonl", text("", "runs.jsonl"), "empty_file", ("runs.jsonl is empty",)),
    Malformed("empty parquet file", file_with("runs.parquet", b""), "empty_file", ("export finished",)),
    Malformed("header only", text(HEADER), "empty_table", ("no rows", "export finished")),
    Malformed("parquet without rows", empty_parquet, "empty_table", ("no rows",)),
    Malformed("binary", file_with("runs.csv", bytes(range(256)) * 40), "binary_file", ("Export it as CSV",)),
    Malformed(
        "parquet called csv",
        file_with("runs.csv", b"PAR1\x15\x04"),
        "binary_file",
        ("by its first bytes Parquet",),
    ),
    Malformed("zip called csv", file_with("runs.csv", b"PK\x03\x04zip"), "binary_file", ("Excel",)),
    Malformed("utf-16", file_with("runs.csv", (HEADER + ROW).encode("utf-16")), "binary_file", ("UTF-16",)),
    Malformed(
        "latin-1",
        file_with("runs.csv", (HEADER + "café,a,1e8,1e9,3\n").encode("latin-1")),
        "not_utf8",
        ("0xe9", "Save the file as UTF-8"),
    ),
    Malformed(
        "prose", text("Dear all\nplease find the losses\n"), "not_a_table", ("Dear all", "CSV with commas")
    ),
    Malformed(
        "semicolons", text((HEADER + ROW).replace(",", ";")), "not_a_table", ("semicolons", "with commas")
    ),
    Malformed(
        "open quote",
        text(HEADER + '"base,small,7e7,2e9,3.1\n'),
        "not_a_table",
        ("line 2", "Check the quotes"),
    ),
    Malformed(
        "short row",
        text(HEADER + ROW + "base,medium,3e8\n"),
        "ragged_row",
        ("line 3", "3 cells", "5 cells", "cut off"),
    ),
    Malformed("long row", text(HEADER + ROW + "base,b,3e8,1e9,2,7,8\n"), "ragged_row", ("line 3", "7 cells")),
    Malformed(
        "broken json",
        text('{"family": "base", "run"\n', "runs.jsonl"),
        "not_a_table",
        ("line 1", "one JSON object"),
    ),
    Malformed("json array", text("[1, 2]\n", "runs.jsonl"), "not_a_table", ("line 1", "a list")),
    Malformed(
        "deep json", text("[" * 100_000 + "\n", "runs.jsonl"), "not_a_table", ("line 1", "nested too deeply")
    ),
    Malformed(
        "csv called parquet",
        text(HEADER + ROW, "runs.parquet"),
        "not_a_table",
        ("not a Parquet file", "suffix of its format"),
    ),
    Malformed("truncated parquet", truncated_parquet, "damaged_file", ("cut off", "again")),
    Malformed("scrambled parquet", scrambled_parquet, "damaged_file", ("damaged", "again")),
    Malformed(
        "truncated gzip",
        file_with("runs.csv.gz", gzip.compress((HEADER + ROW * 500).encode())[:-20]),
        "damaged_file",
        ("cannot be unpacked", "again"),
    ),
    Malformed("no gzip", text(HEADER + ROW, "runs.csv.gz"), "damaged_file", ("cannot be unpacked", "again")),
    Malformed("too many bytes", large_csv, "too_large", ("2 GiB", "max_rows")),
    Malformed("too many rows", long_parquet, "too_large", ("10,000,000 rows", "max_rows")),
    Malformed("endless line", endless_line, "too_large", ("a million characters",)),
    # --- columns
    Malformed(
        "missing column",
        csv_with(n_params=None),
        "missing_column",
        ("no column n_params", 'columns={"n_params": "N"}'),
    ),
    Malformed(
        "other names",
        renamed_columns,
        "missing_column",
        ('columns={"n_params": "N", "n_tokens": "Tokens", "loss": "val_loss"}', "--map n_params=N"),
    ),
    Malformed(
        "column twice",
        text("family,run,n_params,n_tokens,loss,loss\nbase,a,1e8,1e9,3,3\n"),
        "duplicate_columns",
        ("loss", "Rename or remove"),
    ),
    Malformed("parquet column twice", twice_named_parquet, "duplicate_columns", ("loss",)),
    Malformed(
        "nested values", nested_parquet, "nested_value", ("grads", "rows 1, 2 and 3", "drop the column")
    ),
    Malformed(
        "mapping to nothing", csv_with(), "bad_mapping", ("N", "right-hand side"), columns={"n_params": "N"}
    ),
    Malformed(
        "mapping misspelt",
        csv_with(),
        "bad_mapping",
        ("'n_parms'", "Did you mean 'n_params'?"),
        columns={"n_parms": "n_params"},
    ),
    Malformed(
        "unknown unit", csv_with(), "bad_units", ("'zillion'", "K, M, B, T"), units={"n_params": "zillion"}
    ),
    Malformed("unit of a label", csv_with(), "bad_units", ("'run'", "one of n_params"), units={"run": "B"}),
    Malformed(
        "perplexity below one",
        csv_with(loss=[3.0, 0.9, 2.0]),
        "bad_units",
        ("line 3", "perplexities above 1"),
        units={"loss": "perplexity"},
    ),
    Malformed(
        "suffix unknown",
        csv_with(n_params=["70M", "1.3X", "3B"]),
        "bad_units",
        ("line 3", "'1.3X'", "K, M, B and T"),
        units={"n_params": "suffix"},
    ),
    # --- values
    Malformed(
        "text for a number",
        csv_with(n_params=["70M", "1.3B", "3e9"]),
        "wrong_type",
        ("lines 2 and 3", "'70M', '1.3B'", 'units={"n_params": "suffix"}'),
    ),
    Malformed(
        "word for a number",
        csv_with(loss=[3.0, "diverged", 2.0]),
        "wrong_type",
        ("line 3", "'diverged'", "plain numbers"),
    ),
    Malformed(
        "truth for a number",
        text('{"family": "base", "run": "a", "n_params": true, "n_tokens": 1e9, "loss": 3}\n', "runs.jsonl"),
        "boolean",
        ("line 1", "n_params", "true/false"),
    ),
    Malformed(
        "list for a label",
        text('{"family": ["base"], "run": "a", "n_params": 1e8, "n_tokens": 1e9, "loss": 3}\n', "runs.jsonl"),
        "wrong_type",
        ("line 1", "family", "as text"),
    ),
    Malformed("not a number", csv_with(loss=[3.0, NAN, 2.0]), "nan", ("line 3", "loss", "remove the rows")),
    Malformed("infinite", csv_with(loss=[3.0, INF, 2.0]), "infinite", ("line 3", "loss", "Remove the rows")),
    Malformed(
        "too large a number", csv_with(n_params=[7e7, "1e999", 1e9]), "infinite", ("line 3", "n_params")
    ),
    Malformed("zero", csv_with(n_tokens=[0.0, 1e9, 2e9]), "zero", ("line 2", "n_tokens", "before training")),
    Malformed("negative", csv_with(loss=[3.0, 2.0, -2.0]), "negative", ("line 4", "-2", "logarithm")),
    Malformed(
        "negative optional",
        csv_with(learning_rate=[1e-3, -1e-3, 0.0]),
        "negative",
        ("line 3", "learning_rate"),
    ),
    Malformed(
        "no label",
        csv_with(family=["base", "", " "]),
        "missing_label",
        ("lines 3 and 4", "family", "Fill in"),
    ),
    Malformed(
        "line break in label",
        csv_with(run=["a", "b\nc", "d"]),
        "bad_text",
        ("line 3", "run", "control characters"),
    ),
    Malformed(
        "half a character",
        text(
            '{"family": "\\ud83d", "run": "a", "n_params": 1e8, "n_tokens": 1e9, "loss": 3}\n', "runs.jsonl"
        ),
        "bad_text",
        ("line 1", "not Unicode"),
    ),
    # --- rows that belong together
    Malformed(
        "checkpoint twice",
        csv_with(run=["a", "b", "b"], n_params=1e9, n_tokens=[1e9, 2e9, 2e9]),
        "duplicate_checkpoint",
        ("line 4", "different run labels"),
    ),
    Malformed(
        "unicode names twice",
        csv_with(family="模型 ё 🚀", run="löß", n_params=1e9, n_tokens=2e9),
        "duplicate_checkpoint",
        ("lines 3 and 4", "'löß'"),
    ),
    Malformed(
        "several sizes in a run",
        csv_with(run="a"),
        "several_sizes_in_run",
        ("lines 3 and 4", "a label of its own"),
    ),
    Malformed(
        "mixed metrics",
        csv_with(metric=["nats_per_token", "perplexity", None]),
        "mixed_metrics",
        ("'base'", "perplexity", "a family of its own"),
    ),
    Malformed(
        "billions",
        csv_with(n_params=[0.07, 0.3, 1.0]),
        "mixed_units",
        ("lines 2, 3 and 4", 'units={"n_params": "B"}'),
    ),
    Malformed(
        "billions of tokens", csv_with(n_tokens=[2.0, 6.0, 20.0]), "mixed_units", ('units={"n_tokens": "B"}',)
    ),
    Malformed(
        "billions among others",
        csv_with(n_params=[7e7, 0.3, 1e9], metric="bits"),
        "mixed_units",
        ("line 3", "0.3"),
    ),
    Malformed(
        "unit twice",
        csv_with(),
        "mixed_units",
        ("lines 2, 3 and 4", "multiplied twice"),
        units={"n_params": "B"},
    ),
    Malformed(
        "perplexity",
        csv_with(loss=[23.0, 14.9, 11.0]),
        "perplexity",
        ("lines 2 and 3", 'units={"loss": "perplexity"}'),
    ),
    Malformed(
        "beyond the end",
        csv_with(n_tokens_total=[2e9, 6e9, 1e10]),
        "beyond_total",
        ("line 4", "n_tokens_total"),
    ),
    Malformed(
        "several lengths",
        csv_with(run="a", n_params=1e9, n_tokens_total=[2e10, 2e10, 3e10]),
        "several_totals_in_run",
        ("n_tokens_total changes",),
    ),
]
"""Every way in which a table on disk is refused."""
