"""A fan of curves: what a distribution over laws says about loss along one input."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from bayes_scaling.names import LOSS, N_TOKENS
from bayes_scaling.plots.labels import short_label
from bayes_scaling.plots.style import Colour, format_loss_axes, new_axes, quiet_style


@quiet_style
def plot_fan(
    fan: pd.DataFrame,
    ax: Axes | None = None,
    *,
    x: str = N_TOKENS,
    runs: pd.DataFrame | None = None,
    loss_unit: str = "nats per token",
) -> Axes:
    """Return axes with the median and bands of loss along `x`: a prior or posterior predictive at a glance.

    Parameters
    ----------
    fan : DataFrame
        One row per place: the column named by `x` and ``q05, q25, median, q75, q95`` in the unit of loss.
    ax : Axes, optional
        Where to draw; default: a new wide figure.
    x : str, default "n_tokens"
        The column along which the fan opens.
    runs : DataFrame, optional
        Observed checkpoints (`x` and ``loss``) to lay over the fan.
    loss_unit : str, default "nats per token"
        What the loss is measured in.
    """
    ax = ax or new_axes()
    fan = fan.sort_values(x)
    ax.fill_between(fan[x], fan["q05"], fan["q95"], color=Colour.OURS, alpha=0.16, lw=0)
    ax.fill_between(fan[x], fan["q25"], fan["q75"], color=Colour.OURS, alpha=0.26, lw=0)
    ax.plot(fan[x], fan["median"], color=Colour.OURS, lw=1.6)
    if runs is not None:
        ax.plot(runs[x], runs[LOSS], "o", color=Colour.INK, ms=2.2, alpha=0.55, mew=0)
    ax.set(xlabel=x.removeprefix("n_").replace("_", " "), ylabel=f"loss, {short_label(loss_unit)}")
    format_loss_axes(ax)
    return ax
