"""Sharpness against calibration: how narrow each method's intervals are, and whether they hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, PercentFormatter

from bayes_scaling.plots.labels import short_label, spread
from bayes_scaling.plots.style import WIDE, Colour, new_axes, quiet_style

_LOG_FROM = 8.0  # a largest width so many times the smallest calls for a log axis


@quiet_style
def plot_sharpness(
    methods: pd.DataFrame,
    ax: Axes | None = None,
    *,
    ours: str | None = None,
    level: float = 0.9,
) -> Axes:
    """Return axes with one dot per method: how wide its intervals are, and how often the truth was inside.

    Best is a dot on the dashed line and far to the left; one below the line is narrow at the cost of truth.

    Parameters
    ----------
    methods : DataFrame
        Index: the methods' names; columns: the mean ``width`` of the interval (on log loss, so 0.02 is about
        2 % of the loss) and the share ``observed`` inside it (0 to 1); with columns ``band_low`` and
        ``band_high`` an upright bar shows the shares that are compatible with it.
    ax : Axes, optional
        Where to draw; default: a new wide figure.
    ours : str, optional
        The method to set apart by colour.
    level : float, default 0.9
        What the intervals promised.
    """
    ax = ax or new_axes(WIDE, 2.9)
    colours = [Colour.OURS if name == ours else Colour.MUTED for name in methods.index]
    ax.axhline(level, color=Colour.PRIOR, lw=1.0, ls=(0, (4, 3)))
    if {"band_low", "band_high"} <= set(methods.columns):
        ax.vlines(
            methods["width"], methods["band_low"], methods["band_high"], colors=colours, lw=4.2, alpha=0.25
        )
    ax.scatter(methods["width"], methods["observed"], s=42, c=colours, zorder=3, clip_on=False)
    _format_width(ax, methods["width"])
    _format_share(ax, methods, level)
    _name_dots(ax, methods, colours, ours)
    return ax


def _format_width(ax: Axes, widths: pd.Series) -> None:
    """Start at zero, or use a log axis where one method's intervals dwarf another's."""
    low, high = widths.min(), widths.max()
    if 0.0 < low * _LOG_FROM < high:
        ax.set_xscale("log")
        ax.set_xlim(low / 1.6, high * 2.5)
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.set_xlim(0.0, 1.3 * high or 1.0)
        ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda width, _: f"{100 * width:.3g} %"))


def _format_share(ax: Axes, methods: pd.DataFrame, level: float) -> None:
    lowest = np.nanmin(methods[[name for name in ("observed", "band_low") if name in methods]])
    ax.set_ylim(max(0.0, min(0.5, lowest - 0.06)), 1.04)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set(
        xlabel=f"mean width of the {100 * level:.0f} % interval, of log loss", ylabel="the truth was inside"
    )


def _name_dots(ax: Axes, methods: pd.DataFrame, colours: list[Colour], ours: str | None) -> None:
    """Write each name to the right of its dot, moving names apart where they meet and breaking the lines behind."""
    low, high = ax.get_ylim()
    heights = spread(methods["observed"], 0.075 * (high - low), low=low)
    for name, width, height, colour in zip(methods.index, methods["width"], heights, colours, strict=True):
        ax.annotate(
            short_label(str(name)),
            (width, height),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            zorder=2.5,
            bbox={"facecolor": Colour.PAPER, "edgecolor": "none", "pad": 1.0},
            color=colour,
            fontweight="bold" if name == ours else "normal",
        )
