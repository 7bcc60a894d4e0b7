"""Rows of intervals: a thick bar for the middle half, a thin one for nine tenths, a tick for the median."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from bayes_scaling.plots.labels import short_label
from bayes_scaling.plots.style import WIDE, Colour, new_axes, quiet_style

_ROW_HEIGHT = 0.19  # inches


def interval_axes(n_rows: int, width: float = WIDE) -> Axes:
    """Return axes of a new figure that is high enough for `n_rows` rows."""
    return new_axes(width, 0.7 + _ROW_HEIGHT * max(n_rows, 2))


def draw_intervals(
    ax: Axes,
    rows: np.ndarray,
    table: pd.DataFrame,
    colours: Sequence[str],
    *,
    size: float = 1.0,
) -> None:
    """Draw one interval per row of a table with columns ``q05, q25, median, q75, q95``, at heights `rows`."""
    ax.hlines(rows, table["q05"], table["q95"], colors=colours, lw=1.3 * size, alpha=0.65)
    ax.hlines(rows, table["q25"], table["q75"], colors=colours, lw=4.2 * size, alpha=0.65)
    ax.scatter(table["median"], rows, marker="|", s=46 * size, c=list(colours), lw=1.6, zorder=3)


def label_rows(ax: Axes, labels: Sequence[str], rows: np.ndarray | None = None) -> None:
    """Name the rows from top to bottom and make room for them; they are one apart unless heights are given."""
    rows = np.arange(len(labels)) if rows is None else rows
    ax.set_yticks(rows, labels=[short_label(label) for label in labels])
    ax.tick_params(axis="y", length=0, labelcolor=Colour.INK.value)
    ax.set_ylim(max(rows, default=-1.0) + 0.6, -0.6)
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False, axis="y")


@quiet_style
def plot_intervals(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    population: pd.Series | None = None,
    xlabel: str = "",
) -> Axes:
    """Return axes with one parameter's intervals, one row per family, in the table's order.

    Parameters
    ----------
    table : DataFrame
        Index: the labels of the rows; columns ``q05, q25, median, q75, q95`` in the parameter's own unit.
    ax : Axes, optional
        Where to draw; default: a new figure as high as the table is long.
    population : Series, optional
        The same five numbers for the population, drawn as a band behind all rows.
    xlabel : str, optional
        The parameter's name and unit.
    """
    ax = ax or interval_axes(len(table))
    if population is not None:
        ax.axvspan(population["q05"], population["q95"], color=Colour.PRIOR, alpha=0.14, lw=0)
        ax.axvspan(population["q25"], population["q75"], color=Colour.PRIOR, alpha=0.18, lw=0)
        ax.axvline(population["median"], color=Colour.PRIOR, lw=1.0, ls=(0, (4, 3)))
    draw_intervals(ax, np.arange(len(table)), table, [Colour.OURS] * len(table))
    label_rows(ax, [str(label) for label in table.index])
    ax.set_xlabel(xlabel)
    return ax
