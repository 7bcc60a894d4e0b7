"""Single learning curves: the second half of 92 published curves, forecast from the first.

    python benchmarks/learning_curves.py [--mirror DIR] [--domain IC|NMT|LM|BB]

Curves and split of Alabdulmohsin et al. 2022 (arXiv:2209.06640): image classification 72, translation 5, language
modelling 5, BIG-bench 10. Each law is one hierarchical fit of all curves of a domain, a family for each curve, from
the first halves alone. The forecast is the equal mixture of the laws' draws; beside it stands one with weights by
stacking, which hides the last octave of every first half, and one with weights half-way between. Prints Markdown
tables for docs/results.md: RMSE of the log error (RMSLE) of the median, log score for each target point in the curve's
own unit, and coverage, each as the mean over curves.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling import ScalingModel
from bayes_scaling.datasets import load_learning_curves
from bayes_scaling.evaluation import scores
from bayes_scaling.evaluation.stacking import stacking_weights
from bayes_scaling.models import PathShape
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.runs import RunTable

DOMAINS: Final = ("IC", "NMT", "LM", "BB")
LAWS: Final = ("m1", "m2", "m3", "m4", "broken-1")
MIXED: Final = ("m2", "m3", "m4", "broken-1")
"""All laws with a floor, in equal parts; M1 has none and is shown for comparison."""

PUBLISHED: Final = {
    "IC": "M1 .1046, M2 .0603, M3 .0615, M4 .0393, NSL-PFN .028 (log score 3.330; MCMC on M4 3.024)",
    "NMT": "M1 .2217, M2 .0329, M3 .0471, M4 .0207",
    "LM": "M1 .0140, M2 .0012, M3 .0023, M4 .0015",
    "BB": "M1 .0148, M2 .0099, M3 .0087, M4 .0103",
}
"""RMSLE of a re-run of the public estimators of arXiv:2209.06640 on these curves; NSL-PFN from arXiv:2505.23032."""

ONE_SIZE: Final = 1e9
"""Stands for the size of a model, of which a single curve knows nothing."""

SHAPES: Final = (
    PathShape("noise", offset=0.0, drift=0.0, noise=1.0, correlation_length=1.0),
    PathShape("short drift", offset=0.0, drift=0.5, noise=0.5, correlation_length=0.3),
    PathShape("drift", offset=0.0, drift=0.9, noise=0.1, correlation_length=0.5),
)
"""One run a curve has no seed offset; points of a curve are noisy, or drift a little."""

OCTAVE: Final = 2.0
"""The second halves reach about twice as far as the first: stacking hides as much of the first halves."""

SAMPLING: Final = {"tune": 48, "draws": 16, "thin": 3}


def load_curves(mirror: str | None, domain: str) -> tuple[RunTable, pd.DataFrame]:
    """First halves of the curves of a domain as runs, and the points of the second halves."""
    curves = load_learning_curves(mirror=mirror)
    curves = curves[curves["domain"] == domain].reset_index(drop=True)
    label = curves["task"].astype(str) + " " + curves["model"]
    rows = pd.DataFrame(
        {FAMILY: label, RUN: label, N_PARAMS: ONE_SIZE, N_TOKENS: curves["x"], LOSS: curves["loss"]}
    )
    is_given = curves["is_training"].to_numpy(dtype=bool)
    return RunTable.from_frame(rows[is_given]), rows[~is_given].reset_index(drop=True)


def forecast(law: str, given: RunTable, hidden: pd.DataFrame) -> tuple[np.ndarray, str]:
    """Draws (n_draws, n_points) of the loss at hidden points by one law, and how well they were sampled."""
    model = ScalingModel(law=law, priors="weak", shapes=SHAPES)
    fit = model.fit(given, method="laplace", progress=False, **SAMPLING)
    prediction = fit.predict(hidden[[FAMILY, N_PARAMS, N_TOKENS]])
    return prediction.draws.to_numpy().reshape(-1, len(hidden)), fit.verdict


def score(draws: np.ndarray, hidden: pd.DataFrame) -> pd.DataFrame:
    """One row for each curve: RMSLE, log score, share in the 50 % and 90 % intervals."""
    observed, median = hidden[LOSS].to_numpy(), np.median(draws, axis=0)
    by_point = pd.DataFrame(
        {
            "squared": scores.log_bias(median, observed) ** 2,
            "log_score": scores.log_score(draws, observed),
            "coverage50": scores.covered(draws, observed, 0.5),
            "coverage90": scores.covered(draws, observed, 0.9),
        }
    )
    by_curve = by_point.groupby(hidden[FAMILY].to_numpy()).mean()
    return by_curve.assign(rmsle=np.sqrt(by_curve["squared"]))


def print_row(name: str, draws: np.ndarray, hidden: pd.DataFrame, seconds: float, verdict: str) -> None:
    found = score(draws, hidden)
    print(
        f"| {name} | {found['rmsle'].mean():.4f} | {found['rmsle'].median():.4f} | {found['log_score'].mean():.3f} |"
        f" {100 * found['coverage50'].mean():.0f} | {100 * found['coverage90'].mean():.1f} |"
        f" {seconds / len(found):.2f} | {verdict.split(',')[0]} |",
        flush=True,
    )


def print_domain(domain: str, given: RunTable, hidden: pd.DataFrame) -> None:
    """One row for each law and their mixture."""
    print(f"\n### {domain}: {len(given.families)} curves, {len(hidden)} points to forecast\n")
    print(f"Published mean RMSLE: {PUBLISHED[domain]}.\n")
    print("| law | mean RMSLE | median | log score | 50 % | 90 % | seconds a curve | sampling |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    draws: dict[str, np.ndarray] = {}
    spent: dict[str, float] = {}
    for law in LAWS:
        started = time.perf_counter()
        draws[law], verdict = forecast(law, given, hidden)
        spent[law] = time.perf_counter() - started
        print_row(law, draws[law], hidden, spent[law], verdict)
    print_row(
        "**mixture**", mixed(draws, dict.fromkeys(MIXED, 1.0)), hidden, sum(spent[law] for law in MIXED), ""
    )
    started = time.perf_counter()
    chosen, weights = stacked(given, draws)
    seconds = sum(spent[law] for law in MIXED) + time.perf_counter() - started
    told = " ".join(f"{law} {weight:.2f}" for law, weight in weights.items() if weight >= 0.005)
    print_row("**stacked**", chosen, hidden, seconds, told)
    halfway = {law: 0.5 * weight + 0.5 / len(MIXED) for law, weight in weights.items()}
    print_row("**half-way**", mixed(draws, halfway), hidden, seconds, "weights between these and equal ones")


def stacked(given: RunTable, draws: Mapping[str, np.ndarray]) -> tuple[np.ndarray, dict[str, float]]:
    """Draws of the mixture with the weights that would have forecast the last octaves best, and those weights.

    Every curve counts alike, whatever its number of points.
    """
    rows = given.frame
    is_early = rows[N_TOKENS] <= rows.groupby(FAMILY)[N_TOKENS].transform("max") * (1 + 1e-9) / OCTAVE
    early, late = RunTable.from_frame(rows[is_early]), rows[~is_early].reset_index(drop=True)
    observed = late[LOSS].to_numpy()
    density = np.column_stack([scores.log_score(forecast(law, early, late)[0], observed) for law in MIXED])
    counts = late.groupby(FAMILY)[LOSS].transform("size").to_numpy()
    weights = dict(zip(MIXED, stacking_weights(density, 1.0 / counts), strict=True))
    return mixed(draws, weights), weights


def mixed(draws: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    """Draws of a mixture: of each law some that are evenly spread, in numbers in proportion to the weights."""
    parts = []
    for law, weight in weights.items():
        count = round(weight / max(weights.values()) * len(draws[law]))
        parts.append(draws[law][np.linspace(0, len(draws[law]) - 1, count).round().astype(int)])
    return np.concatenate(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    parser.add_argument("--domain", choices=DOMAINS, help="only the curves of this domain")
    arguments = parser.parse_args()
    for domain in [arguments.domain] if arguments.domain else DOMAINS:
        print_domain(domain, *load_curves(arguments.mirror, domain))


if __name__ == "__main__":
    main()
