"""Data sets as validated run tables, and what they have besides."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bayes_scaling.datasets.fetch import fetch_parts, local_folder
from bayes_scaling.datasets.info import KIND_RUNS, KIND_TABLE, DatasetInfo, DatasetPart
from bayes_scaling.datasets.local_files import cache_folder, missing_files
from bayes_scaling.datasets.readers import readers_of
from bayes_scaling.datasets.readers.suspects import SUSPECT, mark_suspects
from bayes_scaling.datasets.registry import get_dataset
from bayes_scaling.errors import InputError
from bayes_scaling.names import FLOPS, N_PARAMS, N_TOKENS
from bayes_scaling.runs import RunTable
from bayes_scaling.runs.compute import training_flops


class PartialDataWarning(UserWarning):
    """A mirror has some parts of a data set only; the message names the others."""


def load_dataset(name: str, mirror: str | Path | None = None, parts: Sequence[str] | None = None) -> RunTable:
    """Run table of a data set: losses in nats unless ``metric`` says otherwise, ``flops`` as 6 N D.

    Parameters
    ----------
    name : str
        One of :func:`list_datasets`.
    mirror : path, optional
        Folder with a copy of the public files; see :func:`fetch_dataset` for where else they are looked for.
    parts : sequence of str, optional
        Names of the parts to read; default: those that :func:`describe_parts` lists as default.

    Returns
    -------
    RunTable
        Validated rows. The column ``suspect`` is True where a row should not be trusted, for a reason in
        ``get_dataset(name).suspects``; :func:`without_suspects` leaves such rows out.

    Raises
    ------
    InputError
        When a name is unknown, the set has plain tables only, or a mirror's file is not the one the data set
        names.
    DataUnavailableError
        When files are missing and cannot be downloaded.

    Warns
    -----
    PartialDataWarning
        When no parts were named and the mirror lacks some; the others are returned.
    """
    info = get_dataset(name)
    _require_runs(info)
    chosen = tuple(info.part(part, KIND_RUNS) for part in parts) if parts else _parts_at_hand(info, mirror)
    folder = fetch_parts(info, chosen, mirror)
    readers = readers_of(info.reader)
    rows = pd.concat([readers[part.name](folder) for part in chosen], ignore_index=True)
    flops = training_flops(rows[N_PARAMS], rows[N_TOKENS])
    return RunTable.from_frame(mark_suspects(rows.assign(**{FLOPS: flops}), info.suspects))


def without_suspects(runs: RunTable) -> RunTable:
    """The runs of a data set without the rows that it marks as suspect."""
    is_suspect = runs.frame[SUSPECT].fillna(False).astype(bool)
    return runs.subset(~is_suspect) if is_suspect.any() else runs


def load_table(name: str, part: str, mirror: str | Path | None = None) -> pd.DataFrame:
    """Figures of a data set that are no training runs, as a plain table.

    Parameters
    ----------
    name : str
        One of :func:`list_datasets`.
    part : str
        A part of kind ``"table"`` in :func:`describe_parts`.
    mirror : path, optional
        As for :func:`load_dataset`.
    """
    info = get_dataset(name)
    chosen = info.part(part, KIND_TABLE)
    return readers_of(info.reader)[chosen.name](fetch_parts(info, [chosen], mirror))


def load_coefficients() -> pd.DataFrame:
    """Published scaling-law constants with their sources: one printed form a row; needs no download."""
    return load_table("published", "coefficients")


def load_learning_curves(mirror: str | Path | None = None) -> pd.DataFrame:
    """Points of 92 single learning curves, losses in units of their own.

    Columns ``domain, task, model, x, loss, is_training``. Image classification (72 curves), translation (5),
    language models (5) and BIG-bench (10), from the learning-curve benchmark of arXiv:2209.06640;
    ``is_training`` is False for the points to extrapolate to.
    """
    return load_table("colpret", "learning-curves", mirror)


def describe_parts(name: str, mirror: str | Path | None = None) -> pd.DataFrame:
    """What a data set consists of: one row a part, and one for each thing at its origin that is not read.

    Returns
    -------
    DataFrame
        ``part``; ``kind``: ``"runs"``, ``"table"`` or ``"not included"``; ``is_default``: read by
        :func:`load_dataset` when no parts are named; ``n_files``; ``is_found``: every file is in the mirror
        or the cache; ``summary``: how it is used, or why not.
    """
    info = get_dataset(name)
    folder = local_folder(info, mirror) or cache_folder(info)
    read = [
        (
            part.name,
            part.kind,
            part.is_default,
            len(info.files_of([part])),
            _has_part(info, part, folder),
            part.summary,
        )
        for part in info.parts
    ]
    unread = [(item.what, "not included", False, 0, False, item.reason) for item in info.not_included]
    columns = ["part", "kind", "is_default", "n_files", "is_found", "summary"]
    return pd.DataFrame(read + unread, columns=columns)


def _require_runs(info: DatasetInfo) -> None:
    if not info.has_runs:
        raise InputError(
            f"the data set {info.name!r} has no training runs",
            "a set with losses",
            f"Read one of its tables: load_table({info.name!r}, {info.parts[0].name!r}).",
            code="no_runs",
        )


def _has_part(info: DatasetInfo, part: DatasetPart, folder: Path) -> bool:
    return folder.is_dir() and not missing_files(folder, info.files_of([part]))


def _parts_at_hand(info: DatasetInfo, mirror: str | Path | None) -> tuple[DatasetPart, ...]:
    """Default parts; of a mirror that lacks some, those that it has."""
    wanted = info.default_parts()
    folder = local_folder(info, mirror)
    if folder is None:
        return wanted
    at_hand = tuple(part for part in wanted if _has_part(info, part, folder))
    lacking = [part.name for part in wanted if part not in at_hand]
    if lacking and at_hand:
        warnings.warn(
            f"{folder} lacks files of these parts of {info.name}, which are left out: {', '.join(lacking)}",
            PartialDataWarning,
            stacklevel=3,
        )
    return at_hand or wanted
