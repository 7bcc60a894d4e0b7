"""Forecasts against what happened, one row each, on an axis that all loss units share."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from bayes_scaling.names import FAMILY, LOSS
from bayes_scaling.plots.intervals import draw_intervals, interval_axes, label_rows
from bayes_scaling.plots.style import Colour, quiet_style

_QUANTILES = ["q05", "q25", "median", "q75", "q95"]


@quiet_style
def plot_forecasts(table: pd.DataFrame, ax: Axes | None = None, *, limit: float | None = None) -> Axes:
    """Return axes with forecast intervals relative to the truth in per cent, one row per row of the table.

    Zero is the loss that was reached. A bar that crosses zero held the truth; one that misses it is drawn in
    the warning colour, with a hollow diamond on zero instead of a dot.

    Parameters
    ----------
    table : DataFrame
        Columns ``family, loss, q05, q25, median, q75, q95``, all losses in the family's own unit; drawn from
        top to bottom.
    ax : Axes, optional
        Where to draw; default: a new figure as high as the table is long.
    limit : float, optional
        Largest error shown, in per cent; what reaches further is cut and its median written at the edge.
        Default: room for everything.
    """
    ax = ax or interval_axes(len(table))
    errors = 100 * (table[_QUANTILES].div(table[LOSS], axis=0) - 1)
    inside = ~((errors["q05"] > 0) | (errors["q95"] < 0))  # a forecast without intervals misses nothing
    rows = np.arange(len(table))
    ax.axvline(0, color=Colour.MUTED, lw=1.0)
    draw_intervals(ax, rows, errors, [Colour.OURS if hit else Colour.MISS for hit in inside])
    _draw_truths(ax, rows, inside)
    label_rows(ax, table[FAMILY].astype(str).tolist())
    _set_limit(ax, errors, limit)
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:+.3g} %".replace("-", "−") if x else "truth")
    ax.set_xlabel("forecast loss relative to the loss that was reached")
    return ax


def _draw_truths(ax: Axes, rows: np.ndarray, inside: pd.Series) -> None:
    hit = inside.to_numpy()
    ax.plot(np.zeros(hit.sum()), rows[hit], "o", color=Colour.INK, ms=3.6, label="inside the 90 % interval")
    ax.plot(
        np.zeros((~hit).sum()),
        rows[~hit],
        "D",
        mfc=Colour.PAPER,
        mec=Colour.MISS,
        mew=1.3,
        ms=4.2,
        label="outside",
    )


def _set_limit(ax: Axes, errors: pd.DataFrame, limit: float | None) -> None:
    """Set the reach of the axis, the same to both sides, and point to the medians beyond it."""
    reach = max(1.08 * float(np.nanmax(errors.abs())), 0.1)
    edge = min(reach, limit or reach)
    ax.set_xlim(-edge, edge)
    for row, median in enumerate(errors["median"]):
        if median > edge:
            ax.text(
                edge, row, f"median +{median:.0f} % →", ha="right", va="center", color=Colour.MISS, fontsize=7
            )
        elif median < -edge:
            ax.text(-edge, row, f"← median −{-median:.0f} %", va="center", color=Colour.MISS, fontsize=7)
