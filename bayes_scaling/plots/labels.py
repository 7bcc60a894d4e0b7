"""Words and numbers on figures: counts read at a glance, names that fit, labels that do not collide."""

from __future__ import annotations

import unicodedata

import numpy as np
from numpy.typing import ArrayLike

_UNITS = ((1e15, "Q"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def count_label(count: float) -> str:
    """Return a count of parameters or tokens as people say it, to three digits: ``"1.3B"``, ``"1.4T"``."""
    rounded = float(f"{count:.3g}")
    for size, unit in _UNITS:
        if rounded >= size:
            return f"{rounded / size:.3g}{unit}"
    return f"{rounded:g}"


def cost_label(share: float) -> str:
    """Return a share of some cost as a percentage, with two digits where it is small: ``"25 %"``, ``"0.051 %"``."""
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def short_label(text: str, width: int = 34) -> str:
    """Return the text on one line, cut with an ellipsis when it takes more than `width` columns.

    Wide letters, as in Chinese, take two columns. Letters that cannot be printed become spaces: control
    characters would make a figure's file unreadable.
    """
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    columns = np.cumsum([2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text])
    if not text or columns[-1] <= width:
        return text
    return text[: int(np.searchsorted(columns, width - 1, side="right"))].rstrip() + "…"


def spread(positions: ArrayLike, gap: float, *, low: float = -np.inf) -> list[float]:
    """Return positions moved as little as needed to lie at least `gap` apart, in their original order.

    Parameters
    ----------
    positions : array_like of float
        Where the labels would like to be, in any unit.
    gap : float
        Smallest distance between neighbours, in the same unit.
    low : float, default minus infinity
        No label is placed below this.

    Returns
    -------
    list of float
        One position per label; crowded neighbours form a block around their common centre.
    """
    wanted = np.asarray(positions, dtype=float)
    order = np.argsort(wanted, kind="stable")
    blocks: list[tuple[float, int]] = []  # lowest label and number of labels of each block
    for position in wanted[order]:
        blocks.append((max(position, low), 1))
        while len(blocks) > 1 and blocks[-1][0] < blocks[-2][0] + gap * blocks[-2][1]:
            upper, lower = blocks.pop(), blocks.pop()
            blocks.append(_merge(lower, upper, gap, low))
    result = np.empty(len(order))
    result[order] = [start + gap * k for start, n in blocks for k in range(n)]
    return result.tolist()


def _merge(lower: tuple[float, int], upper: tuple[float, int], gap: float, low: float) -> tuple[float, int]:
    """Return one block of both blocks' labels whose centre is the mean of their places."""
    (first, n), (second, m) = lower, upper
    shift = m * (second - first - gap * n) / (n + m)  # negative: the upper block pushes the lower one down
    return max(first + shift, low), n + m
