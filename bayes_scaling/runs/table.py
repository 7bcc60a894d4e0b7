"""The run table: one validated row per evaluated checkpoint of one training run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from bayes_scaling.errors import Findings, InputError
from bayes_scaling.names import FAMILY, METRIC, N_PARAMS, N_TOKENS
from bayes_scaling.runs import display, files
from bayes_scaling.runs.blocks import RunBlocks
from bayes_scaling.runs.checks import check_frame
from bayes_scaling.runs.rows import RowNames, listed
from bayes_scaling.runs.validation import validate_frame


@dataclass(frozen=True, eq=False, repr=False)
class RunTable:
    """Validated training runs, sorted by family, run and tokens; nothing in it can be changed.

    Make one with :func:`~bayes_scaling.runs.read_runs` or :meth:`from_frame`.
    """

    _valid: pd.DataFrame

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, rows: RowNames | None = None) -> RunTable:
        """Runs of a frame that uses this package's column names and units.

        Parameters
        ----------
        frame : DataFrame
            One row per evaluated checkpoint. It is copied.
        rows : RowNames, optional
            What its rows are called in error messages; default: by index label.

        Raises
        ------
        InputError
            For the first rule of ``docs/run-table.md`` that is broken.
        """
        return cls(validate_frame(frame, rows))

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a frame of its own: changing it leaves the table as it was.

        Columns are the required ones, then the optional ones present, then any others. ``n_tokens_total`` and
        ``metric`` are always there. The copy is lazy (pandas copies on write), so asking costs microseconds.
        """
        return self._valid.copy(deep=False)

    @property
    def families(self) -> tuple[str, ...]:
        """Family labels in sorted order."""
        return tuple(self._valid[FAMILY].unique())

    @property
    def n_runs(self) -> int:
        """Number of training runs, over all families."""
        return len(RunBlocks.of(self._valid).starts)

    @property
    def metrics(self) -> Mapping[str, str]:
        """What ``loss`` is in each family: family label to metric."""
        per_family = self._valid.drop_duplicates(FAMILY)
        return MappingProxyType(dict(zip(per_family[FAMILY], per_family[METRIC], strict=True)))

    @property
    def summary(self) -> pd.DataFrame:
        """One row per family: numbers of runs, checkpoints and sizes, ranges of size, tokens and loss."""
        return display.summarise(self._valid)

    def subset(self, mask: Sequence[bool] | np.ndarray | pd.Series) -> RunTable:
        """Runs of the rows where `mask` is true, possibly none; planned lengths stay those of the whole runs.

        Parameters
        ----------
        mask : sequence of bool
            One truth value per row of :attr:`frame`, in its order.

        Raises
        ------
        InputError
            With code ``"bad_mask"``.
        """
        chosen = np.asarray(mask)
        if chosen.shape != (len(self),) or (chosen.dtype != bool and len(self)):
            raise InputError(
                f"the mask has shape {chosen.shape} and type {chosen.dtype}",
                f"{len(self)} truth values, one for each row",
                "Build it from the table's own frame, e.g. runs.frame['n_tokens'] > 1e9.",
                code="bad_mask",
            )
        return RunTable(self._valid[chosen.astype(bool)].reset_index(drop=True))

    def select(self, families: str | Iterable[str]) -> RunTable:
        """Runs of one or several families.

        Raises
        ------
        InputError
            With code ``"unknown_family"`` when the table has no such family.
        """
        wanted = [families] if isinstance(families, str) else list(families)
        unknown = [family for family in wanted if family not in self.families]
        if unknown:
            raise InputError(
                f"the table has no family {listed([repr(family) for family in unknown])}",
                f"some of {listed(list(self.families))}",
                "See runs.families for the labels.",
                code="unknown_family",
            )
        return self.subset(self._valid[FAMILY].isin(wanted))

    def check(self) -> Findings:
        """Findings about what these runs can and cannot tell, see :func:`~bayes_scaling.runs.check_runs`."""
        return check_frame(self._valid)

    def to_csv(self, path: str | Path) -> None:
        """Write a ``.csv`` or ``.csv.gz`` file, whole or not at all."""
        files.write_file(self._valid, Path(path), files.CSV)

    def to_parquet(self, path: str | Path) -> None:
        """Write a ``.parquet`` file, whole or not at all."""
        files.write_file(self._valid, Path(path), files.PARQUET)

    def to_jsonl(self, path: str | Path) -> None:
        """Write a ``.jsonl`` file, whole or not at all."""
        files.write_file(self._valid, Path(path), files.JSONL)

    def __len__(self) -> int:
        return len(self._valid)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunTable):
            return NotImplemented
        return set(self._valid) == set(other._valid) and all(
            _same_values(self._valid[name], other._valid[name]) for name in self._valid
        )

    __hash__ = None  # type: ignore[assignment]  # compared by content, which is too large to hash

    def __repr__(self) -> str:
        return display.one_line(self._valid)

    def _repr_html_(self) -> str:
        return display.html(self._valid)


