"""What one joint fit of the public families says of seeds, of dimensions and of shared exponents.

Part of `benchmarks/study_findings.py`; a family is described by the law's five parameters in the linear coordinates
of the population (logs), where the published analysis took raw point estimates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayes_scaling import Fit, RunTable, ScalingModel
from bayes_scaling.names import FAMILY, LOSS, METRIC, N_PARAMS, N_TOKENS, N_UNIQUE_TOKENS, RUN
from bayes_scaling.plots.labels import count_label

FloatArray = NDArray[np.float64]

N_DRAWS = 500
SIZE_BINS = (1e6, 1e8, 3e8, 1e9, 3e9, 1e12)
SAME_SIZE, SAME_TOKENS = 0.005, 0.01
"""Relative differences up to which two runs have the same configuration."""

PUBLISHED_SHARE_OF_THREE = 0.9949
PUBLISHED_SEED_SPREAD = 0.035

SOURCES: Mapping[str, str] = {
    "pythia": "pythia",
    "datablations-c4": "datablations, C4",
    "datablations-contour": "datablations, C4",
    "datablations-oscar": "datablations, OSCAR",
    "mpl": "multi-power schedules",
    "gadre": "over-train",
    "overtrain": "over-train",
}
"""Architecture and recipe by a part of the label; every other family is alone with its own."""


def interval(values: FloatArray, digits: int = 2) -> str:
    """Median and 90 % interval of draws; the value alone where there is one."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    middle, low, high = np.quantile(values, [0.5, 0.05, 0.95])
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def flat_draws(values: xr.DataArray) -> FloatArray:
    """Draws of all chains along the first axis."""
    ordered = values.transpose("chain", "draw", ...).to_numpy()
    return ordered.reshape(-1, *ordered.shape[2:])


def family_draws(fit: Fit, names: tuple[str, ...]) -> FloatArray:
    """Draws (S, F, P) of family parameters, thinned."""
    flat = flat_draws(fit.draws["theta_family"].sel(parameter=list(names)))
    return flat[np.linspace(0, len(flat) - 1, N_DRAWS).astype(int)]


# --- dimensions -------------------------------------------------------------------------------


def shares(values: FloatArray) -> FloatArray:
    """Share of variance (P,) of each principal direction of standardised columns (F, P), largest first."""
    correlation = np.corrcoef(values, rowvar=False)
    eigenvalues = np.linalg.eigvalsh(correlation)[::-1]
    return eigenvalues / eigenvalues.sum()


def effective_dimension(share: FloatArray) -> float:
    """One over the sum of squared shares: P for equal ones, 1 when a single direction has all."""
    return float(1.0 / np.sum(share**2))


def print_dimensions(fit: Fit, names: tuple[str, ...]) -> None:
    """Print how many directions the families' parameters have, with and without their uncertainty."""
    draws = family_draws(fit, names)
    correlations = flat_draws(fit.draws["mean_correlation"])
    population = [
        np.linalg.eigvalsh(each[: len(names), : len(names)])[::-1] / len(names) for each in correlations
    ]
    sources = {
        "posterior means of families": np.array([shares(draws.mean(axis=0))]),
        "families, each draw": np.array([shares(each) for each in draws]),
        "the population's correlation": np.array(population),
    }
    print(f"\n### Dimensions: share of variance of {len(names)} parameters, per cent\n")
    print(
        "| parameters | first | first 2 | first 3 | first 4 | effective number |\n| --- | --- | --- | --- | --- | --- |"
    )
    for label, found in sources.items():
        cumulative = [interval(100 * found[:, :count].sum(axis=1), 0) for count in (1, 2, 3, 4)]
        effective = interval(np.array([effective_dimension(each) for each in found]), 1)
        print(f"| {label} | {' | '.join(cumulative)} | {effective} |")
    print(f"\nPublished: {100 * PUBLISHED_SHARE_OF_THREE:.2f} % in three directions, raw point estimates")


# --- shared exponents -------------------------------------------------------------------------


def source_of(family: str) -> str:
    """Group of a family by :data:`SOURCES`; its own label where it has none."""
    return next((group for part, group in SOURCES.items() if part in family), family)


def between_share(values: FloatArray, groups: NDArray[np.int64]) -> float:
    """Share of the variance of (F,) that lies between groups: intraclass correlation of unequal groups, from 0."""
    counts = np.bincount(groups)
    means = np.bincount(groups, values) / counts
    n_groups, total = len(counts), len(values)
    between = np.sum(counts * (means - values.mean()) ** 2) / (n_groups - 1)
    within = np.sum((values - means[groups]) ** 2) / (total - n_groups)
    typical = (total - np.sum(counts**2) / total) / (n_groups - 1)
    component = max(0.0, (between - within) / typical)
    return float(component / (component + within))


