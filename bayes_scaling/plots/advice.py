"""What each candidate run would bring, beside what it costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from bayes_scaling.plots.intervals import interval_axes, label_rows
from bayes_scaling.plots.labels import cost_label
from bayes_scaling.plots.style import Colour, quiet_style


@quiet_style
def plot_advice(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Return axes with one row a candidate: a dot at its narrowing, and its cost at the right edge.

    Parameters
    ----------
    table : DataFrame
        Columns ``candidate``, ``narrowing``, ``mc_error``, ``cost_share`` and ``is_measurable``; drawn in its order
        from the top. Bars reach two Monte Carlo errors; hollow grey dots cannot be told from no gain.
    ax : Axes, optional
        Where to draw; default: a new figure as high as the table is long.
    """
    ax = ax or interval_axes(len(table))
    rows = np.arange(len(table))
    centre, error = 100 * table["narrowing"].to_numpy(), 200 * table["mc_error"].to_numpy()
    is_real = table["is_measurable"].to_numpy(dtype=bool)
    edges = [Colour.OURS.value if real else Colour.PRIOR.value for real in is_real]
    faces = [Colour.OURS.value if real else Colour.PAPER.value for real in is_real]
    ax.hlines(rows, centre - error, centre + error, colors=edges, lw=1.3, alpha=0.65)
    ax.scatter(centre, rows, s=26, c=faces, edgecolors=edges, linewidths=1.2, zorder=3)
    for row, cost in zip(rows, table["cost_share"], strict=True):
        ax.annotate(
            cost_label(cost),
            (1.0, row),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=Colour.MUTED.value,
        )
    label_rows(ax, table["candidate"].tolist())
    ax.set_xlabel("narrowing of the interval at the target, %")
    ax.set_title("cost, share of the target's", loc="right", fontweight="normal", color=Colour.MUTED.value)
    return ax
