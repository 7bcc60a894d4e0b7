"""Five small runs, two far targets: the fit of Gadre et al. 2024, arXiv:2403.08540, with intervals.

    python benchmarks/gadre.py [--mirror DIR] [--method laplace|nuts] [--seed 0]

The paper fits its law to five runs of each training set: four sizes at 20 tokens a parameter, and the smallest at 320.
Its targets are 1.4e9 parameters at 640 tokens each and 6.9e9 at 20. Prints Markdown tables for docs/results.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import pandas as pd
from tables import markdown

from bayes_scaling import Fit, RunTable, ScalingModel
from bayes_scaling.datasets import load_dataset
from bayes_scaling.laws import OVERTRAIN
from bayes_scaling.names import FAMILY, LOSS, N_TOKENS, RUN

FIT_RUNS = (
    "d=96_l=8_h=4-1.0",
    "d=512_l=8_h=4-1.0",
    "d=576_l=24_h=8-1.0",
    "d=1024_l=24_h=8-1.0",
    "d=96_l=8_h=4-16.0",
)
"""Ends of the labels of the five runs; the last number is the multiple of 20 tokens a parameter."""

OVERTRAINED, LARGEST = "open_lm_1b", "open_lm_7b-1.0"
"""Labels of the targets: the most over-trained 1.4B model of a training set, and the 6.9B model."""

PUBLISHED = {
    "gadre-c4": (113.7, 189.5, -0.2425, 1.508),
    "gadre-redpajama": (166.2, 366.7, -0.2729, 1.837),
    "gadre-refinedweb": (125.1, 246.2, -0.2544, 1.734),
}
"""c_alpha, c_beta, b and E of the authors' fits to the same five runs."""


def five_runs(runs: RunTable, families: Sequence[str]) -> RunTable:
    """The runs that the paper fits, of each training set."""
    frame = runs.frame
    chosen = runs.subset(frame[RUN].str.endswith(FIT_RUNS) & frame[FAMILY].isin(families))
    if set(chosen.frame.groupby(FAMILY).size()) != {len(FIT_RUNS)}:
        raise ValueError(f"expected {len(FIT_RUNS)} runs of each of {families}")
    return chosen


def targets(frame: pd.DataFrame, family: str) -> pd.DataFrame:
    """The 6.9B model and the longest 1.4B run of a training set."""
    own = frame[frame[FAMILY] == family]
    over = own[own[RUN].str.contains(OVERTRAINED)].nlargest(1, N_TOKENS)
    return pd.concat([over, own[own[RUN].str.endswith(LARGEST)]], ignore_index=True)


def rows_of(name: str, fit: Fit, points: pd.DataFrame) -> list[list[str]]:
    """One row a target: what was reached, what was expected, and whether the interval held it."""
    prediction = fit.predict(points.drop(columns=LOSS))
    quantiles = prediction.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).to_numpy()
    rows = []
    for point, (low, lower, middle, upper, high) in zip(points.itertuples(), quantiles, strict=True):
        published = OVERTRAIN.log_loss(
            np,
            OVERTRAIN.from_code_form(np, *PUBLISHED[point.family]),
            {"n_params": point.n_params, "n_tokens": point.n_tokens},
        )
        rows.append(
            [
                name,
                str(point.family).removeprefix("gadre-"),
                f"{point.n_params:.2g}, M = {point.n_tokens / point.n_params:.0f}",
                f"{point.loss:.4f}",
                f"{middle:.4f}",
                f"{low:.4f} to {high:.4f}",
                "yes" if low <= point.loss <= high else "no",
                "yes" if lower <= point.loss <= upper else "no",
                f"{100 * abs(middle / point.loss - 1):.2f}",
                f"{100 * abs(np.exp(published) / point.loss - 1):.2f}",
            ]
        )
    return rows


HEADER = (
    "law, fit",
    "training set",
    "target",
    "reached",
    "median",
    "90 % interval",
    "inside 90 %",
    "inside 50 %",
    "error, %",
    "authors' fit, %",
)


def main() -> None:
    """Fit each law to each training set alone, then to the three together."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mirror")
    parser.add_argument("--method", choices=("laplace", "nuts"), default="laplace")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    runs = load_dataset("gadre", arguments.mirror)
    fit_as = {"method": arguments.method, "seed": arguments.seed, "progress": False}
    rows = []
    for law in ("overtrain", "chinchilla"):
        model = ScalingModel(law=law, priors="weak")
        together = model.fit(five_runs(runs, list(PUBLISHED)), **fit_as)
        for family in PUBLISHED:
            points = targets(runs.frame, family)
            alone = model.fit(five_runs(runs, [family]), **fit_as)
            rows += rows_of(f"{law}, 5 runs", alone, points)
            rows += rows_of(f"{law}, 3 x 5 runs", together, points)
    print(markdown(HEADER, sorted(rows, key=lambda row: (row[1] != "redpajama", row[1]))))


if __name__ == "__main__":
    main()