def print_exponents(fit: Fit, names: tuple[str, ...]) -> None:
    """Print how much of the spread of each parameter lies between architectures and recipes, beside shuffled labels."""
    kept = np.array([source_of(family) in SOURCES.values() for family in fit.families])
    labels = np.array([source_of(family) for family in fit.families])[kept]
    groups = np.unique(labels, return_inverse=True)[1]
    draws, rng = family_draws(fit, names)[:, kept], np.random.default_rng(0)
    print(f"\n### Share of variance between {groups.max() + 1} sources, {kept.sum()} families\n")
    print("| parameter | between sources | with shuffled labels |\n| --- | --- | --- |")
    for place, name in enumerate(names):
        found = np.array([between_share(each[:, place], groups) for each in draws])
        chance = np.array([between_share(each[:, place], rng.permutation(groups)) for each in draws])
        print(f"| {name} | {interval(found)} | {interval(chance)} |")
    alpha, beta = (
        np.exp(family_draws(fit, names)[..., names.index(name)]) for name in ("log_alpha", "log_beta")
    )
    print("\n| source | families | alpha, means of families | beta |\n| --- | --- | --- | --- |")
    everywhere = np.array([source_of(family) for family in fit.families])
    for label in np.unique(labels):
        own = everywhere == label
        spans = [np.quantile(values[:, own].mean(axis=0), [0.0, 0.5, 1.0]) for values in (alpha, beta)]
        said = [f"{middle:.2f} ({low:.2f}-{high:.2f})" for low, middle, high in spans]
        print(f"| {label} | {own.sum()} | {' | '.join(said)} |")


# --- seeds ------------------------------------------------------------------------------------


def final_rows(runs: RunTable) -> pd.DataFrame:
    """The last row of every run."""
    frame = runs.frame
    return frame.loc[frame.groupby([FAMILY, RUN])[N_TOKENS].idxmax()]


def near_replicates(runs: RunTable) -> pd.DataFrame:
    """Pairs of runs of one family with equal size, tokens and unique tokens: ``difference`` is of log loss."""
    pairs = []
    for family, rows in final_rows(runs).groupby(FAMILY):
        for (_, one), (_, other) in combinations(rows.iterrows(), 2):
            alike = abs(np.log(one[N_PARAMS] / other[N_PARAMS])) <= SAME_SIZE
            alike &= abs(np.log(one[N_TOKENS] / other[N_TOKENS])) <= SAME_TOKENS
            unique = (one[N_UNIQUE_TOKENS], other[N_UNIQUE_TOKENS])
            alike &= bool(pd.isna(unique[0]) and pd.isna(unique[1])) or unique[0] == unique[1]
            if alike:
                pairs.append((family, one[N_PARAMS], abs(np.log(one[LOSS] / other[LOSS]))))
    return pd.DataFrame(pairs, columns=["family", N_PARAMS, "difference"])


def twin_runs(runs: RunTable) -> pd.DataFrame:
    """Runs of two versions of one family: equal labels but for ``-v0``, equal size and metric, within 1 % in tokens."""
    last = final_rows(runs)
    last = last.assign(root=[re.sub(r"-v\d+$", "", family) for family in last[FAMILY]])
    pairs = last.merge(last, on=["root", N_PARAMS, METRIC], suffixes=("", "_other"))
    pairs = pairs[pairs[FAMILY] < pairs[f"{FAMILY}_other"]]
    pairs = pairs[np.log(pairs[N_TOKENS] / pairs[f"{N_TOKENS}_other"]).abs() <= SAME_TOKENS]
    difference = np.log(pairs[LOSS] / pairs[f"{LOSS}_other"]).abs()
    return pairs[["root", N_PARAMS]].rename(columns={"root": "family"}).assign(difference=difference)


def print_seeds(fit: Fit, runs: RunTable) -> None:
    """Print the spread of runs of one configuration by size: seen in pairs, and in the posterior of run effects."""
    print("\n### Runs of one configuration: difference of two, per cent of loss\n")
    print("| pairs | sizes | pairs | median | largest |\n| --- | --- | --- | --- | --- |")
    for label, pairs in (
        ("within a family", near_replicates(runs)),
        ("two versions of a family", twin_runs(runs)),
    ):
        for bin_, own in pairs.groupby(pd.cut(pairs[N_PARAMS], list(SIZE_BINS)), observed=True):
            figures = 100 * own["difference"]
            sizes = f"{count_label(bin_.left)} to {count_label(bin_.right)}"
            print(f"| {label} | {sizes} | {len(own)} | {figures.median():.2f} | {figures.max():.2f} |")
    draws = fit.draws["theta_family"].sel(parameter="log_run_sd")
    scale = np.exp(flat_draws(draws))
    typical = np.exp(fit.draws["population_mean"].sel(parameter="log_run_sd").to_numpy().ravel())
    print("\n| size | standard deviation of a run, typical family, % | families (10th-90th percentile), % |"
          " families above the published 3.5 % |\n| --- | --- | --- | --- |")  # fmt: skip
    for size in (1e7, 1e8, 1e9, 1e10, 1e11):
        amplitude = float(fit.spec.run_amplitude(size))
        middle = 100 * amplitude * np.median(scale, axis=0)
        above = np.sum(amplitude * np.median(scale, axis=0) > PUBLISHED_SEED_SPREAD)
        low, high = np.quantile(middle, [0.1, 0.9])
        print(
            f"| {size:.0e} | {interval(100 * amplitude * typical)} | {low:.2f}-{high:.2f} | {above} of {len(middle)} |"
        )


def print_posterior(runs: RunTable) -> None:
    """Fit all families together and print what that says."""
    fit = ScalingModel(priors="weak").fit(runs, "laplace", seed=0, progress=False, thin=4)
    print(f"\n## One joint fit of {len(fit.families)} families\n\n{fit.verdict}")
    for note in fit.check():
        if note.code.startswith("unlike"):
            print(f"{note.code}: {note.family}")
    names = tuple(parameter.name for parameter in fit.spec.law.parameters)
    print_dimensions(fit, names)
    print_exponents(fit, names)
    print_seeds(fit, runs)
