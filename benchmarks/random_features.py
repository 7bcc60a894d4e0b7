"""Random features: measured exponents against theory, and a back-test of the hierarchical model on them.

    python benchmarks/random_features.py [--only exponents,early,backtest] [--seeds 24]

Prints Markdown tables. Needs no data.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import xarray as xr
from tables import markdown

from bayes_scaling import ScalingModel
from bayes_scaling.names import HOLDOUT_LARGEST_MODEL, HOLDOUT_TOP_COMPUTE, SEED
from bayes_scaling.random_features import (
    TEST_LOSS,
    FamilyDesign,
    PowerLawTask,
    compute_frontier,
    limiting_exponents,
    log_log_slope,
    published_exponents,
    simulate_families,
    simulate_losses,
)

PAIRS = ((2.0, 2.0), (1.75, 1.5), (1.5, 1.5))
"""Decays with a - 1 < b, where both forms of theory agree."""

STEEP_PAIR = (5.0, 1.5)
"""a - 1 > 2b: where the printed exponent of width and the model's own limit differ."""

COUNTS = (32, 48, 64, 96, 128, 192, 256, 384)
FRONTIER_WIDTHS = tuple(int(n) for n in np.unique(np.geomspace(12, 384, 22).round()))

N_FAMILIES = 24
BEDS = {
    "like language models": ((1.25, 1.2), (1.6, 1.8)),
    "steeper": ((1.3, 1.2), (2.2, 2.2)),
}
"""Lowest and highest (a, b): exponents of size 0.25-0.6, as the weak prior has them, or 0.3-1.2, mostly beyond it."""


def exponent_rows(a: float, b: float, n_seeds: int, n_modes: int = 3072) -> list[tuple[object, ...]]:
    """Measured exponents of one pair: one resource at a time, then the frontier of time and width."""
    task, theory, printed = PowerLawTask(a, b, n_modes), limiting_exponents(a, b), published_exponents(a, b)
    times = np.geomspace(30.0, 3e4, 31)
    limit = simulate_losses(task, times)[TEST_LOSS].isel(width=0, samples=0)
    by_width = simulate_losses(task, [np.inf], COUNTS, n_seeds=n_seeds)[TEST_LOSS].isel(samples=0, time=0)
    by_data = simulate_losses(task, [np.inf], samples=COUNTS, n_seeds=n_seeds)[TEST_LOSS].isel(
        width=0, time=0
    )
    measured = {
        "time": log_log_slope(limit, "time"),
        "width": log_log_slope(by_width, "width"),
        "samples": log_log_slope(by_data, "samples"),
    }
    rows = [(one.exponent, one.standard_error, name) for name, one in measured.items()]
    rows += [(value, error, name) for name, (value, error) in frontier_exponents(task, n_seeds).items()]
    return [
        (
            f"({a:g}, {b:g})",
            name,
            f"{getattr(printed, name):.3f}",
            f"{getattr(theory, name):.3f}",
            f"{value:.3f}",
            "exact" if np.isnan(error) else f"{error:.3f}",
            f"{value / getattr(theory, name) - 1:+.1%}",
        )
        for value, error, name in rows
    ]


def frontier_exponents(task: PowerLawTask, n_seeds: int) -> dict[str, tuple[float, float]]:
    """Exponents of loss, time and width along the compute frontier, with jackknife errors over seeds."""
    times = np.geomspace(3.0, 3e5, 161)
    losses = simulate_losses(task, times, FRONTIER_WIDTHS, n_seeds=n_seeds)[TEST_LOSS].isel(samples=0)
    widths = np.array([24.0, 192.0])  # budgets whose optimum lies well inside the simulated widths
    edges = _budget_for(losses.mean(SEED), widths)
    budgets = np.geomspace(*edges, 25)

    def slopes(some: xr.DataArray) -> np.ndarray:
        front = np.log(compute_frontier(some.mean(SEED), budgets))
        fitted = [np.polyfit(front["compute"], front[name], 1)[0] for name in ("loss", "time", "width")]
        return np.array([-fitted[0], fitted[1], fitted[2]])

    whole = slopes(losses)
    left_out = np.array([slopes(losses.drop_sel({SEED: one})) for one in losses[SEED].to_numpy()])
    errors = np.sqrt((n_seeds - 1) * left_out.var(axis=0))
    names = ("compute", "optimal_time", "optimal_width")
    return dict(zip(names, zip(whole, errors, strict=True), strict=True))


