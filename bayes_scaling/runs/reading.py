"""From a file or frame in the user's own words to a run table; every renaming and conversion is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.names import FAMILY, METRIC
from bayes_scaling.runs.cells import infer_carried, to_labels
from bayes_scaling.runs.columns import KNOWN_COLUMNS, map_columns, require_columns
from bayes_scaling.runs.files import MAX_ROWS, read_file
from bayes_scaling.runs.metrics import split_by_metric
from bayes_scaling.runs.rows import RawTable, RowNames
from bayes_scaling.runs.table import RunTable
from bayes_scaling.runs.units import convert_units


def read_runs(
    source: str | Path | pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    *,
    split_metrics: bool = False,
    max_rows: int = MAX_ROWS,
) -> RunTable:
    """Validated runs from a file or a frame: sizes in parameters, data in tokens, losses in nats per token.

    Parameters
    ----------
    source : path or DataFrame
        A ``.csv``, ``.csv.gz``, ``.parquet`` or ``.jsonl`` file with one row per evaluated checkpoint, or a
        frame of that shape.
    columns : mapping of str to str, optional
        Where the table uses other names: this package's name to the table's, e.g. ``{"n_params": "N"}``.
    units : mapping of str to str, optional
        Where the table uses other units, by this package's names: ``"K"``, ``"M"``, ``"B"``, ``"T"`` or
        ``"suffix"`` (each value has its letter) for counts; ``"bits"``, ``"perplexity"`` or
        ``"log2_perplexity"`` for ``loss``.
    split_metrics : bool, default False
        Whether a family whose rows name several metrics becomes a family for each, ``"mine (pile)"``: they share no
        law, but one population. Otherwise such a table is refused.
    max_rows : int, default 10,000,000
        A file with more rows is refused before it is read whole; the limit in bytes (2 GiB) grows along.

    Returns
    -------
    RunTable
        The runs; a loss in a unit that the column ``metric`` names is kept as it is.

    Raises
    ------
    InputError
        When the table cannot be used as given, naming the rows, what was expected and what to do.

    Examples
    --------
    >>> frame = pd.DataFrame({"family": "mine", "run": ["a", "b"], "N": ["70M", "1.3B"]})
    >>> frame = frame.assign(n_tokens=[2e9, 2e10], loss=[30.0, 12.0])
    >>> read_runs(frame, columns={"n_params": "N"}, units={"n_params": "suffix", "loss": "perplexity"})
    RunTable(1 family, 2 runs, 2 checkpoints; n_params 7e+07-1.3e+09, n_tokens 2e+09-2e+10)
    """
    raw = _raw_table(source, max_rows)
    frame = map_columns(raw.frame, columns, raw.rows)
    require_columns(list(frame.columns), raw.rows.source)
    if raw.all_text:
        further = [str(name) for name in frame.columns if name not in KNOWN_COLUMNS]
        frame = frame.assign(**{name: infer_carried(frame[name]) for name in further})
    converted = convert_units(frame, units, raw.rows)
    if split_metrics and METRIC in converted:
        labels = {name: to_labels(converted[name], raw.rows) for name in (FAMILY, METRIC)}
        converted = split_by_metric(converted.assign(**labels))
    return RunTable.from_frame(converted, rows=raw.rows)


def _raw_table(source: str | Path | pd.DataFrame, max_rows: int) -> RawTable:
    if isinstance(source, pd.DataFrame):
        return RawTable(source, RowNames.of_index(source))
    if isinstance(source, str | Path):
        return read_file(Path(source).expanduser(), max_rows)
    raise InputError(
        f"the source of the runs is a {type(source).__name__}",
        "a path or a DataFrame",
        "Give the path of a .csv, .csv.gz, .parquet or .jsonl file, or build a DataFrame.",
        code="not_a_table",
    )
