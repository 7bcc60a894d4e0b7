"""What the data taught: each parameter's prior beside its posterior."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from bayes_scaling.plots.intervals import draw_intervals, label_rows
from bayes_scaling.plots.style import WIDE, Colour, new_axes, quiet_style


@quiet_style
def plot_prior_posterior(
    prior: pd.DataFrame,
    posterior: pd.DataFrame,
    ax: Axes | None = None,
    *,
    log: bool = True,
) -> Axes:
    """Return axes with two intervals per parameter: the prior in grey above the posterior in colour.

    Parameters
    ----------
    prior, posterior : DataFrame
        Index: parameter names, the same in both; columns ``q05, q25, median, q75, q95`` in natural units.
    ax : Axes, optional
        Where to draw; default: a new wide figure.
    log : bool, default True
        Use a log axis, on which parameters of different size compare; needs values above zero.
    """
    ax = ax or new_axes(WIDE, 0.7 + 0.34 * max(len(prior), 2))
    rows = np.arange(len(prior))
    ax.set_xscale("log" if log else "linear")
    draw_intervals(ax, rows - 0.17, prior, [Colour.PRIOR] * len(prior))
    draw_intervals(ax, rows + 0.17, posterior.loc[prior.index], [Colour.OURS] * len(prior))
    label_rows(ax, [str(name) for name in prior.index])
    if log:
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    _key(ax)
    ax.set_xlabel("natural units")
    return ax


def _key(ax: Axes) -> None:
    """Name the two colours once, above the axes."""
    for name, colour, place in (("prior", Colour.MUTED, 0.0), ("posterior", Colour.OURS, 0.1)):
        ax.text(place, 1.02, name, transform=ax.transAxes, color=colour, fontweight="bold", va="bottom")
