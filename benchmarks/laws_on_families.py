"""How well each law in parameters, tokens or compute forecasts the largest model of every public family.

    python benchmarks/laws_on_families.py [--mirror DIR] [--laws chinchilla,overtrain,...] [--parts table,compute,tied]

Prints Markdown tables for docs/results.md: one row a law; whether compute alone leaves a dependence on tokens a
parameter; how many directions the additive law's parameters have over families, and the tied law at pivots of our own.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from scipy import stats
from scipy.special import logsumexp
from tables import markdown

from bayes_scaling import Fit, RunTable, ScalingModel
from bayes_scaling.api import HierarchicalForecaster
from bayes_scaling.datasets import load_public_families
from bayes_scaling.evaluation import run_backtest, split_runs
from bayes_scaling.inference import LaplaceSettings
from bayes_scaling.laws import CHINCHILLA, get_law
from bayes_scaling.laws.tied import PUBLISHED_PIVOTS, Pivots, Tied
from bayes_scaling.models import build_layout
from bayes_scaling.names import HOLDOUT_LARGEST_MODEL, N_PARAMS, N_TOKENS
from bayes_scaling.priors import weak_priors

LAWS = (
    "chinchilla",
    "overtrain",
    "power-sum",
    "multiplicative",
    "kaplan-nd",
    "compute",
    "kaplan-c",
    "tied",
    "kaplan-n",
    "kaplan-d",
)
MIN_POINTS = 8
"""Rows that a family needs for a regression of its residuals on four columns."""

PUBLISHED_SHARE_OF_THREE = 0.9949
"""Choshen et al. 2024, arXiv:2410.11840: variance of five point estimates in three directions, over families."""


def score(name: str, model: ScalingModel, runs: RunTable, seed: int) -> list[str]:
    """One row of the table of laws."""
    started = time.perf_counter()
    ours = HierarchicalForecaster(model, LaplaceSettings())
    result = run_backtest(runs, ours, [], HOLDOUT_LARGEST_MODEL, seed=seed)
    summary = result.summary
    (diagnostics,) = result.method.diagnostics
    return [
        name,
        str(len(model.spec.law.parameters)),
        *(f"{100 * summary['coverage'][level]:.0f}" for level in ("90", "50")),
        f"{100 * summary['crps_mean']:.2f}",
        f"{100 * summary['are_median']:.2f}",
        f"{diagnostics['r_hat_max']:.3f}",
        f"{time.perf_counter() - started:.0f}",
    ]


HEADER = ("law", "parameters", "90 %", "50 %", "mean CRPS, % of loss", "median ARE, %", "R-hat", "seconds")


# --- compute alone ----------------------------------------------------------------------------


def residual_slopes(fit: Fit, runs: RunTable) -> tuple[np.ndarray, np.ndarray]:
    """By family, slope and curvature (F, 2) of the residual of the law of compute in ln(D/N), and their errors.

    Residuals are those of each posterior draw of the mean: law and schedule gap, without the discrepancy. They are
    regressed on 1, ln C, ln(D/N) and its square, so that a misfit along compute is not taken for one along the split.
    The error has the spread between draws in it.
    """
    layout = build_layout(fit.spec, runs)
    theta = fit.idata["posterior"]["theta_family"].stack(sample=("chain", "draw"))
    draws = theta.isel(sample=slice(None, None, 16)).transpose("sample", "family", "parameter").to_numpy()
    found, errors = [], []
    mean = fit.spec.mean
    for place in range(len(layout.families)):
        own = layout.family_index == place
        params = {name: draws[:, place, number, None] for number, name in enumerate(mean.parameter_names)}
        inputs = {name: values[own] for name, values in layout.inputs.items()}
        residual = layout.log_loss[own] - mean.log_loss(np, params, inputs)
        split = np.log(layout.frame[N_TOKENS] / layout.frame[N_PARAMS]).to_numpy()[own]
        one = regress(residual, np.log(inputs["flops"]), split - split.mean())
        if one is not None:
            found.append(one[0])
            errors.append(one[1])
    return np.array(found), np.array(errors)


def regress(
    residual: np.ndarray, log_c: np.ndarray, split: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Mean and standard deviation (2,) of slope and curvature; None where a family cannot tell them."""
    design = np.stack([np.ones_like(split), log_c - log_c.mean(), split, split**2], axis=1)
    if len(split) < MIN_POINTS or np.linalg.cond(design / np.linalg.norm(design, axis=0)) > 30:
        return None
    inverse = np.linalg.inv(design.T @ design)
    weights = residual @ design @ inverse
    left = residual - weights @ design.T
    variance = (left**2).sum(axis=1).mean() / (len(split) - 4) * np.diag(inverse)
    return weights[:, 2:].mean(axis=0), np.sqrt(variance[2:] + weights[:, 2:].var(axis=0))


def pooled(values: np.ndarray, errors: np.ndarray) -> tuple[float, float, float, float]:
    """Mean, sd, 95 % interval ends of the mean of a normal population, its spread integrated over a flat grid."""
    spread = np.linspace(0.0, 4 * values.std() + 1e-9, 400)[:, None]
    weight = 1 / (errors**2 + spread**2)
    centre = (weight * values).sum(axis=1) / weight.sum(axis=1)
    log_evidence = (
        0.5 * (np.log(weight) - weight * (values - centre[:, None]) ** 2).sum(axis=1)
        - 0.5 * np.log(weight.sum(axis=1))
    )  # fmt: skip
    share = np.exp(log_evidence - logsumexp(log_evidence))
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(spread), 20_000, p=share)
    draws = rng.normal(centre[chosen], 1 / np.sqrt(weight.sum(axis=1)[chosen]))
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(draws.mean()), float(draws.std()), float(low), float(high)


