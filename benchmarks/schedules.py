"""Laws of the learning-rate schedule: loss curves of six schedules, forecast from three others.

    python benchmarks/schedules.py [--mirror DIR]

Curves and split of Luo et al. 2025 (arXiv:2503.12811): fit on cosine_24000, constant_24000 and wsdcon_9, forecast the
other six, with the laws' own assumptions. A family is a model size and a run a schedule. How many checkpoints of a run
enter is chosen by leaving out one of the three given schedules at a time. Prints Markdown tables for
docs/results-papers.md: mean absolute error of the median in nats beside the authors', coverage of the 90 % interval,
and the authors' own constants evaluated by our form of their law.
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
from bayes_scaling.models.schedule_segments import schedule_columns
from bayes_scaling.names import FAMILY, LOSS, RUN
from bayes_scaling.runs import RunTable

GIVEN: Final = ("cosine_24000", "constant_24000", "wsdcon_9")

LAWS: Final = ("multi-power", "annealing")

PEAK: Final = 3e-4
CONSTANTS: Final = ("L0", "A", "alpha", "B", "C", "beta", "gamma")
PUBLISHED: Final = {
    "25M": (3.040, 0.525, 0.508, 363.8, 2.066, 0.583, 0.641),
    "100M": (2.651, 0.601, 0.453, 437.9, 2.132, 0.598, 0.655),
    "400M": (2.375, 0.654, 0.429, 523.4, 2.025, 0.594, 0.635),
}
PUBLISHED_MAE: Final = {"25M": 0.00376, "100M": 0.00435, "400M": 0.00484}
"""Constants and errors from the README of the authors' repository."""

CHECKPOINTS: Final = (40, 120)
"""Checkpoints of a run that may enter; the mean CRPS of given schedules, each left out once, chooses."""


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


def forecast(
    law: str, given: pd.DataFrame, hidden: pd.DataFrame, checkpoints: int
) -> tuple[str, pd.DataFrame]:
    """Verdict on the fit, and error, coverage and CRPS in nats of each hidden curve, indexed by size and schedule."""
    model = ScalingModel(law=law, priors="weak", max_checkpoints=checkpoints)
    fit = model.fit(RunTable.from_frame(given), method="laplace", progress=False, draws=16, thin=4)
    prediction = fit.predict(hidden.drop(columns=LOSS))
    draws, observed = prediction.draws.to_numpy().reshape(-1, len(hidden)), hidden[LOSS].to_numpy()
    by_point = pd.DataFrame(
        {
            "error": np.abs(np.median(draws, axis=0) - observed),
            "coverage50": scores.covered(draws, observed, 0.5),
            "coverage90": scores.covered(draws, observed, 0.9),
            "crps": scores.crps(draws, observed),
        }
    )
    return str(fit.verdict), by_point.groupby([hidden[FAMILY].to_numpy(), hidden[RUN].to_numpy()]).mean()


def chosen_checkpoints(given: pd.DataFrame) -> int:
    """How many checkpoints of a run forecast a given schedule best from the two others; prints how well."""
    print("\n### Given schedules, each from the two others\n")
    print("| checkpoints a run | law | MAE | CRPS | 90 % |\n| --- | --- | --- | --- | --- |")
    mean_crps = {}
    for checkpoints in CHECKPOINTS:
        crps = []
        for law in LAWS:
            folds = (given[RUN] == schedule for schedule in GIVEN)
            parts = [
                forecast(law, given[~is_out], given[is_out].reset_index(drop=True), checkpoints)[1]
                for is_out in folds
            ]
            found = pd.concat(parts).mean()
            crps.append(found["crps"])
            print(
                f"| {checkpoints} | {law} | {found['error']:.5f} | {found['crps']:.5f} |"
                f" {100 * found['coverage90']:.0f} |",
                flush=True,
            )
        mean_crps[checkpoints] = float(np.mean(crps))
    best = min(mean_crps, key=mean_crps.__getitem__)
    print(f"\nBy mean CRPS over both laws: {best}")
    return best


def print_forecast(law: str, given: pd.DataFrame, hidden: pd.DataFrame, checkpoints: int) -> None:
    """One row for each size: errors and coverage as means over the six hidden curves."""
    started = time.perf_counter()
    verdict, by_curve = forecast(law, given, hidden, checkpoints)
    print(f"\n### {law}: {time.perf_counter() - started:.0f} s. {verdict}\n")
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
    checkpoints = chosen_checkpoints(rows[is_given])
    for law in LAWS:
        print_forecast(law, rows[is_given], rows[~is_given].reset_index(drop=True), checkpoints)


if __name__ == "__main__":
    main()
