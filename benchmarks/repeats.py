"""Repeated tokens: runs of many epochs, forecast from runs of few.

    python benchmarks/repeats.py [--mirror DIR] [--given EPOCHS]

Data-constrained runs of Muennighoff et al. 2023 (arXiv:2305.16264) by training set, 2.8e9 to 8.7e9 parameters; the
runs of the most epochs are hidden and forecast by the law with repeats and by Chinchilla's, for which all tokens are
alike. Prints Markdown tables for docs/results.md.
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


def print_split(rows: pd.DataFrame, most_given: float, most_hidden: float) -> None:
    """One row for each model: runs of up to some epochs given, those of more hidden."""
    given = rows[rows["planned_epochs"] <= most_given]
    is_hidden = (rows["planned_epochs"] > most_given) & (rows["planned_epochs"] <= most_hidden)
    hidden = hidden_rows(rows[is_hidden])
    print(f"\n### Up to {most_given} epochs given, up to {most_hidden} hidden\n")
    print("| model | runs | mean ARE, % | bias, % | 50 % | 90 % | mean CRPS, % of loss | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, model in MODELS.items():
        found = forecast(model, given, hidden)
        print(
            f"| {name} | {found['runs']} | {found['ARE']:.2f} | {found['bias']:+.2f} | {found['coverage50']:.0f} |"
            f" {found['coverage90']:.0f} | {found['CRPS']:.2f} | {found['seconds']:.0f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    rows = load_runs(parser.parse_args().mirror)
    for most_given, most_hidden in SPLITS:
        print_split(
            rows[
                rows[FAMILY].str.startswith("datablations-c4") | rows[FAMILY].str.startswith("datablations-o")
            ],
            most_given,
            most_hidden,
        )
        print_split(rows[rows[FAMILY].str.contains("contour")], most_given, most_hidden)


if __name__ == "__main__":
    main()
