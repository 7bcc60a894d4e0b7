"""Draw the figure of every law's page: the law where the weak priors expect it, with simulated runs.

    python scripts/law_figures.py [NAME ...]

Writes docs/img/laws/NAME.png for each registered law, or for those that are named.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from bayes_scaling.laws import Law, get_law, list_laws
from bayes_scaling.laws.schedule_columns import LR_SUM
from bayes_scaling.models.schedule_segments import schedule_columns
from bayes_scaling.priors import weak_priors

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "img" / "laws"

RANGES = {
    "n_params": (3e7, 3e11),
    "n_tokens": (1e9, 1e13),
    "flops": (1e18, 1e25),
    "n_unique_tokens": (1e9, 1e12),
    "n_steps": (1e3, 1e6),
    "n_batch_tokens": (1e5, 1e7),
    "n_bits_weights": (3.0, 16.0),
    "n_bits_activations": (3.0, 16.0),
    "n_bits_kv": (3.0, 16.0),
    "n_bits_post": (3.0, 16.0),
    "pretraining_loss": (2.0, 5.0),
}
"""Where each input is drawn, natural units."""

LABELS = {
    "n_params": "parameters",
    "n_tokens": "tokens",
    "flops": "training compute, FLOPs",
    "n_unique_tokens": "unique tokens",
    "n_steps": "optimiser steps",
    "pretraining_loss": "pre-training loss, nats a token",
}
COLOURS = ("#1b4f72", "#b9770e", "#7d3c98")
N_POINTS = 14
NOISE = 0.012
"""Scatter of the simulated runs, in log loss."""


def main_input(law: Law) -> str:
    """The input on the axis: tokens where the law has them with others, else the first."""
    return "n_tokens" if "n_tokens" in law.inputs else law.inputs[0]


SCHEDULES = {
    "constant": lambda share: np.ones_like(share),
    "cosine": lambda share: 0.55 + 0.45 * np.cos(np.pi * share),
    "decay at the end": lambda share: np.minimum(1.0, 1 - 0.9 * (share - 0.8) / 0.2),
}


def draw_schedules(law: Law) -> Figure:
    """The law along runs of 2e10 tokens under three schedules."""
    priors = weak_priors(law).parameters
    params = {name: priors[name].location for name in law.parameter_names}
    share = np.linspace(0.04, 1.0, 300)
    figure = Figure(figsize=(4.6, 3.0), layout="constrained")
    axes = figure.subplots()
    for colour, (label, path) in zip(COLOURS, SCHEDULES.items(), strict=True):
        rows = pd.DataFrame({"n_tokens": 2e10 * share, "learning_rate": path(share)})
        columns = schedule_columns(rows.assign(family="figure", run=label))
        inputs = {name: columns[name].to_numpy() for name in law.inputs}
        axes.plot(rows["n_tokens"], np.exp(law.log_loss(np, params, inputs)), color=colour, label=label)
    axes.set(xlabel="tokens", ylabel="loss")
    axes.legend(frameon=False, fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def draw(law: Law) -> Figure:
    """The law over its main input, at three values of the next one if there is one."""
    if LR_SUM in law.inputs:
        return draw_schedules(law)
    priors = weak_priors(law).parameters
    params = {name: priors[name].location for name in law.parameter_names}
    main = main_input(law)
    rest = [name for name in law.inputs if name != main]
    inputs = {name: float(np.sqrt(np.prod(RANGES[name]))) for name in rest}
    lines = np.geomspace(*RANGES[rest[0]], 5)[1:4] if rest else [None]
    grid, points = np.geomspace(*RANGES[main], 200), np.geomspace(*RANGES[main], N_POINTS)
    rng = np.random.default_rng(0)
    figure = Figure(figsize=(4.6, 3.0), layout="constrained")
    axes = figure.subplots()
    for colour, value in zip(COLOURS, lines, strict=False):
        own = inputs if value is None else {**inputs, rest[0]: float(value)}
        smooth, simulated = (law.log_loss(np, params, {**own, main: x}) for x in (grid, points))
        label = None if value is None else f"{LABELS.get(rest[0], rest[0])} {value:.1g}"
        axes.plot(grid, np.exp(smooth), color=colour, label=label)
        axes.plot(points, np.exp(simulated + NOISE * rng.standard_normal(N_POINTS)), "o", color=colour, ms=3)
    axes.set(xscale="log", xlabel=LABELS.get(main, main), ylabel="error" if "error" in law.name else "loss")
    if rest:
        axes.legend(frameon=False, fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def main() -> None:
    """Write the figures that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="laws; default: all that are registered")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"font.size": 9}):
        for name in parser.parse_args().names or list_laws():
            # without the software's version in the file, the same figure is the same file
            draw(get_law(name)).savefig(FOLDER / f"{name}.png", dpi=100, metadata={"Software": None})


if __name__ == "__main__":
    main()
