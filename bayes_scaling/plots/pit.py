"""PIT histogram: where in its forecast distribution each truth fell."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from bayes_scaling.plots.style import HALF, Colour, new_axes, quiet_style


@quiet_style
def plot_pit(histogram: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Return axes with the shares of truths that fell into each slice of their forecast distribution.

    A flat histogram is calibrated; a heap at both ends means that forecasts are too narrow, a hump in the
    middle that they are too wide, and a heap at one end that they are off to the other side.

    Parameters
    ----------
    histogram : DataFrame
        One row per slice: its edges ``left`` and ``right`` (0 to 1) and the ``observed`` share of truths in
        it; with columns ``band_low`` and ``band_high`` the band of a calibrated forecast is shaded, and
        slices outside it are drawn in the warning colour.
    ax : Axes, optional
        Where to draw; default: a new square figure.
    """
    ax = ax or new_axes(HALF, HALF)
    width = histogram["right"] - histogram["left"]
    _draw_band(ax, histogram)
    ax.bar(
        histogram["left"] + 0.08 * width,
        histogram["observed"],
        0.84 * width,
        align="edge",
        color=_colours(histogram),
        alpha=0.85,
    )
    ax.axhline(width.iloc[0], color=Colour.INK, lw=0.9, ls=(0, (4, 3)))
    ax.set(
        xlim=(0, 1),
        ylim=(0, 1.06 * ax.dataLim.ymax),
        xlabel="place of the truth in its forecast (PIT)",
        ylabel="share of held-out points",
    )
    ax.set_xticks([0, 0.5, 1], labels=["below all", "median", "above all"])
    first, _, last = ax.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.grid(visible=False, axis="x")
    return ax


def _has_band(histogram: pd.DataFrame) -> bool:
    return {"band_low", "band_high"} <= set(histogram.columns)


def _draw_band(ax: Axes, histogram: pd.DataFrame) -> None:
    if _has_band(histogram):
        low, high = histogram["band_low"], histogram["band_high"]
        edges = [*histogram["left"], histogram["right"].iloc[-1]]
        ax.stairs(high, edges, baseline=low, fill=True, color=Colour.PRIOR, alpha=0.25)


def _colours(histogram: pd.DataFrame) -> list[Colour]:
    """Return our colour for each slice, or the warning colour where it leaves its band."""
    if not _has_band(histogram):
        return [Colour.OURS] * len(histogram)
    fits = histogram["observed"].between(histogram["band_low"], histogram["band_high"])
    return [Colour.OURS if inside else Colour.MISS for inside in fits]