def _budget_for(losses: xr.DataArray, widths: np.ndarray) -> np.ndarray:
    """Budgets at which the optimum has these widths, by interpolation along a coarse frontier."""
    front = compute_frontier(losses, np.geomspace(1e2, 1e8, 121))
    return np.exp(np.interp(np.log(widths), np.log(front["width"]), np.log(front["compute"])))


def early_rows(n_seeds: int) -> list[tuple[object, ...]]:
    """How the gap to infinite width falls with width: early in training and at its end."""
    rows = []
    for (a, b), early in zip(PAIRS, (30.0, 10.0, 10.0), strict=True):
        task = PowerLawTask(a, b, 3072)
        counts = (48, 64, 96, 128, 192, 256, 384)
        finite = simulate_losses(task, [early, np.inf], counts, n_seeds=n_seeds, seed=1)[TEST_LOSS].isel(
            samples=0
        )
        limit = simulate_losses(task, [early, np.inf])[TEST_LOSS].isel(seed=0, width=0, samples=0, drop=True)
        gap = finite - limit
        gap = gap.where(gap["time"] < np.inf, finite)  # at the end the limit is zero
        first, last = (log_log_slope(gap.isel(time=place), "width") for place in (0, 1))
        rows.append(
            (
                f"({a:g}, {b:g})",
                f"{early:g}",
                "1.000",
                f"{first.exponent:.2f} ({first.standard_error:.2f})",
                f"{a - 1:.3f}",
                f"{last.exponent:.3f} ({last.standard_error:.3f})",
            )
        )
    return rows


def backtest_rows(seed: int) -> list[tuple[object, ...]]:
    """The hierarchical model and two baselines on simulated families, the largest runs hidden."""
    near, far = (16, 32, 64, 128, 256), (16, 24, 32, 48, 384)
    cases = (
        ("like language models", "2x wider", near, HOLDOUT_LARGEST_MODEL),
        ("like language models", "top compute", near, HOLDOUT_TOP_COMPUTE),
        ("like language models", "8x wider", far, HOLDOUT_LARGEST_MODEL),
        ("steeper", "2x wider", near, HOLDOUT_LARGEST_MODEL),
        ("steeper", "8x wider", far, HOLDOUT_LARGEST_MODEL),
    )
    rows = []
    for bed, label, widths, holdout in cases:
        model = ScalingModel("chinchilla", priors="weak", schedule=False)  # a constant rate: nothing decays
        runs = simulate_families(decays(bed), FamilyDesign(widths=widths), seed=seed)
        result = model.backtest(runs, holdout, method="laplace", seed=seed, progress=False)
        rows.append((bed, label, "hierarchical", *_scores(result.summary)))
        others = ("least-squares", "variable-projection")
        rows += [(bed, label, one, *_scores(result.summary["baselines"][one])) for one in others]
    return rows


def decays(bed: str) -> list[tuple[float, float]]:
    """The decays (a, b) of the families of a test bed."""
    low, high = BEDS[bed]
    drawn = np.random.default_rng(2402).uniform(low, high, (N_FAMILIES, 2))
    return [(float(a), float(b)) for a, b in np.round(drawn, 2)]


def _scores(summary: dict) -> tuple[str, ...]:
    def cell(value: float | None, digits: int) -> str:
        return "-" if value is None else f"{100 * value:.{digits}f}"

    return (
        *(cell(summary["coverage"][level], 0) for level in ("50", "90")),
        *(
            cell(summary[name], 2)
            for name in ("are_median", "are_mean", "log_bias_mean", "width_mean", "crps_mean")
        ),
    )


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="exponents,early,backtest")
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    parts, started = arguments.only.split(","), time.perf_counter()
    if "exponents" in parts:
        print("\n### Exponents: (a, b) with a - 1 < b, then one steep pair\n")
        rows = [row for pair in (*PAIRS, STEEP_PAIR) for row in exponent_rows(*pair, arguments.seeds)]
        header = ("(a, b)", "resource", "printed", "limit", "measured", "standard error", "off the limit")
        print(markdown(header, rows), flush=True)
    if "early" in parts:
        print("\n### Gap to infinite width: early and late\n")
        header = ("(a, b)", "early t", "theory", "measured (se)", "late theory", "measured (se)")
        print(markdown(header, early_rows(4 * arguments.seeds)), flush=True)
    if "backtest" in parts:
        print("\n### Back-test on 24 simulated families of 5 widths and 2 seeds each\n")
        header = (
            "families",
            "held out",
            "method",
            "50 %",
            "90 %",
            "median ARE, %",
            "mean ARE, %",
            "log bias, %",
            "width of 90 %, %",
            "CRPS, %",
        )
        print(markdown(header, backtest_rows(arguments.seed)), flush=True)
    print(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
