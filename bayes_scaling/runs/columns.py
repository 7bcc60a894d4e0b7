"""Column names: which ones a table must have, how others are mapped onto them, what an error suggests."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS, OPTIONAL_COLUMNS, REQUIRED_COLUMNS, RUN
from bayes_scaling.runs.rows import RowNames, listed

KNOWN_COLUMNS: Final = REQUIRED_COLUMNS + OPTIONAL_COLUMNS
"""Columns with a fixed meaning, in the order in which a table has them."""

USUAL_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    FAMILY: ("model_family", "suite", "series", "scaled_set", "group", "recipe"),
    RUN: ("run_id", "run_name", "model", "model_name", "name", "id", "experiment"),
    N_PARAMS: (
        "n",
        "params",
        "parameters",
        "num_params",
        "n_parameters",
        "param_count",
        "model_size",
        "size",
    ),
    N_TOKENS: ("d", "tokens", "num_tokens", "tokens_seen", "token_count", "train_tokens", "n_tok"),
    LOSS: (
        "l",
        "val_loss",
        "test_loss",
        "eval_loss",
        "train_loss",
        "ce",
        "cross_entropy",
        "nll",
        "ppl",
        "perplexity",
    ),
}
"""What other tables often call the required columns: used to suggest a mapping, never to apply one."""


def parse_mapping(items: Iterable[str], option: str = "--map") -> dict[str, str]:
    """Mapping from command-line items such as ``"n_params=N"``: this package's name to the table's name.

    Parameters
    ----------
    items : iterable of str
        ``OUR_NAME=VALUE`` items; the value may itself hold ``=``.
    option : str, default "--map"
        The command-line option they came from, for error messages.

    Raises
    ------
    InputError
        With code ``"bad_mapping"`` when an item has no ``=``, an empty side, or repeats a name.
    """
    mapping: dict[str, str] = {}
    for item in items:
        ours, equals, theirs = (part.strip() for part in item.partition("="))
        if not (ours and equals and theirs) or ours in mapping:
            problem = "repeats a name" if ours in mapping else "is no pair"
            raise InputError(
                f"{option} {item!r} {problem}",
                f"each name once, as {option} n_params=N",
                "Put this package's name left of '=' and the table's right of it.",
                code="bad_mapping",
            )
        mapping[ours] = theirs
    return mapping


def map_columns(frame: pd.DataFrame, columns: Mapping[str, str] | None, rows: RowNames) -> pd.DataFrame:
    """Frame whose mapped columns carry this package's names; a column in a mapped name's way is left out.

    Parameters
    ----------
    frame : DataFrame
        A table with its own column names.
    columns : mapping of str to str, optional
        This package's name to the table's name, e.g. ``{"n_params": "N"}``.
    rows : RowNames
        For error messages.

    Raises
    ------
    InputError
        With code ``"bad_mapping"`` or ``"duplicate_columns"``.
    """
    tidy = with_tidy_names(frame, rows)
    if columns is None:
        return tidy
    _require_mapping(columns)
    absent = [theirs for theirs in columns.values() if theirs not in tidy.columns]
    if absent:
        raise InputError(
            f"the mapping names columns that {rows.source} lacks ({listed(absent)})",
            f"some of its columns ({listed(list(tidy.columns), limit=12)})",
            "Correct the right-hand side of the mapping.",
            code="bad_mapping",
        )
    kept = tidy.drop(columns=[name for name in tidy.columns if name in columns or name in columns.values()])
    mapped = {ours: tidy[theirs] for ours, theirs in columns.items()}
    return kept.assign(**mapped)


def _require_mapping(columns: Mapping[str, str]) -> None:
    is_mapping = isinstance(columns, Mapping) and all(
        isinstance(text, str) and text for pair in columns.items() for text in pair
    )
    if not is_mapping:
        raise InputError(
            f"columns is {columns!r}",
            "a mapping of names to names",
            'Write columns={"n_params": "N"}: this package\'s name first, the table\'s second.',
            code="bad_mapping",
        )
    for ours in columns:
        similar = difflib.get_close_matches(ours, KNOWN_COLUMNS, n=1, cutoff=0.8)
        if ours not in KNOWN_COLUMNS and similar:
            raise InputError(
                f"the mapping gives {ours!r} a column",
                f"this package's names on the left ({', '.join(KNOWN_COLUMNS)})",
                f"Did you mean {similar[0]!r}?",
                code="bad_mapping",
            )


def with_tidy_names(frame: pd.DataFrame, rows: RowNames) -> pd.DataFrame:
    """Frame whose column names are text without outer blanks; nameless columns (a saved index) are left out.

    Raises
    ------
    InputError
        With code ``"not_a_table"`` for layered column names, ``"duplicate_columns"`` when a name repeats.
    """
    if frame.columns.nlevels > 1:
        raise InputError(
            f"{rows.source} has column names in {frame.columns.nlevels} layers",
            "one name for each column",
            "Flatten the column names first.",
            code="not_a_table",
        )
    names = [str(name).strip() for name in frame.columns]
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise InputError(
            f"{rows.source} has more than one column called {listed(repeated)}",
            "each column name once",
            "Rename or remove the repeated columns.",
            code="duplicate_columns",
        )
    tidy = frame.set_axis(names, axis="columns")
    return tidy.drop(columns="") if "" in names else tidy


def require_columns(available: Sequence[str], source: str) -> None:
    """Pass when every required column is there.

    Raises
    ------
    InputError
        With code ``"missing_column"``, naming the columns found and the mapping that might be meant.
    """
    missing = [name for name in REQUIRED_COLUMNS if name not in available]
    if not missing:
        return
    raise InputError(
        f"{source} has no column {listed(missing)} (it has {listed(list(available), limit=12) or 'none'})",
        f"the columns {', '.join(REQUIRED_COLUMNS)}",
        _mapping_advice(suggest_columns(missing, available)),
        code="missing_column",
    )


def suggest_columns(missing: Sequence[str], available: Sequence[str]) -> dict[str, str]:
    """Likely columns for missing names, for an error message: each available column at most once."""
    free = [name for name in available if name not in KNOWN_COLUMNS]
    found: dict[str, str] = {}
    for ours in missing:
        theirs = _most_similar(ours, free)
        if theirs is not None:
            found[ours] = theirs
            free.remove(theirs)
    return found


def _most_similar(ours: str, available: Sequence[str]) -> str | None:
    simple = {name.lower().replace("-", "_").replace(" ", "_"): name for name in reversed(available)}
    for usual in (ours, *USUAL_NAMES[ours]):
        if usual in simple:
            return simple[usual]
    close = difflib.get_close_matches(ours, list(simple), n=1, cutoff=0.75)
    return simple[close[0]] if close else None


def _mapping_advice(suggested: Mapping[str, str]) -> str:
    if not suggested:
        return 'Add it, or map another name onto it: columns={"n_params": "N"} (--map n_params=N).'
    in_python = ", ".join(f'"{ours}": "{theirs}"' for ours, theirs in suggested.items())
    on_command_line = " ".join(f"--map {_quoted(f'{ours}={theirs}')}" for ours, theirs in suggested.items())
    return f"If these are meant, say so: columns={{{in_python}}} ({on_command_line})."


def _quoted(argument: str) -> str:
    return f"'{argument}'" if " " in argument else argument
