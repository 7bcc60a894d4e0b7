"""Sums of terms that are known by their logs."""

from __future__ import annotations

from typing import Any

from bayes_scaling.laws.base import Array


def log_one_plus(xp: Any, *logs: Array) -> Array:
    """Log of 1 + the sum of the exponentials, of any size.

    All terms at once: NumPy has vector code for ``exp`` and ``log``, and none for ``logaddexp``.
    """
    largest = xp.maximum(0.0 * logs[0], logs[0])
    for log in logs[1:]:
        largest = xp.maximum(largest, log)
    total = xp.exp(-largest)
    for log in logs:
        total = total + xp.exp(log - largest)
    return largest + xp.log(total)
