"""Trajectories across sizes: what equal loss costs, scores at equal loss, and the probabilities of trends."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter, PercentFormatter

from bayes_scaling.names import LOSS, N_PARAMS
from bayes_scaling.plots.labels import count_label
from bayes_scaling.plots.style import Colour, format_large_numbers, new_axes, quiet_style, size_colours


@quiet_style
def plot_equal_loss(table: pd.DataFrame, ax: Axes | None = None, *, cost: str = "flops") -> Axes:
    """Return axes with what each size spends to reach the same loss: one line per level, with 90 % intervals.

    Parameters
    ----------
    table : DataFrame
        The table of :func:`bayes_scaling.trajectories.tokens_at_equal_loss`.
    ax : Axes, optional
        Where to draw; default: a new figure.
    cost : {"flops", "n_tokens"}
        What lies along the vertical axis.
    """
    ax = ax or new_axes(4.6, 3.4)
    levels = sorted(float(level) for level in table[LOSS].unique())
    shades = size_colours(1.0 / level for level in levels)  # the lowest loss is the darkest
    for level in levels:
        rows, colour = table[table[LOSS] == level].sort_values(N_PARAMS), shades[1.0 / level]
        ax.plot(
            rows[N_PARAMS], rows[f"{cost}_median"], "o-", color=colour, lw=1.2, ms=3.6, label=f"{level:.2f}"
        )
        ax.vlines(rows[N_PARAMS], rows[f"{cost}_q05"], rows[f"{cost}_q95"], colors=colour, lw=2.4, alpha=0.6)
    names = {"flops": "training FLOPs", "n_tokens": "tokens"}
    ax.set(xscale="log", yscale="log", xlabel="parameters", ylabel=names[cost])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count_label(value)))
    ax.xaxis.set_minor_formatter(NullFormatter())
    format_large_numbers(ax.yaxis)
    ax.legend(title="loss reached", loc="best")
    return ax


@quiet_style
def plot_scores_at_equal_loss(table: pd.DataFrame, score: str, ax: Axes | None = None) -> Axes:
    """Return axes with a score against loss, one colour per size: where size matters, the colours part.

    Parameters
    ----------
    table : DataFrame
        One row per checkpoint: ``n_params, loss`` and the score, a share.
    score : str
        Column of the score.
    ax : Axes, optional
        Where to draw; default: a new figure.
    """
    ax = ax or new_axes(4.6, 3.2)
    colours = size_colours(table[N_PARAMS])
    for size, colour in colours.items():
        rows = table[table[N_PARAMS] == size]
        ax.plot(
            rows[LOSS],
            rows[score],
            "o",
            color=colour,
            ms=3.4,
            mew=0,
            alpha=0.85,
            label=count_label(size),
        )
    ax.invert_xaxis()  # training runs from left to right
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set(xlabel="loss, nats per token", ylabel=score)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


@quiet_style
def plot_trends(probabilities: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Return axes with one bar per series, split by the probabilities of going down, staying flat and going up.

    Parameters
    ----------
    probabilities : DataFrame
        Columns ``up, flat, down`` that sum to one; the index names the series.
    ax : Axes, optional
        Where to draw; default: a new figure as high as it has rows.
    """
    ax = ax or new_axes(4.6, 0.9 + 0.26 * len(probabilities))
    left = pd.Series(0.0, index=probabilities.index)
    places = range(len(probabilities))
    for trend, colour in (("down", Colour.OURS), ("flat", Colour.PRIOR), ("up", Colour.MISS)):
        ax.barh(places, probabilities[trend], left=left, color=colour, height=0.72, label=trend)
        left = left + probabilities[trend]
    ax.set_yticks(places, [str(name) for name in probabilities.index])
    ax.set(xlim=(0.0, 1.0), xlabel="posterior probability")
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax
