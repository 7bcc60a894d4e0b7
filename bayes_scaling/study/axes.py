"""The axes of a grid: what each may hold, and what it holds when a spec is silent about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bayes_scaling.errors import InputError
from bayes_scaling.inference import METHODS
from bayes_scaling.laws import CHINCHILLA, list_laws
from bayes_scaling.study.cell import (
    ALL,
    EVERY_ROW,
    FINAL,
    NEAREST,
    POOLING_NONE,
    POOLING_POPULATION,
    POOLINGS,
    SMALLEST,
)
from bayes_scaling.study.methods import POINT_METHODS


@dataclass(frozen=True)
class Axis:
    """One axis of the grid.

    Attributes
    ----------
    default : tuple
        Values when the spec leaves the axis out.
    accepts : callable
        Whether a value can stand on it.
    expected : str
        What can, in words.
    """

    default: tuple[Any, ...]
    accepts: Callable[[Any], bool]
    expected: str


def _is_whole(value: Any, lowest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= lowest


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _one_of(words: Sequence[str], default: Sequence[str]) -> Axis:
    return Axis(tuple(default), lambda value: value in words, f"some of {', '.join(words)}")


AXES: Mapping[str, Axis] = MappingProxyType(
    {
        "families": Axis(("*",), lambda value: isinstance(value, str) and bool(value), "labels or patterns"),
        "n_sizes": Axis((2, 3, 4, 5, 6, 8), lambda value: _is_whole(value, 0), "whole numbers from 0"),
        "train_share": Axis(
            (1.0,),
            lambda value: _is_number(value) and (0.0 < value <= 1.0 or value == EVERY_ROW),
            "shares above 0, up to 1, or inf",
        ),
        "drop_tokens": Axis(
            (0.0,), lambda value: _is_number(value) and 0.0 <= value < float("inf"), "token counts from 0"
        ),
        "checkpoints": _one_of((ALL, FINAL), (ALL,)),
        "window": Axis(
            (SMALLEST,),
            lambda value: value in (SMALLEST, NEAREST) or _is_whole(value, 1),
            "some of smallest, nearest, or whole numbers from 1",
        ),
        "n_seeds": Axis(
            (ALL,), lambda value: value == ALL or _is_whole(value, 1), "all, or whole numbers from 1"
        ),
        "target_share": Axis(
            (0.0,), lambda value: _is_number(value) and 0.0 <= value < 1.0, "shares from 0, below 1"
        ),
        "test_from": Axis(
            (0.7,), lambda value: _is_number(value) and 0.0 < value <= 1.0, "shares above 0, up to 1"
        ),
        "law": _one_of(list_laws(), (CHINCHILLA.name,)),
        "pooling": _one_of(POOLINGS, (POOLING_NONE, POOLING_POPULATION)),
        "method": _one_of((*METHODS, *POINT_METHODS), ("laplace",)),
        "seed": Axis((0,), lambda value: _is_whole(value, 0), "whole numbers from 0"),
    }
)
"""Every axis by its name in ``[grid]``."""

FLOAT_AXES = ("train_share", "drop_tokens", "target_share", "test_from")


def read_axes(given: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """The values on every axis, each once, in the order given; defaults where nothing is given.

    Raises
    ------
    InputError
        With code ``"bad_grid"`` when an axis is unknown, empty, no list, or holds what it cannot.
    """
    unknown = sorted(set(given) - set(AXES))
    if unknown:
        raise InputError(
            f"[grid] with {', '.join(unknown)}",
            f"axes among {', '.join(AXES)}",
            "Check the spelling.",
            code="bad_grid",
        )
    return {name: _values(name, axis, given) for name, axis in AXES.items()}


def _values(name: str, axis: Axis, given: Mapping[str, Any]) -> tuple[Any, ...]:
    if name not in given:
        return axis.default
    values = given[name]
    if not isinstance(values, list) or not values:
        raise _refused(name, values, f"a list of {axis.expected}")
    bad = [value for value in values if not axis.accepts(value)]
    if bad:
        raise _refused(name, bad[0], axis.expected)
    return tuple(dict.fromkeys(float(value) if name in FLOAT_AXES else value for value in values))


def _refused(name: str, value: Any, expected: str) -> InputError:
    return InputError(f"[grid] {name} = {value!r}", expected, f"Correct {name} in the spec.", code="bad_grid")
