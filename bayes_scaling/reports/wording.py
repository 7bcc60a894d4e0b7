"""Numbers and lists as a reader expects them in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeGuard

from bayes_scaling.plots import count_label

UNKNOWN = "–"
"""What stands for a number that there is none of."""

_SPACE = "\u202f"  # narrow and unbreakable, between a number and its unit


def percent(share: float | None, digits: int = 0) -> str:
    """Return a share of one as a percentage: ``0.884`` is ``"88 %"``."""
    return f"{100 * share:.{digits}f}{_SPACE}%" if _is_known(share) else UNKNOWN


def percent_range(low: float, high: float) -> str:
    """Return two shares of one as a range of percentages: ``"80–95 %"``."""
    return f"{100 * low:.0f}–{percent(high)}"


def error_percent(share: float | None) -> str:
    """Return a relative error as a percentage with as many digits as small errors need."""
    if not _is_known(share):
        return UNKNOWN
    size = abs(100 * share)
    return percent(share, 0 if size >= 20 else 1 if size >= 0.1 else 2)


def signed_percent(share: float | None) -> str:
    """Return a relative error with its sign as a percentage: ``-0.012`` is ``"−1.2 %"``."""
    if not _is_known(share):
        return UNKNOWN
    sign = "−" if share < 0 else "+"
    return f"{sign}{error_percent(abs(share))}"


def number(value: float | None) -> str:
    """Return a number to three significant digits, without a needless exponent."""
    if not _is_known(value):
        return UNKNOWN
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def score_value(score: float | None) -> str:
    """Return a score that may be below zero to two decimals, with a true minus sign."""
    return f"{score:.2f}".replace("-", "−") if _is_known(score) else UNKNOWN


def loss_value(loss: float) -> str:
    """Return a loss to four significant digits, as papers print it."""
    return f"{loss:#.4g}"


def duration(seconds: float | None) -> str:
    """Return a time span as people say it: ``"38 s"``, ``"4 min 10 s"``, ``"1 h 5 min"``."""
    if not _is_known(seconds):
        return UNKNOWN
    if seconds < 1:
        return "under 1 s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left} min" if hours else f"{minutes} min {rest} s"


def plural(count: float, singular: str, many: str | None = None) -> str:
    """Return a count with its noun: ``"1 family"``, ``"15 families"``."""
    return f"{count:,.0f} {singular if count == 1 else many or singular + 's'}"


def listing(words: Sequence[str], most: int = 4) -> str:
    """Return words as a list in a sentence; beyond `most` of them, how many more there are."""
    *rest, last = [*words[:most], f"{len(words) - most} more"] if len(words) > most else words or [""]
    return f"{', '.join(rest)} and {last}" if rest else last


def size_range(low: float, high: float) -> str:
    """Return the span of counts from `low` to `high`: ``"70M–12B"``, or one count where both are the same."""
    first, last = count_label(low), count_label(high)
    return first if first == last else f"{first}–{last}"


def _is_known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)
