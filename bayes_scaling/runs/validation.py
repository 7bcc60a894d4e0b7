"""The rules that every run table obeys; the first one broken is reported, with its rows and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.names import (
    FAMILY,
    LOSS,
    METRIC,
    METRIC_NATS,
    N_PARAMS,
    N_TOKENS,
    N_TOKENS_TOTAL,
    POSITIVE_COLUMNS,
    REQUIRED_COLUMNS,
    RUN,
    TEXT_COLUMNS,
)
from bayes_scaling.runs.blocks import RunBlocks, repeats_previous, row_order
from bayes_scaling.runs.cells import NUMBER_COLUMNS, to_carried, to_labels, to_numbers
from bayes_scaling.runs.columns import KNOWN_COLUMNS, require_columns, with_tidy_names
from bayes_scaling.runs.metrics import metric_family
from bayes_scaling.runs.rows import RowNames, listed

UNIFORM_GUESS_NATS: Final = 12.0
"""Loss in nats per token of a uniform guess among 160,000 tokens: no finished language model does worse."""

PLAUSIBLE_COUNTS: Final = {N_PARAMS: (1e3, 1e16), N_TOKENS: (1e3, 1e19)}
"""Smallest and largest parameters and tokens that are taken at face value; outside, a unit was mistaken."""

_ROUNDING = 1e-9


def validate_frame(frame: pd.DataFrame, rows: RowNames | None = None) -> pd.DataFrame:
    """Frame in the form that every run table has, sorted by family, run and tokens, with defaults filled in.

    Parameters
    ----------
    frame : DataFrame
        One row per evaluated checkpoint, with this package's column names. It is not changed.
    rows : RowNames, optional
        What its rows are called in error messages; default: by index label.

    Returns
    -------
    DataFrame
        Known columns first and in a fixed order, numbers as 64-bit floats, labels as text, a plain index.

    Raises
    ------
    InputError
        For the first rule that is broken. The codes are listed in ``docs/run-table.md``.
    """
    rows = RowNames.of_index(frame) if rows is None else rows
    tidy = with_tidy_names(frame, rows)
    require_columns(list(tidy.columns), rows.source)
    if tidy.empty:
        raise InputError(
            f"{rows.source} has column names but no rows",
            "one row for each evaluated checkpoint",
            "Check that the export finished.",
            code="empty_table",
        )
    typed = _typed(tidy, rows)
    for check_values in _VALUE_RULES:
        check_values(typed, rows)
    order = row_order(typed)
    table, rows = typed.take(order).reset_index(drop=True), rows.reordered(order)
    for check_rows in _ROW_RULES:
        check_rows(table, rows)
    table[N_TOKENS_TOTAL] = _planned_tokens(table, rows)
    _check_loss_scale(table, rows)
    return table


def _typed(frame: pd.DataFrame, rows: RowNames) -> pd.DataFrame:
    """Columns in canonical order and type, the metric filled in; planned tokens may still be missing."""
    known = [name for name in KNOWN_COLUMNS if name in frame or name in (METRIC, N_TOKENS_TOTAL)]
    further = [name for name in frame.columns if name not in KNOWN_COLUMNS]
    defaults: dict[str, str | float] = {METRIC: METRIC_NATS, N_TOKENS_TOTAL: np.nan}
    given = frame.assign(**{name: value for name, value in defaults.items() if name not in frame})
    columns = {name: _typed_column(given[name], rows) for name in known + further}
    columns[METRIC] = columns[METRIC].fillna(METRIC_NATS)
    return pd.DataFrame(columns, index=frame.index)


def _typed_column(values: pd.Series, rows: RowNames) -> pd.Series:
    if values.name in NUMBER_COLUMNS:
        return to_numbers(values, rows)
    return to_labels(values, rows) if values.name in TEXT_COLUMNS else to_carried(values, rows)


# --- rules about single values ----------------------------------------------------------------


def _check_nothing_missing(frame: pd.DataFrame, rows: RowNames) -> None:
    for column in REQUIRED_COLUMNS:
        is_label = column in TEXT_COLUMNS
        blank = [label for label in frame[column].dropna().unique() if not label.strip()] if is_label else []
        is_missing = (frame[column].isna() | frame[column].isin(blank)).to_numpy(dtype=bool)
        if is_missing.any():
            raise InputError(
                f"{rows.cite(is_missing)}: {column} is {'empty' if is_label else 'missing or NaN'}",
                f"a {'label' if is_label else 'number'} in every row",
                "Fill in the value or remove the rows.",
                code="missing_label" if is_label else "nan",
            )


def _check_finite(frame: pd.DataFrame, rows: RowNames) -> None:
    for column in _numbers_of(frame):
        is_infinite = np.isinf(frame[column].to_numpy())
        if is_infinite.any():
            raise InputError(
                f"{rows.cite(is_infinite)}: {column} is infinite",
                "finite numbers",
                "Remove the rows of runs that diverged, or correct the values.",
                code="infinite",
            )


def _check_sign(frame: pd.DataFrame, rows: RowNames) -> None:
    for column in _numbers_of(frame):
        values = frame[column].to_numpy()
        is_negative, is_zero = values < 0.0, (values == 0.0) & (column in POSITIVE_COLUMNS)
        if is_negative.any():
            shown = rows.examples(frame[column], is_negative)
            raise InputError(
                f"{rows.cite(is_negative)}: {column} is negative ({shown})",
                "numbers above zero, not their logarithms",
                "Correct the rows; undo the logarithm if the column holds one.",
                code="negative",
            )
        if is_zero.any():
            raise InputError(
                f"{rows.cite(is_zero)}: {column} is zero",
                "numbers above zero",
                "Remove checkpoints taken before training, or correct the rows.",
                code="zero",
            )


def _numbers_of(frame: pd.DataFrame) -> list[str]:
    return [name for name in NUMBER_COLUMNS if name in frame]


_VALUE_RULES: Final[tuple[Callable[[pd.DataFrame, RowNames], None], ...]] = (
    _check_nothing_missing,
    _check_finite,
    _check_sign,
)


# --- rules about rows that belong together (the frame is sorted) ------------------------------


def _check_units(frame: pd.DataFrame, rows: RowNames) -> None:
    in_nats = frame[METRIC].eq(METRIC_NATS).to_numpy(dtype=bool)
    for column, (smallest, largest) in PLAUSIBLE_COUNTS.items():
        values = frame[column].to_numpy()
        is_odd = in_nats & ((values < smallest) | (values > largest))
        if is_odd.any():
            raise _unit_error(frame, column, is_odd, rows)
    largest_in_family = frame.groupby(FAMILY, sort=False)[N_PARAMS].transform("max").to_numpy()
    is_scaled = (frame[N_PARAMS].to_numpy() < 1e3) & (largest_in_family >= 1e6)
    if is_scaled.any():
        raise _unit_error(frame, N_PARAMS, is_scaled, rows)


def _unit_error(frame: pd.DataFrame, column: str, mask: np.ndarray, rows: RowNames) -> InputError:
    meaning = "parameters" if column == N_PARAMS else "tokens"
    return InputError(
        f"{rows.cite(mask)}: {column} is {rows.examples(frame[column], mask)}, which looks like millions"
        " or billions, or one multiplied twice",
        f"{meaning} in single {meaning}, in every row",
        f'Name the unit of the whole column once, as units={{"{column}": "B"}} (--units {column}=B), or'
        " correct the rows.",
        code="mixed_units",
    )


def _check_one_metric(frame: pd.DataFrame, rows: RowNames) -> None:
    changes = repeats_previous(frame, [FAMILY]) & ~repeats_previous(frame, [METRIC])
    if changes.any():
        family = frame.loc[changes, FAMILY].iloc[0]
        in_family = frame[FAMILY].eq(family)
        metrics = sorted(frame.loc[in_family, METRIC].unique())
        raise InputError(
            f"{rows.cite(changes & in_family.to_numpy(dtype=bool))}: family {family!r} mixes the metrics"
            f" {listed(metrics)}",
            "one metric in each family",
            f"Read it with split_metrics=True (--split-metrics): each metric then has a family of its own, such as"
            f" {metric_family(family, metrics[-1])!r}.",
            code="mixed_metrics",
        )


def _check_one_size_per_run(frame: pd.DataFrame, rows: RowNames) -> None:
    changes = repeats_previous(frame, [FAMILY, RUN]) & ~repeats_previous(frame, [N_PARAMS])
    if changes.any():
        raise InputError(
            f"{rows.cite(changes)}: n_params changes within run {rows.examples(frame[RUN], changes)}",
            "one n_params for each run of a family",
            "Give each training run a label of its own.",
            code="several_sizes_in_run",
        )


def _check_no_duplicates(frame: pd.DataFrame, rows: RowNames) -> None:
    repeats = repeats_previous(frame, [FAMILY, RUN, N_TOKENS])
    if repeats.any():
        raise InputError(
            f"{rows.cite(repeats)}: checkpoint already given (run {rows.examples(frame[RUN], repeats)})",
            "each family, run and n_tokens once",
            "Remove the repeats; give runs that differ in their seed different run labels.",
            code="duplicate_checkpoint",
        )


_ROW_RULES: Final[tuple[Callable[[pd.DataFrame, RowNames], None], ...]] = (
    _check_units,
    _check_one_metric,
    _check_one_size_per_run,
    _check_no_duplicates,
)


# --- the length of a run, and the loss it ends at ---------------------------------------------


def _planned_tokens(frame: pd.DataFrame, rows: RowNames) -> np.ndarray:
    """Planned length of each row's run in tokens: as given, else the run's last checkpoint."""
    blocks = RunBlocks.of(frame)
    given = frame[N_TOKENS_TOTAL].to_numpy()
    planned, last = blocks.largest(given), blocks.largest(frame[N_TOKENS].to_numpy())
    differs = blocks.spread(blocks.smallest(given) < planned)
    if differs.any():
        raise InputError(
            f"{rows.cite(differs)}: n_tokens_total changes within run {rows.examples(frame[RUN], differs)}",
            "one planned length for each run",
            "Give a run that was prolonged a label of its own.",
            code="several_totals_in_run",
        )
    is_beyond = frame[N_TOKENS].to_numpy() > blocks.spread(planned) * (1.0 + _ROUNDING)
    if is_beyond.any():
        raise InputError(
            f"{rows.cite(is_beyond)}: n_tokens is beyond n_tokens_total",
            "checkpoints within the planned length of their run",
            "Correct n_tokens_total, or check that both columns have the same unit.",
            code="beyond_total",
        )
    return blocks.spread(np.fmax(planned, last))


def _check_loss_scale(frame: pd.DataFrame, rows: RowNames) -> None:
    """Refuse a finished run that is worse than a uniform guess; early checkpoints may be."""
    is_finished = frame[N_TOKENS].to_numpy() >= 0.999 * frame[N_TOKENS_TOTAL].to_numpy()
    too_high = is_finished & frame[METRIC].eq(METRIC_NATS).to_numpy(dtype=bool)
    too_high &= frame[LOSS].to_numpy() > UNIFORM_GUESS_NATS
    if too_high.any():
        raise InputError(
            f"{rows.cite(too_high)}: the run's final loss is {rows.examples(frame[LOSS], too_high)}, which"
            " looks like a perplexity",
            f"nats per token (a uniform guess among 160,000 tokens has {UNIFORM_GUESS_NATS:g})",
            'Say units={"loss": "perplexity"} (--units loss=perplexity), or name the loss in a column metric;'
            " remove runs that diverged.",
            code="perplexity",
        )
