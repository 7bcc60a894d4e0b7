"""Draw the picture of the README from the demo's own fit; takes a few minutes and needs ColPret's files.

Run from the root of the checkout: ``python scripts/readme_picture.py [--mirror DIR]``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bayes_scaling.cli.demo import hidden_models, predict_largest_models, read_demo_runs
from bayes_scaling.names import FAMILY, N_TOKENS, RUN
from bayes_scaling.plots import Colour, plot_forecasts, plot_loss_curves
from bayes_scaling.plots.style import quiet_style

TARGET = Path("docs/img/largest-models.png")
CURVES = {"gpt3": "GPT-3", "opt": "OPT"}
DPI = 120
WARM_UP_TOKENS = 5e9  # the curves start above the steep beginning, where the law does not hold


@quiet_style
def draw(predictions: pd.DataFrame, runs: pd.DataFrame, hidden: pd.DataFrame) -> Figure:
    """Return the figure: loss curves with the forecast of the hidden run, and all families' forecasts."""
    figure = Figure(figsize=(10.0, 6.6), layout="constrained", facecolor=Colour.PAPER)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.0, 1.1))
    for row, (family, name) in enumerate(CURVES.items()):
        axes = figure.add_subplot(grid[row, 0])
        _draw_curves(axes, runs[runs[FAMILY] == family], predictions[predictions[FAMILY] == family])
        axes.set_title(f"{name}: 175B predicted from the smaller sizes")
    axes = plot_forecasts(hidden, figure.add_subplot(grid[:, 1]))
    axes.set_title(f"Largest models: {hidden['is_inside'].sum()} of {len(hidden)} inside 90 %")
    axes.set_xlabel("forecast loss relative to what was reached")
    return figure


def _draw_curves(axes: Axes, runs: pd.DataFrame, predicted: pd.DataFrame) -> None:
    known = runs[~runs[RUN].isin(predicted[RUN]) & (runs[N_TOKENS] >= WARM_UP_TOKENS)]
    plot_loss_curves(known, axes, forecast=_thinned(predicted))


def _thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return about a dozen of the rows, evenly spread over tokens, so that their dots stay apart."""
    ordered = rows.sort_values(N_TOKENS)
    return ordered.iloc[np.linspace(0, len(ordered) - 1, min(len(ordered), 12)).round().astype(int)]


def main() -> None:
    """Fit, predict and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    runs = read_demo_runs(parser.parse_args().mirror)
    result = predict_largest_models(runs)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    draw(result.table, runs.frame, hidden_models(result)).savefig(TARGET, dpi=DPI, facecolor=Colour.PAPER)
    print(f"Wrote {TARGET}")


if __name__ == "__main__":
    main()
