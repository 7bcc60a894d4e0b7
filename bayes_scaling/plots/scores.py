"""One score for several methods, side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from bayes_scaling.plots.intervals import label_rows
from bayes_scaling.plots.style import HALF, Colour, new_axes, quiet_style


@quiet_style
def plot_scores(
    scores: pd.Series,
    ax: Axes | None = None,
    *,
    ours: str | None = None,
    xlabel: str = "",
    value_format: str = "{:.3g}",
) -> Axes:
    """Return axes with one bar per method, from zero, its value written beside it; smaller is better.

    Parameters
    ----------
    scores : Series
        Index: the methods' names, top to bottom; values: the score. A missing value leaves an empty row.
    ax : Axes, optional
        Where to draw; default: a new figure of half a report's width.
    ours : str, optional
        The method to set apart by colour.
    xlabel : str, optional
        What the score is, with its unit.
    value_format : str, default "{:.3g}"
        How values are written.
    """
    ax = ax or new_axes(HALF, 0.75 + 0.3 * max(len(scores), 2))
    rows = np.arange(len(scores))
    colours = [Colour.OURS if name == ours else Colour.PRIOR for name in scores.index]
    ax.barh(rows, scores.fillna(0), height=0.62, color=colours)
    for row, (name, value) in enumerate(scores.items()):
        text = value_format.format(value) if np.isfinite(value) else "none"
        weight = "bold" if name == ours else "normal"
        ax.annotate(
            text,
            (value if np.isfinite(value) else 0.0, row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontweight=weight,
        )
    label_rows(ax, [str(name) for name in scores.index])
    ax.margins(x=0.18)
    ax.set_xlim(left=0)
    ax.set_xlabel(xlabel)
    return ax
