"""The training runs that a command is about: a file of the user's, or a data set by its name."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bayes_scaling.cli.printing import note
from bayes_scaling.datasets import PartialDataWarning, load_dataset, without_suspects
from bayes_scaling.errors import InputError
from bayes_scaling.runs import RunTable, parse_mapping, read_runs


@dataclass(frozen=True)
class RunsSource:
    """Where the runs come from, as the arguments say; nothing is read until :meth:`read`."""

    file: str | None
    dataset: str | None
    mirror: str | None
    columns: tuple[str, ...]
    units: tuple[str, ...]
    keep_suspect: bool
    split_metrics: bool

    @property
    def name(self) -> str:
        """What a report calls the runs: the file's name or the data set's."""
        return self.dataset or Path(self.file or "").name

    def read(self) -> RunTable:
        """The runs.

        Raises
        ------
        InputError
            When the arguments do not name one table, or the table cannot be used.
        DataUnavailableError
            When a data set is not on this machine and cannot be downloaded.
        """
        if (self.file is None) == (self.dataset is None):
            given = "no runs" if self.file is None else "both a file and --dataset"
            raise InputError(
                given,
                "a file of runs, or --dataset NAME",
                "Give one: bayes-scaling datasets list shows the names.",
                code="no_runs",
            )
        return self._read_file() if self.file is not None else self._load_dataset()

    def _read_file(self) -> RunTable:
        if self.mirror is not None or self.keep_suspect:
            raise InputError(
                "--mirror or --keep-suspect with a file",
                "them with --dataset only",
                "Leave them out: a file is read as it is.",
                code="no_dataset",
            )
        columns, units = parse_mapping(self.columns), parse_mapping(self.units, "--units")
        return read_runs(
            str(self.file), columns=columns or None, units=units or None, split_metrics=self.split_metrics
        )

    def _load_dataset(self) -> RunTable:
        if self.columns or self.units or self.split_metrics:
            raise InputError(
                "--map, --units or --split-metrics with --dataset",
                "a data set as it is",
                "Leave them out: its columns and units are known.",
                code="no_file",
            )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", PartialDataWarning)
            runs = load_dataset(str(self.dataset), self.mirror)
        for warning in caught:
            note(str(warning.message))
        return runs if self.keep_suspect else without_suspect_rows(runs)


def without_suspect_rows(runs: RunTable) -> RunTable:
    """The runs of a data set without the rows that it marks as suspect; a note says how many there were."""
    kept = without_suspects(runs)
    n_left_out = len(runs.frame) - len(kept.frame)
    if n_left_out:
        note(f"left out {n_left_out:,} of {len(runs.frame):,} rows that the data set marks as suspect")
    return kept


def takes_runs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: the command gets ``source``, a :class:`RunsSource` made of RUNS and the options about it."""

    @click.argument("file", metavar="[RUNS]", required=False)
    @click.option(
        "--dataset", metavar="NAME", help="A data set in place of RUNS; see `bayes-scaling datasets list`."
    )
    @click.option("--mirror", metavar="DIR", help="Folder with copies of the public data sets.")
    @click.option("--keep-suspect", is_flag=True, help="Keep the rows that the data set marks as suspect.")
    @click.option(
        "--map",
        "columns",
        metavar="NAME=COLUMN",
        multiple=True,
        help="What RUNS calls a column, e.g. n_params=N.",
    )
    @click.option(
        "--units",
        metavar="NAME=UNIT",
        multiple=True,
        help="The unit of a column: n_params=B, loss=perplexity.",
    )
    @click.option("--split-metrics", is_flag=True, help="Make each metric of a family a family of its own.")
    @functools.wraps(command)
    def with_source(*args: Any, **options: Any) -> Any:
        fields = {name: options.pop(name) for name in RunsSource.__dataclass_fields__}
        return command(*args, source=RunsSource(**fields), **options)

    return with_source
