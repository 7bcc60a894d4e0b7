"""Whether advice keeps its word: the narrowing that is promised against the one that comes about.

    python benchmarks/advice.py [--mirror DIR] [--truths 8] [--only posterior|real]

Promised is what ``bs.advise`` says before a run exists. For what comes about the run is made and everything is fitted
again: either its losses are drawn from a fit's own posterior, one truth after another, or it is a run of a public
family that had been hidden. Prints Markdown tables for docs/results.md.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling import RunTable, ScalingModel, load_dataset
from bayes_scaling.datasets.public_families import load_public_families
from bayes_scaling.inference import LaplaceSettings, Posterior, fit_posterior
from bayes_scaling.names import FAMILY, KIND_MEAN, KIND_RUN, LOSS, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, RUN
from bayes_scaling.planning import CandidateRun, Kind, Target, assess, default_candidates, read_target
from bayes_scaling.planning.joint_draws import JointDraws
from bayes_scaling.prediction import make_points, predict
from bayes_scaling.reports.advice import candidate_name

SETTINGS: Final = LaplaceSettings()
N_BASELINES: Final = 4
"""Fits without the candidate, whose widths are averaged."""

N_REFITS: Final = 2

MIN_SIZES: Final = 5
"""Sizes of a public family: the largest is the target, the next one is hidden, three are left."""

GADRE_LIMIT: Final = 5e8
"""Sizes of the over-train family that the fit has: its larger models are for later."""


def width(posterior: Posterior, target: Target, kind: str) -> float:
    """Width of the 90 % interval at the target, relative to the median."""
    point = pd.DataFrame([{N_PARAMS: target.n_params, N_TOKENS: target.n_tokens, **target.inputs}])
    row = predict(posterior, make_points(point, family=target.family), kind=kind).table.iloc[0]
    return float(np.log(row["upper"] / row["lower"]))


def refit(posterior: Posterior, rows: pd.DataFrame | None, seed: int, keep_shape: bool = False) -> Posterior:
    """The same description fitted to the rows of a fit and some more."""
    observed, spec = posterior.observed, posterior.spec
    columns = [name for name in (FAMILY, RUN, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, LOSS) if name in observed]
    table = pd.concat([observed[columns], *([] if rows is None else [rows[columns]])], ignore_index=True)
    if keep_shape:
        chosen = int(posterior.idata["constant_data"].to_dataset()["path_shape"][0])
        spec = replace(spec, shapes=(spec.shapes[chosen],))
    return fit_posterior(spec, RunTable.from_frame(table), SETTINGS, seed=seed)


def simulated_rows(
    draws: JointDraws, candidate: CandidateRun, count: int, truth: int, seed: int
) -> pd.DataFrame:
    """Rows that a candidate would show if one draw of the posterior were true."""
    observation = draws.observation(candidate, count)
    log_loss = observation.simulated(np.array([truth]), np.random.default_rng([seed, truth]))[0]
    return draws.rows_of(candidate, count).assign(**{LOSS: np.exp(log_loss)})


def promised_row(table: pd.DataFrame, candidate: CandidateRun) -> pd.Series:
    """The row of a candidate among its family's gains."""
    same = table["kind"] == candidate.kind.value
    if candidate.kind is not Kind.CHECKPOINTS:
        same &= (table[N_PARAMS] == candidate.n_params) & (table[N_TOKENS] == candidate.n_tokens)
    return table[same].iloc[0]


def against_posterior(fit: Posterior, target: Target, n_truths: int) -> pd.DataFrame:
    """Promised and actual narrowing of each candidate, the latter a mean over truths drawn from the posterior."""
    gains, draws = assess(fit, target), JointDraws(fit, target, 0)
    truths = np.linspace(0, len(draws.log_mean) - 1, n_truths).astype(int)
    count = max(gains.situation.checkpoints_per_run, 1)
    kinds = (KIND_RUN, KIND_MEAN)
    baselines = [refit(fit, None, seed) for seed in range(N_BASELINES)]
    before = {kind: np.mean([width(again, target, kind) for again in baselines]) for kind in kinds}
    found = []
    for candidate in default_candidates(fit.observed, target):
        actual: dict[str, list[float]] = {"actual": [], "kept": [], "mean": []}
        for seed, truth in enumerate(truths):
            rows = simulated_rows(draws, candidate, count, int(truth), seed)
            again, kept = (refit(fit, rows, seed, keep_shape) for keep_shape in (False, True))
            actual["actual"].append(1 - width(again, target, KIND_RUN) / before[KIND_RUN])
            actual["kept"].append(1 - width(kept, target, KIND_RUN) / before[KIND_RUN])
            actual["mean"].append(1 - width(again, target, KIND_MEAN) / before[KIND_MEAN])
        row = promised_row(gains.table, candidate)
        found.append(
            {
                "kind": candidate.kind.value,
                N_PARAMS: candidate.n_params,
                N_TOKENS: candidate.n_tokens,
                "promised": row["narrowing"],
                "promised_mean": row["narrowing_mean"],
                "se": np.std(actual["actual"], ddof=1) / np.sqrt(n_truths),
                **{name: np.mean(shares) for name, shares in actual.items()},
            }
        )
    return pd.DataFrame(found)


