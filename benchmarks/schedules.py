"""Laws of the learning-rate schedule: loss curves of six schedules, forecast from three others.

    python benchmarks/schedules.py [--mirror DIR]

Curves and split of Luo et al. 2025 (arXiv:2503.12811): fit on cosine_24000, constant_24000 and wsdcon_9, forecast the
other six. A family is a model size and a run a schedule. Prints Markdown tables for docs/results.md: mean absolute
error of the median in nats beside the authors', coverage of the 90 % interval, and the authors' own constants
evaluated by our form of their law.
"""

from __future__ import annotations

import argparse
import time
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling import ScalingModel
from bayes_scaling.datasets import load_dataset
from bayes_scaling.datasets.readers.multipower import TOKENS_PER_STEP
from bayes_scaling.evaluation import scores
from bayes_scaling.laws import MULTI_POWER
from bayes_scaling.models import DiscrepancyBasis, PathShape
from bayes_scaling.models.schedule_segments import schedule_columns
from bayes_scaling.names import FAMILY, LOSS, RUN
from bayes_scaling.runs import RunTable

GIVEN: Final = ("cosine_24000", "constant_24000", "wsdcon_9")

PEAK: Final = 3e-4
CONSTANTS: Final = ("L0", "A", "alpha", "B", "C", "beta", "gamma")
PUBLISHED: Final = {
    "25M": (3.040, 0.525, 0.508, 363.8, 2.066, 0.583, 0.641),
    "100M": (2.651, 0.601, 0.453, 437.9, 2.132, 0.598, 0.655),
    "400M": (2.375, 0.654, 0.429, 523.4, 2.025, 0.594, 0.635),
}
PUBLISHED_MAE: Final = {"25M": 0.00376, "100M": 0.00435, "400M": 0.00484}
"""Constants and errors from the README of the authors' repository."""

AROUND_THE_LAW: Final = {
    "max_checkpoints": 40,
    "min_progress": 0.15,
    "run_size_exponent": 0.0,
    "basis": DiscrepancyBasis(length_scale=3.0, n_nodes=6, decay=0.0),
    "shapes": (
        PathShape("level", offset=0.6, drift=0.3, noise=0.1, correlation_length=0.5),
        PathShape("drift", offset=0.3, drift=0.6, noise=0.1, correlation_length=0.5),
    ),
}
"""A law of schedules is off by a share of its own for each schedule: runs have a level of their own."""


def load_curves(mirror: str | None) -> pd.DataFrame:
    """Rows of all curves with the columns of their schedule; a family is a size and a run a schedule."""
    rows = load_dataset("multipower", mirror).frame
    rows = rows.assign(**{FAMILY: rows[RUN], RUN: rows["schedule"]})
    return schedule_columns(RunTable.from_frame(rows).frame)


def print_published(hidden: pd.DataFrame) -> None:
    """The authors' constants evaluated by our form of their law."""
    print("\n### Published constants of the multi-power law\n")
    print("| size | MAE, ours | MAE, authors |\n| --- | --- | --- |")
    for size, values in PUBLISHED.items():
        constants = dict(zip(CONSTANTS, values, strict=True))
        params = MULTI_POWER.from_published(np, constants, PEAK, TOKENS_PER_STEP)
        error = []
        for _, rows in hidden[hidden[FAMILY] == size].groupby(RUN):
            inputs = {name: rows[name].to_numpy() for name in MULTI_POWER.inputs}
            error.append(np.abs(np.exp(MULTI_POWER.log_loss(np, params, inputs)) - rows[LOSS]).mean())
        print(f"| {size} | {np.mean(error):.5f} | {PUBLISHED_MAE[size]:.5f} |")


def print_forecast(law: str, given: pd.DataFrame, hidden: pd.DataFrame) -> None:
    """One row for each size: errors and coverage as means over the six hidden curves."""
    started = time.perf_counter()
    model = ScalingModel(law=law, priors="weak", **AROUND_THE_LAW)
    fit = model.fit(RunTable.from_frame(given), method="laplace", progress=False, draws=16, thin=4)
    prediction = fit.predict(hidden.drop(columns=LOSS))
    draws, observed = prediction.draws.to_numpy().reshape(-1, len(hidden)), hidden[LOSS].to_numpy()
    by_point = pd.DataFrame(
        {
            "error": np.abs(np.median(draws, axis=0) - observed),
            "coverage50": scores.covered(draws, observed, 0.5),
            "coverage90": scores.covered(draws, observed, 0.9),
        }
    )
    by_curve = by_point.groupby([hidden[FAMILY].to_numpy(), hidden[RUN].to_numpy()]).mean()
    seconds = time.perf_counter() - started
    print(f"\n### {law}: {seconds:.0f} s. {fit.verdict}\n")
    print("| size | MAE | authors' MAE | 50 % | 90 % |\n| --- | --- | --- | --- | --- |")
    for size, found in by_curve.groupby(level=0).mean().loc[list(PUBLISHED)].iterrows():
        print(
            f"| {size} | {found['error']:.5f} | {PUBLISHED_MAE[size]:.5f} | {100 * found['coverage50']:.0f} |"
            f" {100 * found['coverage90']:.0f} |"
        )
    table = by_curve["error"].unstack(level=0)[list(PUBLISHED)]
    print("\n" + table.round(5).to_string(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    rows = load_curves(parser.parse_args().mirror)
    is_given = rows[RUN].isin(GIVEN)
    print_published(rows[~is_given])
    for law in ("multi-power", "annealing"):
        print_forecast(law, rows[is_given], rows[~is_given].reset_index(drop=True))


if __name__ == "__main__":
    main()