def print_compute_claim(runs: RunTable, seed: int) -> None:
    """Print whether the residual of the law of compute alone depends on how the budget was split."""
    fit = ScalingModel(law="compute", priors="weak").fit(runs, "laplace", seed=seed, progress=False)
    found, errors = residual_slopes(fit, runs)
    rows = []
    for place, name in enumerate(("slope in ln(D/N)", "curvature, (ln D/N)^2")):
        mean, sd, low, high = pooled(found[:, place], errors[:, place])
        clear = np.mean(np.abs(found[:, place]) > 1.96 * errors[:, place])
        rows.append([name, f"{mean:+.4f}", f"{sd:.4f}", f"{low:+.4f} to {high:+.4f}", f"{100 * clear:.0f}"])
    print(
        f"\n### Compute alone: what its residual in log loss owes to tokens a parameter, {len(found)} families\n"
    )
    header = ("term", "population mean", "sd", "95 % interval", "families where it is clear, %")
    print(markdown(header, rows), flush=True)


# --- how many directions the parameters have --------------------------------------------------


def posterior_medians(fit: Fit) -> dict[str, np.ndarray]:
    """Medians (F,) of E, ln A, ln B, alpha and beta of every family."""
    theta = fit.idata["posterior"]["theta_family"].stack(sample=("chain", "draw"))
    params = {name: theta.sel(parameter=name).to_numpy() for name in CHINCHILLA.parameter_names}
    published = CHINCHILLA.to_published(np, params)
    named = {
        "ln A": np.log(published["A"]),
        "ln B": np.log(published["B"]),
        "ln E": params["log_E"],
        "alpha": published["alpha"],
        "beta": published["beta"],
    }
    return {name: np.median(values, axis=-1) for name, values in named.items()}


def share_of_first(columns: np.ndarray, count: int = 3) -> float:
    """Share of variance of (F, P) columns in their first principal components."""
    spectrum = np.linalg.svd(columns - columns.mean(axis=0), compute_uv=False) ** 2
    return float(spectrum[:count].sum() / spectrum.sum())


def print_directions(runs: RunTable, seed: int) -> None:
    """Principal components of the additive law's parameters, the lines of tied, and tied at our own pivots."""
    train = split_runs(runs, HOLDOUT_LARGEST_MODEL)[0].train
    fit = ScalingModel(priors="weak").fit(train, "laplace", seed=seed, progress=False)
    medians = posterior_medians(fit)
    raw = np.stack(list(medians.values()), axis=1)
    pooled_scale = np.stack(
        [
            fit.idata["posterior"]["theta_family"].sel(parameter=name).median(("chain", "draw")).to_numpy()
            for name in CHINCHILLA.parameter_names
        ],
        axis=1,
    )
    size = stats.linregress(medians["ln A"], medians["alpha"])
    data = stats.linregress(medians["ln B"], medians["beta"])
    print(
        f"\n### Directions of the additive law's parameters over {len(raw)} families, training runs alone\n"
    )
    rows = [
        [
            "first 3 components, raw (ln A, ln B, ln E, alpha, beta)",
            "99.49",
            f"{100 * share_of_first(raw):.2f}",
        ],
        ["the same, standardised", "-", f"{100 * share_of_first(raw / raw.std(axis=0)):.2f}"],
        [
            "standardised, in shares at the reference point",
            "-",
            f"{100 * share_of_first(pooled_scale / pooled_scale.std(axis=0)):.2f}",
        ],
        ["correlation of alpha with ln A", "near-linear", f"{size.rvalue:.3f}"],
        ["correlation of beta with ln B", "near-linear", f"{data.rvalue:.3f}"],
        ["alpha = c + k ln A", "0.0116 + 0.0500 ln A", f"{size.intercept:.4f} + {size.slope:.4f} ln A"],
        ["beta = c + k ln B", "0.2371 + 0.0384 ln B", f"{data.intercept:.4f} + {data.slope:.4f} ln B"],
    ]
    print(markdown(("", "published, point fits", "ours, posterior medians"), rows), flush=True)
    pivots = Pivots.from_lines(
        (size.intercept, size.slope), (data.intercept, data.slope), float(np.exp(np.mean(medians["ln E"])))
    )
    print(f"\nTied at pivots of its own: {pivots}; published: {PUBLISHED_PIVOTS}\n")
    priors = weak_priors(get_law("tied")).with_(log_beta=weak_priors(CHINCHILLA).parameters["log_beta"])
    model = ScalingModel(law=Tied(pivots), priors=priors)
    print(markdown(HEADER, [score("tied, own pivots", model, runs, seed)]), flush=True)


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mirror")
    parser.add_argument("--laws", default=",".join(LAWS))
    parser.add_argument("--parts", default="table,compute,tied")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    runs, parts = load_public_families(arguments.mirror), arguments.parts.split(",")
    print(f"{runs!r}; seed {arguments.seed}")
    if "table" in parts:
        print("\n### Each family's largest model from its smaller ones, one law for all families\n")
        print(markdown(HEADER, []), flush=True)
        for name in arguments.laws.split(","):
            row = score(name, ScalingModel(law=name, priors="weak"), runs, arguments.seed)
            print("| " + " | ".join(row) + " |", flush=True)
    if "compute" in parts:
        print_compute_claim(runs, arguments.seed)
    if "tied" in parts:
        print_directions(runs, arguments.seed)


if __name__ == "__main__":
    main()