def print_posterior(name: str, fit: Posterior, target: Target, n_truths: int) -> None:
    found = against_posterior(fit, target, n_truths)
    print(f"\n### {name}: target {target.n_params:.3g} on {target.n_tokens:.3g} tokens, {n_truths} truths\n")
    print("| candidate | promised, % | actual, % (se) | path shape kept | law's mean: promised | actual |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in found.to_dict("records"):
        label = candidate_name({"label": "", **row})
        print(
            f"| {label} | {100 * row['promised']:.0f} | {100 * row['actual']:.0f} ({100 * row['se']:.0f}) |"
            f" {100 * row['kept']:.0f} | {100 * row['promised_mean']:.0f} | {100 * row['mean']:.0f} |"
        )
    off = {
        label: 100 * (found[promised] - found[actual])
        for label, promised, actual in (
            ("run", "promised", "actual"),
            ("path shape kept", "promised", "kept"),
            ("law's mean", "promised_mean", "mean"),
        )
    }
    told = "; ".join(
        f"{label} {gap.mean():+.1f}, absolute {gap.abs().mean():.1f}" for label, gap in off.items()
    )
    print(f"\nMean of promised less actual, percentage points: {told}", flush=True)


def mean_width(runs: RunTable, target: Target) -> float:
    """Width at the target after fitting these runs, mean over seeds."""
    model = ScalingModel(priors="weak")
    fits = [model.fit(runs, method="laplace", progress=False, seed=seed) for seed in range(N_REFITS)]
    return float(np.mean([width(fit, target, KIND_RUN) for fit in fits]))


def against_hidden_run(rows: pd.DataFrame, size: float) -> tuple[float, float]:
    """Promised and actual narrowing at a family's largest model by the longest run of some size.

    The fit has no run of the two largest sizes, nor the one that is hidden.
    """
    sizes = np.sort(rows[N_PARAMS].unique())
    last = rows[rows[N_PARAMS] == sizes[-1]].nlargest(1, N_TOKENS).iloc[0]
    hidden = rows[rows[RUN] == rows[rows[N_PARAMS] == size].nlargest(1, N_TOKENS)[RUN].iloc[0]]
    given = rows[(rows[N_PARAMS] < sizes[-2]) & (rows[RUN] != hidden[RUN].iloc[0])]
    before, after = (
        RunTable.from_frame(pd.concat(frames, ignore_index=True)) for frames in ([given], [given, hidden])
    )
    fit = ScalingModel(priors="weak").fit(before, method="laplace", progress=False, seed=N_REFITS)
    target = read_target(fit, last[[N_PARAMS, N_TOKENS]].to_dict())
    tokens = float(hidden[N_TOKENS].max())
    candidate = CandidateRun(Kind.OWN, float(size), tokens, tokens, 6.0 * size * tokens)
    promised = assess(fit, target, [candidate]).table["narrowing"].iloc[0]
    return float(promised), 1.0 - mean_width(after, target) / mean_width(before, target)


def print_real(runs: RunTable) -> None:
    sizes = runs.frame.groupby(FAMILY)[N_PARAMS].unique()
    chosen = {str(family): np.sort(values) for family, values in sizes.items() if len(values) >= MIN_SIZES}
    print(f"\n### Hidden runs of {len(chosen)} public families\n")
    print("| family | hidden run | promised, % | actual, % |")
    print("| --- | --- | --- | --- |")
    found = []
    for family, values in chosen.items():
        rows = runs.select(family).frame
        for name, size in (("second largest", values[-2]), ("smallest", values[0])):
            promised, actual = against_hidden_run(rows, size)
            found.append({"hidden": name, "promised": promised, "actual": actual})
            print(f"| {family} | {name} | {100 * promised:.0f} | {100 * actual:.0f} |", flush=True)
    table = pd.DataFrame(found)
    for name, group in table.groupby("hidden"):
        gap = 100 * (group["promised"] - group["actual"])
        print(
            f"\n{name}: promised {100 * group['promised'].mean():.1f} %, actual {100 * group['actual'].mean():.1f} %"
            f" (mean; median {100 * group['promised'].median():.1f} and {100 * group['actual'].median():.1f}),"
            f" standard deviation of the difference {gap.std():.0f} points"
        )
    correlation = table["promised"].corr(table["actual"], method="spearman")
    print(f"\nRank correlation of promised and actual: {correlation:.2f}")


def posterior_cases(mirror: str | None) -> list[tuple[str, RunTable, dict[str, float]]]:
    """Ends of seven sizes, trajectories of five sizes, and many short runs of four sizes."""
    cerebras = load_dataset("published").select("Cerebras-GPT")
    pythia = load_dataset("curves", mirror).select("curves-pythia-deduped")
    gadre = load_dataset("gadre", mirror).select("gadre-c4")
    return [
        ("Cerebras-GPT, ends of 7 runs", cerebras, {N_PARAMS: 2.6e10, N_TOKENS: 5.2e11}),
        (
            "Pythia deduped to 1.5B",
            pythia.subset(pythia.frame[N_PARAMS] < 1.5e9),
            {N_PARAMS: 1.2e10, N_TOKENS: 3e11},
        ),
        (
            "over-train models to 411M (C4)",
            gadre.subset(gadre.frame[N_PARAMS] < GADRE_LIMIT),
            {N_PARAMS: 6.9e9, N_TOKENS: 1.38e11},
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    parser.add_argument(
        "--truths", type=int, default=8, help="draws of the posterior that are taken for true"
    )
    parser.add_argument("--only", choices=("posterior", "real"))
    arguments = parser.parse_args()
    if arguments.only != "real":
        for name, runs, point in posterior_cases(arguments.mirror):
            fit = ScalingModel().fit(runs, method="laplace", seed=1, progress=False)
            print_posterior(name, fit, read_target(fit, point), arguments.truths)
    if arguments.only != "posterior":
        print_real(load_public_families(arguments.mirror))


if __name__ == "__main__":
    main()
