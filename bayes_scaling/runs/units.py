"""Unit conversion on request: counts from thousands to trillions, losses from perplexity or bits to nats."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.names import (
    FLOPS,
    LOSS,
    LOSS_SE,
    METRIC,
    METRIC_NATS,
    N_PARAMS,
    N_TOKENS,
    N_TOKENS_TOTAL,
    N_UNIQUE_TOKENS,
)
from bayes_scaling.runs.cells import to_labels, to_numbers
from bayes_scaling.runs.rows import RowNames, listed

MULTIPLIERS: Final = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
"""What one unit of a count stands for."""

SUFFIX: Final = "suffix"
"""Unit of a count whose every value carries its own letter, as in ``125M`` or ``1.3B``."""

COUNT_COLUMNS: Final = (N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, N_UNIQUE_TOKENS, FLOPS)
"""Columns whose unit may be one of the multipliers or ``suffix``."""

LOSS_UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "nats": ("nats", METRIC_NATS),
    "bits": ("bits", "bits_per_token", "bpt"),
    "perplexity": ("perplexity", "ppl"),
    "log2_perplexity": ("log2_perplexity", "log2_ppl"),
}
"""Units of ``loss`` that can become nats per token, each with the metric labels that mean the same."""

_NUMBER_WITH_SUFFIX = re.compile(
    r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([kmbt]?)\s*", re.ASCII | re.IGNORECASE
)


def convert_units(frame: pd.DataFrame, units: Mapping[str, str] | None, rows: RowNames) -> pd.DataFrame:
    """Frame whose named columns are in parameters, tokens or nats per token.

    Parameters
    ----------
    frame : DataFrame
        A table with this package's column names.
    units : mapping of str to str, optional
        The unit that a column is in now, e.g. ``{"n_params": "B", "loss": "perplexity"}``; other columns are
        left as they are.
    rows : RowNames
        For error messages.

    Returns
    -------
    DataFrame
        Where a loss was converted, ``loss_se`` went along and metric labels that only named the old unit now
        say ``nats_per_token``.

    Raises
    ------
    InputError
        With code ``"bad_units"`` when the mapping cannot be used, or a value cannot have that unit.
    """
    if units is None:
        return frame
    _require_units(units, frame, rows.source)
    changed: dict[str, pd.Series] = {}
    for column, unit in units.items():
        if column == LOSS:
            changed |= _converted_loss(frame, unit, rows)
        elif unit == SUFFIX:
            changed[column] = _suffixed(frame[column], rows)
        else:
            changed[column] = to_numbers(frame[column], rows) * MULTIPLIERS[unit]
    return frame.assign(**changed)


def _require_units(units: Mapping[str, str], frame: pd.DataFrame, source: str) -> None:
    if not isinstance(units, Mapping):
        raise _bad_units(f"units is {units!r}", "a mapping of column names to units")
    for column, unit in units.items():
        if column not in (*COUNT_COLUMNS, LOSS):
            raise _bad_units(
                f"units names the column {column!r}", f"one of {', '.join((*COUNT_COLUMNS, LOSS))}"
            )
        allowed = tuple(LOSS_UNITS) if column == LOSS else (*MULTIPLIERS, SUFFIX)
        if unit not in allowed:
            raise _bad_units(f"units gives {column} the unit {unit!r}", f"one of {', '.join(allowed)}")
        if column not in frame.columns:
            raise _bad_units(
                f"units names the column {column!r}, which {source} lacks", "a column of the table"
            )


def _bad_units(given: str, expected: str) -> InputError:
    advice = 'Write for instance units={"n_params": "B", "loss": "perplexity"} (--units n_params=B).'
    return InputError(given, expected, advice, code="bad_units")


# --- counts -----------------------------------------------------------------------------------


def _suffixed(values: pd.Series, rows: RowNames) -> pd.Series:
    text = to_labels(values, rows)
    numbers = text.map(_number_with_suffix, na_action="ignore").astype(float)
    is_bad = (numbers.isna() & text.notna()).to_numpy(dtype=bool)
    if is_bad.any():
        raise InputError(
            f"{rows.cite(is_bad)}: {values.name} holds {rows.examples(text, is_bad)}",
            "numbers with or without a letter, such as 125M or 1.3B",
            "Use the letters K, M, B and T for thousand to trillion.",
            code="bad_units",
        )
    return numbers


def _number_with_suffix(text: str) -> float:
    match = _NUMBER_WITH_SUFFIX.fullmatch(text)
    return float(match[1]) * MULTIPLIERS.get(match[2].upper(), 1.0) if match else math.nan


# --- losses -----------------------------------------------------------------------------------


def _converted_loss(frame: pd.DataFrame, unit: str, rows: RowNames) -> dict[str, pd.Series]:
    """The columns that change when `loss` goes from `unit` to nats per token."""
    loss = to_numbers(frame[LOSS], rows)
    if unit == "perplexity":
        _require_perplexities(loss, rows)
    to_nats, slope = _TO_NATS[unit]
    changed = {LOSS: to_nats(loss)}
    if LOSS_SE in frame:
        changed[LOSS_SE] = to_numbers(frame[LOSS_SE], rows) * slope(loss)  # delta method
    if METRIC in frame:
        metric = to_labels(frame[METRIC], rows)
        changed[METRIC] = metric.mask(metric.str.lower().isin(LOSS_UNITS[unit]), METRIC_NATS)
    return changed


_LN2 = math.log(2.0)
_TO_NATS: Mapping[str, tuple[Callable[[pd.Series], pd.Series], Callable[[pd.Series], pd.Series | float]]] = {
    "nats": (lambda loss: loss, lambda loss: 1.0),
    "bits": (lambda loss: loss * _LN2, lambda loss: _LN2),
    "perplexity": (np.log, lambda loss: 1.0 / loss),
    "log2_perplexity": (lambda loss: loss * _LN2, lambda loss: _LN2),
}


def _require_perplexities(loss: pd.Series, rows: RowNames) -> None:
    is_bad = (loss <= 1.0).to_numpy(dtype=bool)
    if is_bad.any():
        raise InputError(
            f"{rows.cite(is_bad)}: loss is {rows.examples(loss, is_bad)}",
            'perplexities above 1, as units={"loss": "perplexity"} says',
            "Correct the rows, or name the unit that the loss is really in: "
            + listed(list(LOSS_UNITS))
            + ".",
            code="bad_units",
        )
