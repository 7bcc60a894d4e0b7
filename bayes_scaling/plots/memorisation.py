"""Memorisation profiles: the effect on every cohort at every checkpoint, and its course with time since training."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.ticker import FuncFormatter

from bayes_scaling.plots.labels import count_label
from bayes_scaling.plots.style import HALF, WIDE, Colour, new_axes, quiet_style

_NO_OTHERS: Mapping[str, pd.DataFrame] = MappingProxyType({})
_EFFECTS = LinearSegmentedColormap.from_list("effects", [Colour.MISS, Colour.PAPER, Colour.OURS])


@quiet_style
def plot_memorisation_map(
    effects: pd.DataFrame, ax: Axes | None = None, *, unit: str = "unit of the outcome"
) -> Axes:
    """Return axes with the effect of each cohort (row) at each checkpoint (column) as colour, white at zero.

    Parameters
    ----------
    effects : DataFrame
        One row per cell of one model: ``cohort``, ``checkpoint`` (steps) and ``estimate``; cells that are not
        there stay empty.
    ax : Axes, optional
        Where to draw; default: a new square figure.
    unit : str
        Unit of the estimates, for the colour bar.
    """
    ax = ax or new_axes(1.4 * HALF, 1.2 * HALF)
    grid = effects.pivot(index="cohort", columns="checkpoint", values="estimate")
    largest = max(float(np.nanmax(np.abs(grid.to_numpy()))), np.finfo(float).tiny)
    norm = TwoSlopeNorm(0.0, -largest, largest)
    edges = [_edges(axis.to_numpy(dtype=float)) for axis in (grid.columns, grid.index)]
    image = ax.pcolormesh(*edges, np.ma.masked_invalid(grid.to_numpy()), cmap=_EFFECTS, norm=norm)
    ax.grid(False)
    bar = ax.figure.colorbar(image, ax=ax, label=f"memorisation, {unit}", shrink=0.85)
    bar.outline.set_visible(False)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda step, _: count_label(step)))
    ax.set(xlabel="checkpoint (step)", ylabel="trained on by checkpoint (step)")
    return ax


def _edges(centres: np.ndarray) -> np.ndarray:
    """Edges halfway between neighbours; the outer ones as far out as the nearest inner one is in."""
    if len(centres) == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middle = 0.5 * (centres[1:] + centres[:-1])
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


@quiet_style
def plot_memorisation_profile(
    profile: pd.DataFrame,
    ax: Axes | None = None,
    *,
    label: str = "profile",
    others: Mapping[str, pd.DataFrame] = _NO_OTHERS,
    unit: str = "unit of the outcome",
) -> Axes:
    """Return axes with effects against the steps since training, with intervals (dark) and simultaneous bands (light).

    Parameters
    ----------
    profile : DataFrame
        One row per event time: ``event_time`` (steps), ``estimate``, ``lower``, ``upper``; with columns
        ``band_lower`` and ``band_upper`` the band is shaded too.
    ax : Axes, optional
        Where to draw; default: a new wide figure.
    label : str, default "profile"
        The profile's name, used when there are others.
    others : mapping of str to DataFrame, optional
        Further profiles by name, each a frame with ``event_time``, ``estimate``, ``lower`` and ``upper``, drawn
        as grey points with bars.
    unit : str
        Unit of the estimates.
    """
    ax = ax or new_axes(WIDE, 3.2)
    profile = profile.sort_values("event_time")
    time = profile["event_time"]
    ax.axhline(0.0, color=Colour.PRIOR, lw=1.0, ls=(0, (4, 3)))
    if {"band_lower", "band_upper"} <= set(profile.columns):
        ax.fill_between(
            time, profile["band_lower"], profile["band_upper"], color=Colour.OURS, alpha=0.14, lw=0
        )
    ax.fill_between(time, profile["lower"], profile["upper"], color=Colour.OURS, alpha=0.28, lw=0)
    ax.plot(time, profile["estimate"], "o-", color=Colour.OURS, lw=1.8, ms=4, label=label)
    for name, frame in others.items():
        frame = frame.sort_values("event_time")
        ax.vlines(frame["event_time"], frame["lower"], frame["upper"], color=Colour.MUTED, lw=1.2)
        ax.plot(frame["event_time"], frame["estimate"], "o", color=Colour.MUTED, ms=3.5, label=name)
    ax.xaxis.set_major_formatter(FuncFormatter(_signed_count))
    ax.set(xlabel="steps since the checkpoint after training", ylabel=f"memorisation, {unit}")
    if others:
        ax.legend(loc="upper right", fontsize=7.5, labelcolor="linecolor")
    return ax


def _signed_count(step: float, _: object) -> str:
    return f"−{count_label(-step)}" if step < 0 else count_label(step)
