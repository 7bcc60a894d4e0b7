"""The loss curves of one family, with the forecast of its held-out runs and what they reached."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from bayes_scaling.names import LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.plots.labels import count_label, short_label, spread
from bayes_scaling.plots.style import Colour, format_loss_axes, new_axes, quiet_style, size_colours

_AXIS_NAMES = {N_TOKENS: "tokens seen", N_PARAMS: "parameters"}


@quiet_style
def plot_loss_curves(
    runs: pd.DataFrame,
    ax: Axes | None = None,
    *,
    forecast: pd.DataFrame | None = None,
    x: str | None = None,
    loss_unit: str = "nats per token",
) -> Axes:
    """Return axes with the loss of one family's runs against tokens or model size, both on log scales.

    Parameters
    ----------
    runs : DataFrame
        The checkpoints that a fit saw: columns ``run, n_params, n_tokens, loss``; one thin line per run,
        light to dark with model size, each size named at its end; runs of one or two checkpoints are dots.
    ax : Axes, optional
        Where to draw; default: a new wide figure.
    forecast : DataFrame, optional
        Checkpoints that no fit saw: the same columns and ``q05, q25, median, q75, q95``; the bands are the
        middle half and nine tenths of the forecast, the dots what was reached.
    x : {"n_tokens", "n_params"}, optional
        What lies along the axis; default: tokens, or model size where every run has a single checkpoint.
    loss_unit : str, default "nats per token"
        What the loss is measured in.
    """
    ax = ax or new_axes(height=3.4)
    unseen = runs.iloc[:0] if forecast is None else forecast
    rows = runs if forecast is None else pd.concat([runs, forecast], join="inner")
    has_curves = any(part[RUN].duplicated().any() for part in (runs, unseen))
    x = x or (N_TOKENS if has_curves else N_PARAMS)
    ax.set(xlabel=_AXIS_NAMES[x], ylabel=f"loss, {short_label(loss_unit)}")
    format_loss_axes(ax)
    colours = size_colours(rows[N_PARAMS])
    for _, curve in runs.sort_values(x).groupby(RUN):
        _draw_run(ax, curve, x, colours)
    for _, curve in unseen.sort_values(x).groupby(RUN):
        _draw_forecast(ax, curve, x, colours)
    _set_reach(ax, rows[x].min(), rows[x].max())
    if x == N_TOKENS:
        _label_sizes(ax, rows, colours)
    return ax


def _draw_run(ax: Axes, curve: pd.DataFrame, x: str, colours: dict[float, Colour]) -> None:
    colour = colours[curve[N_PARAMS].iloc[0]]
    marker = "o" if len(curve) <= 2 else "none"
    ax.plot(curve[x], curve[LOSS], color=colour, lw=1.1, marker=marker, ms=4, alpha=0.9)


def _draw_forecast(ax: Axes, curve: pd.DataFrame, x: str, colours: dict[float, Colour]) -> None:
    colour, place = colours[curve[N_PARAMS].iloc[0]], curve[x]
    if place.min() == place.max():  # a band needs two places: draw bars
        ax.vlines(place, curve["q05"], curve["q95"], colors=colour, lw=1.6, alpha=0.6)
        ax.vlines(place, curve["q25"], curve["q75"], colors=colour, lw=5, alpha=0.6)
        ax.plot(place, curve["median"], "_", color=colour, ms=9, mew=1.6)
    else:
        ax.fill_between(place, curve["q05"], curve["q95"], color=colour, alpha=0.18, lw=0)
        ax.fill_between(place, curve["q25"], curve["q75"], color=colour, alpha=0.28, lw=0)
        ax.plot(place, curve["median"], color=colour, lw=1.3)
    ax.plot(place, curve[LOSS], "o", color=Colour.INK, ms=3.6, mec=Colour.PAPER, mew=0.6, zorder=4)


def _set_reach(ax: Axes, low: float, high: float) -> None:
    margin = (high / low) ** 0.03 if high > low else 1.5
    ax.set_xlim(low / margin, high * margin)


def _label_sizes(ax: Axes, rows: pd.DataFrame, colours: dict[float, Colour]) -> None:
    """Name each size beside the last checkpoint of its longest run, moving labels apart where they meet."""
    ends = rows.sort_values(N_TOKENS).groupby(N_PARAMS, as_index=False).last()
    ax.set_ylim(ax.get_ylim())  # the labels are placed for these limits
    heights = ax.transAxes.inverted().transform(ax.transData.transform(ends[[N_TOKENS, LOSS]]))[:, 1]
    for size, height in zip(ends[N_PARAMS], spread(heights, gap=0.065, low=0.0), strict=True):
        text = ax.text(1.01, height, count_label(size), color=colours[size], va="center", fontsize=8)
        text.set_transform(ax.transAxes)
