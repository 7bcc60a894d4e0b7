"""Repeated tokens: runs of many epochs, forecast from runs of few.

    python benchmarks/repeats.py [--mirror DIR]

Data-constrained runs of Muennighoff et al. 2023 (arXiv:2305.16264): curves on two training sets at 2.8e9 to 8.7e9
parameters, and a grid of final losses at 7e6 to 8.7e9. The runs of the most epochs are hidden and forecast by the law
with repeats and by Chinchilla's, for which all tokens are alike. Prints Markdown tables for docs/results.md.
"""

from __future__ import annotations

import argparse
import time
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling import ScalingModel
from bayes_scaling.datasets import load_dataset
from bayes_scaling.evaluation import scores
from bayes_scaling.names import DATASET, FAMILY, LOSS, N_PARAMS, N_TOKENS, N_UNIQUE_TOKENS, RUN
from bayes_scaling.runs import RunTable

PARTS: Final = ("datablations", "datablations-contour")
SPLITS: Final = ((5, 7), (7, 14), (14, 44))
"""Largest number of epochs given, and that of the runs to forecast."""

MOST_EPOCHS: Final = 14.5
"""Of runs in the split by size: beyond, large models over-fit, which no law here describes."""

LARGEST: Final = 4e9
"""Sizes above are the largest: 4.2e9 and 8.7e9 parameters."""

MODELS: Final = {
    "repeat-data": ScalingModel(law="repeat-data", priors="weak"),
    "chinchilla, a repeat as good as new": ScalingModel(priors="weak", repeats=False),
    "chinchilla, repeats worn by the published constant": ScalingModel(priors="weak"),
}


def load_runs(mirror: str | None) -> pd.DataFrame:
    """Rows of both parts, a family for each part and training set, a run for each size and number of epochs."""
    tables = []
    for part in PARTS:
        rows = load_dataset("colpret", mirror, parts=[part]).frame
        rows = rows[~rows["suspect"].astype(bool)]
        planned = rows["epochs"].round(2)
        rows = rows.assign(**{FAMILY: part + "-" + rows[DATASET], "planned_epochs": planned})
        tables.append(rows.assign(**{RUN: rows[RUN] + "-" + rows["planned_epochs"].astype(str)}))
    return pd.concat(tables, ignore_index=True)


def hidden_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The last checkpoint of each hidden run."""
    return rows.loc[rows.groupby([FAMILY, RUN])[N_TOKENS].idxmax()].reset_index(drop=True)


def forecast(model: ScalingModel, given: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Errors and coverage of the forecasts of hidden rows, and the seconds that they took."""
    started = time.perf_counter()
    fit = model.fit(RunTable.from_frame(given), method="laplace", progress=False)
    points = hidden[[FAMILY, RUN, N_PARAMS, N_TOKENS, N_UNIQUE_TOKENS]]
    draws = fit.predict(points).draws.to_numpy().reshape(-1, len(points))
    observed = hidden[LOSS].to_numpy()
    error = scores.absolute_relative_error(np.median(draws, axis=0), observed)
    return {
        "runs": len(hidden),
        "ARE": 100 * error.mean(),
        "bias": 100 * scores.log_bias(np.median(draws, axis=0), observed).mean(),
        "coverage50": 100 * scores.covered(draws, observed, 0.5).mean(),
        "coverage90": 100 * scores.covered(draws, observed, 0.9).mean(),
        "CRPS": 100 * (scores.crps(draws, observed) / observed).mean(),
        "seconds": time.perf_counter() - started,
    }


def print_table(title: str, given: pd.DataFrame, hidden: pd.DataFrame) -> None:
    """One row for each model."""
    print(f"\n### {title}\n")
    print("| model | runs | mean ARE, % | bias, % | 50 % | 90 % | mean CRPS, % of loss | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, model in MODELS.items():
        found = forecast(model, given, hidden)
        print(
            f"| {name} | {found['runs']} | {found['ARE']:.2f} | {found['bias']:+.2f} | {found['coverage50']:.0f} |"
            f" {found['coverage90']:.0f} | {found['CRPS']:.2f} | {found['seconds']:.0f} |",
            flush=True,
        )


def print_epochs(name: str, rows: pd.DataFrame, most_given: float, most_hidden: float) -> None:
    """Runs of up to some epochs given, those of more hidden."""
    epochs = rows["planned_epochs"]
    hidden = hidden_rows(rows[(epochs > most_given) & (epochs <= most_hidden)])
    title = f"{name}: up to {most_given} epochs given, up to {most_hidden} hidden"
    print_table(title, rows[epochs <= most_given], hidden)


def print_largest(name: str, rows: pd.DataFrame) -> None:
    """Runs of up to 14 epochs: those of the largest size with repeats hidden, all others given."""
    few = rows[rows["planned_epochs"] <= MOST_EPOCHS]
    is_hidden = (few[N_PARAMS] > LARGEST) & (few["planned_epochs"] > 1)
    print_table(f"{name}: repeats of the largest size hidden", few[~is_hidden], hidden_rows(few[is_hidden]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    rows = load_runs(parser.parse_args().mirror)
    is_grid = rows[FAMILY].str.contains("contour")
    for name, part in (("curves of 2 data sets", rows[~is_grid]), ("grid of final losses", rows[is_grid])):
        for most_given, most_hidden in SPLITS:
            print_epochs(name, part, most_given, most_hidden)
        print_largest(name, part)


if __name__ == "__main__":
    main()
