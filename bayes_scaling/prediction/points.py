"""The points at which a prediction is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bayes_scaling.errors import InputError
from bayes_scaling.names import FAMILY, N_PARAMS, N_TOKENS, RUN


def make_points(
    points: pd.DataFrame | None,
    *,
    n_params: ArrayLike | None = None,
    n_tokens: ArrayLike | None = None,
    family: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """A frame of points from a frame, or from numbers and lists that are broadcast against each other.

    Returns
    -------
    DataFrame
        Columns ``family``, ``n_params``, ``n_tokens`` and those the user gave besides, index 0..n-1. ``run``,
        when given, says which points belong to the same new run.

    Raises
    ------
    InputError
        When something is missing, or is not a positive finite number.
    """
    if points is None:
        return _checked(_from_numbers(n_params, n_tokens, family))
    if n_params is not None or n_tokens is not None:
        raise InputError(
            "both a frame of points and n_params or n_tokens",
            "one of the two",
            "Drop one.",
            code="two_points",
        )
    if not isinstance(points, pd.DataFrame):
        raise InputError(
            f"points of type {type(points).__name__}",
            "a DataFrame with columns family, n_params and n_tokens",
            "Write predict(n_params=7e10, n_tokens=1.4e12, family='mine') for a single point, or give the"
            " `frame` of a run table.",
            code="bad_points",
        )
    given = points.reset_index(drop=True)
    return _checked(given if family is None else given.assign(**{FAMILY: _labels(family, len(given))}))


def _from_numbers(
    n_params: ArrayLike | None, n_tokens: ArrayLike | None, family: str | Sequence[str] | None
) -> pd.DataFrame:
    if n_params is None or n_tokens is None or family is None:
        raise InputError(
            "a prediction without n_params, n_tokens and family",
            "all three, or a DataFrame of points with these columns",
            "Name the family as in the fit; any other label is a new family.",
            code="missing_point",
        )
    given = [np.asarray(n_params), np.asarray(n_tokens), np.asarray(family, dtype=object)]
    try:
        size, tokens, labels = np.broadcast_arrays(*(np.atleast_1d(values) for values in given))
    except ValueError:
        raise _does_not_fit(*(str(values.size) for values in given)) from None
    if size.ndim > 1:
        raise _does_not_fit(*(str(values.shape) for values in given))
    return pd.DataFrame({FAMILY: labels, N_PARAMS: size, N_TOKENS: tokens})


def _labels(family: str | Sequence[str], n_points: int) -> list[str]:
    if isinstance(family, str):
        return [family] * n_points
    if len(family) != n_points:
        raise _does_not_fit(str(n_points), str(n_points), str(len(family)))
    return list(family)


def _does_not_fit(n_params: str, n_tokens: str, family: str) -> InputError:
    return InputError(
        f"{n_params} values of n_params, {n_tokens} of n_tokens and {family} of family",
        "one value each, or lists of one length",
        "Write a grid out as a DataFrame of points.",
        code="bad_points",
    )


def _checked(points: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in (FAMILY, N_PARAMS, N_TOKENS) if name not in points]
    if missing:
        raise InputError(
            f"points without column(s) {', '.join(missing)}",
            "family, n_params and n_tokens",
            "Add them.",
            code="missing_column",
        )
    if points.empty:
        raise InputError("no points", "at least one", "Give a point to predict.", code="no_points")
    numbers = {name: _positive(points[name]) for name in (N_PARAMS, N_TOKENS)}
    labels = {name: _named(points[name]) for name in (FAMILY, RUN) if name in points}
    return points.assign(**numbers, **labels)


def _positive(column: pd.Series) -> pd.Series:
    values = pd.to_numeric(column, errors="coerce").astype(float)
    bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if len(bad):
        raise InputError(
            f"{column.name} = {_shown(column.iloc[bad[0]])} at point {bad[0]} ({len(bad)} such points)",
            "positive finite numbers",
            "Correct these points.",
            code="bad_point",
        )
    return values


def _shown(value: Any) -> str:
    """A value as the user wrote it, not as the array that holds it does."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def _named(column: pd.Series) -> pd.Series:
    nameless = np.flatnonzero(column.isna())
    if len(nameless):
        raise InputError(
            f"no {column.name} at point {nameless[0]} ({len(nameless)} such points)",
            "a label for each point",
            "Name it; any label that was not fitted is a new one.",
            code="bad_point",
        )
    return column.astype(str)
