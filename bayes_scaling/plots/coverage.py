"""Reliability diagram: how often intervals held the truth against how often they promised to."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from types import MappingProxyType

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, PercentFormatter

from bayes_scaling.plots.labels import spread
from bayes_scaling.plots.style import HALF, Colour, new_axes, quiet_style

_NO_OTHERS: Mapping[str, pd.DataFrame] = MappingProxyType({})
_DASHES = ((0, (3, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)))


@quiet_style
def plot_coverage(
    coverage: pd.DataFrame,
    ax: Axes | None = None,
    *,
    label: str = "observed",
    others: Mapping[str, pd.DataFrame] = _NO_OTHERS,
) -> Axes:
    """Return axes with the observed coverage of intervals against their nominal coverage, both in per cent.

    Parameters
    ----------
    coverage : DataFrame
        One row per interval: ``nominal`` and ``observed`` shares (0 to 1); with columns ``band_low`` and
        ``band_high`` the shares that are compatible with what was observed are shaded.
    ax : Axes, optional
        Where to draw; default: a new square figure.
    label : str, default "observed"
        The forecast's name, used when there are others.
    others : mapping of str to DataFrame, optional
        Further methods by name, each a frame with ``nominal`` and ``observed``, drawn thin, grey and dashed.
    """
    ax = ax or new_axes(HALF, HALF)
    coverage = coverage.sort_values("nominal")
    _draw_band(ax, coverage)
    for (name, frame), dashes in zip(others.items(), cycle(_DASHES)):
        frame = frame.sort_values("nominal")
        ax.plot(frame["nominal"], frame["observed"], color=Colour.MUTED, lw=1.1, ls=dashes, label=name)
    (line,) = ax.plot(coverage["nominal"], coverage["observed"], "o-", color=Colour.OURS, lw=1.8, ms=4.5)
    line.set(label=label, clip_on=False)
    low = min([0.4, *(frame["observed"].min() - 0.04 for frame in [coverage, *others.values()])])
    _format_square(ax, max(0.0, low))
    _label_points(ax, coverage)
    if others:
        ax.legend(loc="upper left", fontsize=7.5, labelcolor="linecolor", handlelength=1.6, borderaxespad=0)
    return ax


def _draw_band(ax: Axes, coverage: pd.DataFrame) -> None:
    if {"band_low", "band_high"} <= set(coverage.columns):
        low, high = coverage["band_low"], coverage["band_high"]
        ax.fill_between(coverage["nominal"], low, high, color=Colour.OURS, alpha=0.16, lw=0)
    ax.axline((0, 0), slope=1, color=Colour.PRIOR, lw=1.0, ls=(0, (4, 3)))


def _label_points(ax: Axes, coverage: pd.DataFrame) -> None:
    """Write each observed share beside its point, moving the labels of close points apart."""
    low, high = ax.get_ylim()
    gap = 0.055 * (high - low)
    heights = spread(coverage["observed"] + gap, gap)
    for nominal, observed, height in zip(coverage["nominal"], coverage["observed"], heights, strict=True):
        ax.text(
            nominal - 0.4 * gap,
            height,
            f"{100 * observed:.0f} %",
            ha="right",
            va="center",
            color=Colour.OURS,
            fontweight="bold",
            fontsize=8,
        )


def _format_square(ax: Axes, low: float) -> None:
    ax.set(xlim=(low, 1.005), ylim=(low, 1.005), aspect="equal")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MultipleLocator(0.1 if low >= 0.3 else 0.2))
        axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set(xlabel="the interval promised", ylabel="the truth was inside")
