"""Forecasts of task scores beside what was observed, over a model's compute in units of a reference family."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from bayes_scaling.plots.style import WIDE, Colour, format_large_numbers, new_axes, quiet_style


@quiet_style
def plot_task_forecasts(
    forecasts: pd.DataFrame, ax: Axes | None = None, *, reference: str = "reference"
) -> Axes:
    """Return axes with a model's score over its equivalent compute, observed and forecast.

    Parameters
    ----------
    forecasts : DataFrame
        One row a model: ``equivalent_flops`` (FLOPs), ``observed``, ``median, q05, q25, q75, q95`` (scores, shares of
        one) and ``is_held_out`` (bool). A model for fitting is a grey dot. A held-out one is a dot with its 50 % and
        90 % intervals; the dot is in the warning colour where it lies outside the wider one. Rows without an observed
        score have intervals only.
    ax : Axes, optional
        Where to draw; default: a new wide figure.
    reference : str
        The family whose compute the axis counts.
    """
    ax = ax or new_axes(WIDE, 3.4)
    fitted, held_out = forecasts[~forecasts["is_held_out"]], forecasts[forecasts["is_held_out"]]
    x = held_out["equivalent_flops"]
    ax.vlines(x, held_out["q05"], held_out["q95"], colors=Colour.OURS, lw=1.2, alpha=0.45)
    ax.vlines(x, held_out["q25"], held_out["q75"], colors=Colour.OURS, lw=4.0, alpha=0.35)
    ax.scatter(
        x, held_out["median"], s=26, marker="_", c=Colour.OURS, label="forecast, with 50 % and 90 % interval"
    )
    inside = held_out["observed"].between(held_out["q05"], held_out["q95"])
    seen = held_out["observed"].notna()
    _dots(ax, fitted, Colour.MUTED, "fitted")
    _dots(ax, held_out[seen & inside], Colour.INK, "held out, inside")
    _dots(ax, held_out[seen & ~inside], Colour.MISS, "held out, outside 90 %")
    ax.set(xscale="log", xlabel=f"{reference}-equivalent training compute, FLOPs", ylabel="task score")
    format_large_numbers(ax.xaxis)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.legend(loc="upper left", fontsize=7.5)
    return ax


def _dots(ax: Axes, rows: pd.DataFrame, colour: Colour, label: str) -> None:
    if len(rows):
        ax.scatter(rows["equivalent_flops"], rows["observed"], s=14, c=colour, zorder=3, label=label)
