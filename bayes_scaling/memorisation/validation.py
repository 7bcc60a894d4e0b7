"""The rules that every memorisation panel obeys; the first one broken is reported, with its rows and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation.columns import (
    CHECKPOINT,
    INSTANCE,
    KNOWN,
    MODEL,
    N_PARAMS,
    OUTCOME,
    REQUIRED,
    THE_MODEL,
    TREATMENT_STEP,
)
from bayes_scaling.runs.blocks import repeats_previous
from bayes_scaling.runs.cells import to_labels, to_numbers
from bayes_scaling.runs.rows import RowNames, listed

_LABELS: Final = (MODEL, INSTANCE)
_ROW_KEY: Final = [MODEL, INSTANCE, CHECKPOINT]


def validate_panel(frame: pd.DataFrame, rows: RowNames | None = None) -> pd.DataFrame:
    """Frame in the form that every panel has: sorted by model, instance and checkpoint, typed, balanced.

    Parameters
    ----------
    frame : DataFrame
        One row per instance and checkpoint, with the columns of :mod:`~bayes_scaling.memorisation.columns`.
        It is not changed; columns of other names are left out.
    rows : RowNames, optional
        What its rows are called in error messages; default: by index label.

    Returns
    -------
    DataFrame
        Columns ``model``, ``n_params`` (NaN where not given), ``instance``, ``checkpoint``,
        ``treatment_step`` (NaN for never trained on) and ``outcome``.

    Raises
    ------
    InputError
        For the first rule that is broken; the codes are listed in ``docs/memorisation.md``.
    """
    rows = RowNames.of_index(frame) if rows is None else rows
    _require_columns(frame, rows)
    typed = _typed(frame, rows)
    for check in _VALUE_RULES:
        check(typed, rows)
    # labels as sorted codes: comparing text row by row would take most of the time
    keys = [pd.factorize(typed[name], sort=True)[0] for name in (CHECKPOINT, INSTANCE, MODEL)]
    order = np.lexsort(keys)
    table, rows = typed.take(order).reset_index(drop=True), rows.reordered(order)
    for check in _PANEL_RULES:
        check(table, rows)
    return table


def _require_columns(frame: pd.DataFrame, rows: RowNames) -> None:
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise InputError(
            f"{rows.source} has no column {listed(missing)} (it has {listed(list(frame.columns), limit=12)})",
            f"the columns {', '.join(REQUIRED)}",
            'Add it, or map another name onto it: columns={"treatment_step": "step"}.',
            code="missing_column",
        )
    if frame.empty:
        raise InputError(
            f"{rows.source} has column names but no rows",
            "one row for each instance and checkpoint",
            "Check that the export finished.",
            code="empty_table",
        )


def _typed(frame: pd.DataFrame, rows: RowNames) -> pd.DataFrame:
    defaults: dict[str, str | float] = {MODEL: THE_MODEL, N_PARAMS: np.nan}
    given = frame.assign(**{name: value for name, value in defaults.items() if name not in frame})
    columns = {
        name: to_labels(given[name], rows) if name in _LABELS else to_numbers(given[name], rows)
        for name in KNOWN
    }
    # an instance that is trained on at infinity is never trained on: the paper's own notation
    columns[TREATMENT_STEP] = columns[TREATMENT_STEP].mask(columns[TREATMENT_STEP].eq(np.inf))
    return pd.DataFrame(columns, index=frame.index)


# --- rules about single values ----------------------------------------------------------------


def _check_given(frame: pd.DataFrame, rows: RowNames) -> None:
    for column in (MODEL, INSTANCE, CHECKPOINT, OUTCOME):
        missing = frame[column].isna().to_numpy(dtype=bool)
        if missing.any():
            raise InputError(
                f"{rows.cite(missing)}: {column} is missing or NaN",
                "a value in every row (only treatment_step may be empty, for instances never trained on)",
                "Fill in the value, or remove the instance at every checkpoint.",
                code="nan",
            )


def _check_finite(frame: pd.DataFrame, rows: RowNames) -> None:
    for column in (N_PARAMS, CHECKPOINT, TREATMENT_STEP, OUTCOME):
        infinite = np.isinf(frame[column].to_numpy())
        if infinite.any():
            raise InputError(
                f"{rows.cite(infinite)}: {column} is infinite",
                "finite numbers",
                "Remove the instance at every checkpoint, or take an outcome that stays finite, such as a log"
                " likelihood.",
                code="infinite",
            )


def _check_sign(frame: pd.DataFrame, rows: RowNames) -> None:
    for column, is_bad in (
        (CHECKPOINT, frame[CHECKPOINT] < 0),
        (TREATMENT_STEP, frame[TREATMENT_STEP] < 0),
        (N_PARAMS, frame[N_PARAMS] <= 0),
    ):
        mask = is_bad.to_numpy(dtype=bool)
        if mask.any():
            raise InputError(
                f"{rows.cite(mask)}: {column} is {rows.examples(frame[column], mask)}",
                "steps counted from zero, and a number of parameters above zero",
                "Correct the rows; leave treatment_step empty for an instance never trained on.",
                code="negative",
            )


_VALUE_RULES: Final[tuple[Callable[[pd.DataFrame, RowNames], None], ...]] = (
    _check_given,
    _check_finite,
    _check_sign,
)


# --- rules about rows that belong together (the frame is sorted) ------------------------------


def _check_no_duplicates(frame: pd.DataFrame, rows: RowNames) -> None:
    repeats = frame.duplicated(_ROW_KEY).to_numpy()
    if repeats.any():
        raise InputError(
            f"{rows.cite(repeats)}: outcome already given (instance {rows.examples(frame[INSTANCE], repeats)})",
            "each model, instance and checkpoint once",
            "Remove the repeats; name the models in a column model if there are several.",
            code="duplicate_row",
        )


def _check_balanced(frame: pd.DataFrame, rows: RowNames) -> None:
    n_instances = frame.groupby(MODEL)[INSTANCE].nunique()
    for model, group in frame.groupby(MODEL, sort=False):
        n_seen = group.groupby(CHECKPOINT)[INSTANCE].size()
        short = n_seen[n_seen < n_instances[model]]
        if len(short):
            raise InputError(
                f"{rows.source}: of {n_instances[model]} instances of model {model!r} only"
                f" {short.iloc[0]} have an outcome at checkpoint {short.index[0]:g}",
                "every instance at every checkpoint of its model",
                "Remove the instances or the checkpoints with gaps.",
                code="unbalanced_panel",
            )
        if len(n_seen) < 2:
            raise InputError(
                f"{rows.source}: model {model!r} has one checkpoint",
                "at least two checkpoints",
                "Evaluate the instances at more checkpoints.",
                code="too_few_checkpoints",
            )


def _check_constant(frame: pd.DataFrame, rows: RowNames) -> None:
    for column, key in ((TREATMENT_STEP, [MODEL, INSTANCE]), (N_PARAMS, [MODEL])):
        values = frame[column].fillna(-1.0)
        changes = repeats_previous(frame, key) & values.ne(values.shift()).to_numpy(dtype=bool)
        if changes.any():
            raise InputError(
                f"{rows.cite(changes)}: {column} changes within {' and '.join(key)}"
                f" {rows.examples(frame[key[-1]], changes)}",
                f"one {column} for each {' and '.join(key)}",
                "Give the step at which the instance was first trained on, in every row of it."
                if column == TREATMENT_STEP
                else "Give models of different size different labels.",
                code="changes_within",
            )


def _check_groups(frame: pd.DataFrame, rows: RowNames) -> None:
    for model, group in frame.groupby(MODEL, sort=False):
        treatment = group.groupby(INSTANCE, sort=False)[TREATMENT_STEP].first()
        n_never = int(treatment.isna().sum())
        if n_never < 2 or n_never == len(treatment):
            raise InputError(
                f"{rows.source}: model {model!r} has {n_never} instances never trained on among"
                f" {len(treatment)}",
                "at least two instances never trained on (empty treatment_step), and some that were",
                "Add held-out instances, such as validation sequences, evaluated at the same checkpoints.",
                code="no_comparison",
            )
        late = (group[TREATMENT_STEP] > group[CHECKPOINT].max()).reindex(frame.index, fill_value=False)
        if late.any():
            raise InputError(
                f"{rows.cite(late.to_numpy(dtype=bool))}: trained on after the last checkpoint of model {model!r}",
                "treatment steps up to the last checkpoint",
                "Remove these instances, or leave their treatment_step empty: up to the last checkpoint they were"
                " never trained on.",
                code="treated_after_last",
            )


_PANEL_RULES: Final[tuple[Callable[[pd.DataFrame, RowNames], None], ...]] = (
    _check_no_duplicates,
    _check_balanced,
    _check_constant,
    _check_groups,
)
