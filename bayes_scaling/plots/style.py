"""The look that every figure shares: one palette, one set of settings, axes without global state."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from bayes_scaling.plots.labels import count_label

WIDE: Final = 7.4
"""Width in inches of a figure that fills a report's column."""

HALF: Final = 3.6
"""Width in inches of a figure that shares a report's column with another one."""


class Colour(StrEnum):
    """The only colours that figures use, told apart by readers with any colour vision (after Okabe and Ito).

    Each value occurs once, so a report can exchange it for a variable of its own light or dark theme.
    """

    INK = "#1f2933"
    MUTED = "#66727f"
    GRID = "#e1e6eb"
    PAPER = "#fefefe"
    OURS = "#0b6fb8"
    MISS = "#cf4f0a"
    PRIOR = "#9aa5b1"
    SIZE_1 = "#8cc7a4"
    SIZE_2 = "#5fb3a3"
    SIZE_3 = "#3d9ba5"
    SIZE_4 = "#3381a3"
    SIZE_5 = "#36659a"
    SIZE_6 = "#3d4a8a"
    SIZE_7 = "#402f73"


SIZE_RAMP: Final = tuple(colour for colour in Colour if colour.name.startswith("SIZE_"))
"""Colours of model sizes, small to large."""

_SETTINGS: Final[dict[Any, Any]] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 9.0,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": 8.5,
    "axes.labelcolor": Colour.MUTED.value,
    "axes.edgecolor": Colour.GRID.value,
    "axes.facecolor": "none",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": Colour.GRID.value,
    "grid.linewidth": 0.6,
    "text.color": Colour.INK.value,
    "text.parse_math": False,  # a family may have a dollar sign in its name
    "xtick.color": Colour.GRID.value,
    "ytick.color": Colour.GRID.value,
    "xtick.labelcolor": Colour.MUTED.value,
    "ytick.labelcolor": Colour.MUTED.value,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "xtick.minor.visible": False,
    "ytick.minor.visible": False,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "lines.solid_capstyle": "butt",
    "legend.frameon": False,
}

quiet_style = matplotlib.rc_context(_SETTINGS)
"""Decorator: the function draws with the shared settings; the caller's settings are back when it returns."""


@quiet_style
def new_axes(width: float = WIDE, height: float = 3.2) -> Axes:
    """Return the axes of a new figure of the given size in inches, outside pyplot's list of open figures."""
    return Figure(figsize=(width, height), layout="constrained").subplots()


def size_colours(n_params: Iterable[float]) -> dict[float, Colour]:
    """Return one colour per model size, from the smallest to the largest on a log scale."""
    sizes = sorted(set(n_params))
    low, span = math.log(sizes[0]), math.log(sizes[-1] / sizes[0])
    steps = len(SIZE_RAMP) - 1
    places = {size: (math.log(size) - low) / span if span else 1.0 for size in sizes}
    return {size: SIZE_RAMP[round(place * steps)] for size, place in places.items()}


def format_large_numbers(axis: Axis) -> None:
    """Write the numbers of a log axis as ``1e+21``, and none between powers of ten."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def format_loss_axes(ax: Axes) -> None:
    """Put loss over a count on log scales, with numbers as people write them instead of powers of ten."""
    ax.set(xscale="log", yscale="log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count_label(value)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