def _same_values(first: pd.Series, second: pd.Series) -> bool:
    """True when two columns hold equal values, missing ones at the same places; 1 and 1.0 are equal."""
    kinds = {first.dtype.kind, second.dtype.kind}
    if kinds <= {"i", "f"}:
        return np.array_equal(first.to_numpy(), second.to_numpy(), equal_nan=kinds == {"f"})
    return first.equals(second)


def check_runs(runs: RunTable) -> Findings:
    """Findings about what the runs can and cannot tell, for each family and for all, with figures and advice.

    Parameters
    ----------
    runs : RunTable
        A valid table; an empty one has no findings.

    Returns
    -------
    Findings
        The codes are listed in ``docs/run-table.md``. None is an error: a table that can be read can be used.
    """
    return runs.check()


def concat_runs(tables: Iterable[RunTable]) -> RunTable:
    """Runs of several tables in one; a column that only some have is missing in the others' rows.

    Raises
    ------
    InputError
        With code ``"empty_table"`` when there is no table, and the codes of :meth:`RunTable.from_frame`, e.g.
        when two tables hold the same checkpoint.
    """
    given = list(tables)
    filled = [table.frame for table in given if len(table)]
    if filled:
        joined = pd.concat(filled, ignore_index=True)
        return RunTable.from_frame(joined, rows=RowNames.of_index(joined, "the joined tables"))
    if given:
        return given[0]
    raise InputError(
        "there are no tables to join", "at least one", "Read some runs first.", code="empty_table"
    )


def require_spread(runs: RunTable, inputs: Sequence[str] = (N_PARAMS,)) -> None:
    """Pass when some family can show how the loss depends on what a law takes.

    Parameters
    ----------
    runs : RunTable
    inputs : sequence of str
        Inputs of the law. With ``n_params`` among them, some family needs two sizes; otherwise two different
        values of an input, or of what it follows from.

    Raises
    ------
    InputError
        With code ``"one_size"`` or ``"one_value"``.
    """
    frame = runs.frame
    wanted = [N_PARAMS] if N_PARAMS in inputs else [*inputs, N_PARAMS, N_TOKENS]
    present = [name for name in wanted if name in frame]
    n_values = frame.groupby(FAMILY, sort=False)[present].nunique()
    if (n_values >= 2).any(axis=None):
        return
    if N_PARAMS in inputs:
        sizes = listed([f"{size:.4g}" for size in np.unique(frame[N_PARAMS])])
        raise InputError(
            f"no family has more than one model size (n_params {sizes or 'none'})",
            "at least two sizes in some family, better five",
            "Add smaller runs of the same recipe, check that their family labels agree, or transfer to them from"
            " fitted families.",
            code="one_size",
        )
    raise InputError(
        f"no family has two values of {listed(list(inputs))}",
        "rows that differ in what the law takes",
        "Add rows, or check that the family labels of rows that belong together agree.",
        code="one_value",
    )
