"""Simulated random features: losses along one resource beside theory, and the compute frontier."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from bayes_scaling.plots.style import Colour, format_loss_axes, new_axes, quiet_style, size_colours


@quiet_style
def plot_bottleneck(
    losses: pd.DataFrame, ax: Axes | None = None, *, x: str = "width", exponent: float | None = None
) -> Axes:
    """Return axes with the loss of each seed and their mean along one resource, both on log scales.

    Parameters
    ----------
    losses : DataFrame
        One row per simulated student: the column named by `x`, ``loss``, and ``mean_loss``, the mean over
        seeds at that value of the resource.
    ax : Axes, optional
        Where to draw; default: a new figure.
    x : str, default "width"
        The resource along the axis.
    exponent : float, optional
        Draw a line of this decay through the last mean, to compare slopes with.
    """
    ax = ax or new_axes(4.2, 3.2)
    losses = losses.sort_values(x)
    mean = losses.drop_duplicates(x)
    ax.plot(losses[x], losses["loss"], "o", color=Colour.PRIOR, ms=2.6, alpha=0.5, mew=0)
    ax.plot(mean[x], mean["mean_loss"], "o-", color=Colour.OURS, lw=1.5, ms=3.6, label="mean of seeds")
    if exponent is not None:
        last = mean.iloc[-1]
        line = last["mean_loss"] * (mean[x] / last[x]) ** -exponent
        ax.plot(
            mean[x], line, color=Colour.INK, lw=1.0, ls=(0, (4, 2)), label=f"theory, exponent {exponent:.3g}"
        )
    ax.set(xlabel=x, ylabel="loss")
    format_loss_axes(ax)
    ax.legend(loc="best")
    return ax


@quiet_style
def plot_compute_frontier(curves: pd.DataFrame, frontier: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Return axes with one loss curve per width over compute, and the compute-optimal loss as dots.

    Parameters
    ----------
    curves : DataFrame
        ``width, time, loss``, mean losses; compute is width times time.
    frontier : DataFrame
        ``compute, loss`` of :func:`bayes_scaling.random_features.compute_frontier`.
    ax : Axes, optional
        Where to draw; default: a new wide figure.
    """
    ax = ax or new_axes(height=3.4)
    colours = size_colours(curves["width"])
    for width, colour in colours.items():
        curve = curves[curves["width"] == width].sort_values("time")
        ax.plot(curve["width"] * curve["time"], curve["loss"], color=colour, lw=1.0)
    ax.plot(frontier["compute"], frontier["loss"], "o", color=Colour.MISS, ms=3.4, label="compute-optimal")
    ax.set(xlabel="compute, width times time", ylabel="loss")
    format_loss_axes(ax)
    ax.legend(loc="lower left")
    return ax
