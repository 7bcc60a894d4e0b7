"""Coverage by group: in which kind of data the intervals held what they promised."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator, PercentFormatter

from bayes_scaling.plots.intervals import interval_axes, label_rows
from bayes_scaling.plots.style import Colour, quiet_style

_GAP = 0.55  # rows between two breakdowns


@quiet_style
def plot_groups(groups: pd.DataFrame, ax: Axes | None = None, *, level: float = 0.9) -> Axes:
    """Return axes with the observed coverage of each group and its band, beside the share that was promised.

    A group whose whole band lies below the promise is drawn in the warning colour.

    Parameters
    ----------
    groups : DataFrame
        One row per group, drawn from top to bottom: ``group`` (its label), ``breakdown`` (a gap sets groups
        of different breakdowns apart), ``n_families``, and the shares ``observed, band_low, band_high`` (0 to
        1). A group without a share leaves its row empty.
    ax : Axes, optional
        Where to draw; default: a new figure as high as the table is long.
    level : float, default 0.9
        What the intervals promised.
    """
    ax = ax or interval_axes(round(1.25 * len(groups)))
    changes = groups["breakdown"].ne(groups["breakdown"].shift()).cumsum() - 1
    rows = np.arange(len(groups)) + _GAP * changes.to_numpy()
    colours = [Colour.MISS if high < level else Colour.OURS for high in groups["band_high"]]
    ax.axvline(level, color=Colour.PRIOR, lw=1.0, ls=(0, (4, 3)))
    ax.hlines(rows, groups["band_low"], groups["band_high"], colors=colours, lw=4.2, alpha=0.3)
    ax.scatter(groups["observed"], rows, s=30, c=colours, zorder=3, clip_on=False)
    label_rows(ax, groups["group"].astype(str).tolist(), rows)
    _write_shares(ax, rows, groups, colours)
    _format_shares(ax, groups, level)
    return ax


def _write_shares(ax: Axes, rows: np.ndarray, groups: pd.DataFrame, colours: list[Colour]) -> None:
    """Write each group's share and its number of families to the right of its row."""
    place = ax.get_yaxis_transform()
    for row, share, count, colour in zip(
        rows, groups["observed"], groups["n_families"], colours, strict=True
    ):
        words = f"{100 * share:.0f} %" if np.isfinite(share) else "none"
        ax.text(1.105, row, words, transform=place, ha="right", va="center", color=colour, fontweight="bold")
        noun = "family" if count == 1 else "families"
        ax.text(1.12, row, f"of {count:.0f} {noun}", transform=place, va="center", color=Colour.MUTED)


def _format_shares(ax: Axes, groups: pd.DataFrame, level: float) -> None:
    low = np.nanmin([0.5, *(groups["band_low"] - 0.02)])
    ax.set_xlim(max(0.0, np.floor(10 * low) / 10), 1.0)
    ax.xaxis.set_major_locator(MultipleLocator(0.1))
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_xlabel(f"the truth was inside the {100 * level:.0f} % interval")
