"""How far the intervals can be believed: the model and all baselines on the public families, hidden runs scored.

    python benchmarks/accuracy.py [--mirror DIR] [--method laplace|nuts] [--only largest-model,top-compute,family]

Prints Markdown tables for docs/results.md: one row a method for each hold-out, coverage by group, transfer of a family
from one, two, three and five runs, and the largest models of GPT-3 and OPT. No family that is scored is known to the
priors.
"""

from __future__ import annotations

import argparse
import time

import pandas as pd
from tables import markdown

from bayes_scaling import ScalingModel
from bayes_scaling.api import HierarchicalForecaster, UnpooledForecaster
from bayes_scaling.baselines import (
    BestSeen,
    BorrowedParameters,
    CompletePooling,
    Forecaster,
    HuberLBFGS,
    LeastSquares,
    VariableProjection,
)
from bayes_scaling.datasets import load_public_families
from bayes_scaling.evaluation import BacktestResult, run_backtest
from bayes_scaling.evaluation.macro import family_means
from bayes_scaling.inference import LaplaceSettings, settings_for
from bayes_scaling.names import (
    FAMILY,
    HOLDOUT_FAMILY,
    HOLDOUT_LARGEST_MODEL,
    HOLDOUT_TOP_COMPUTE,
    LOSS,
    N_PARAMS,
)

GROUPS = (
    "trajectories",
    "final points",
    "schedules",
    "repeated epochs",
    "at most 3 training sizes",
    "over 5x in size",
)
N_BOOTSTRAP = 100
N_GIVEN = (1, 2, 3, 5)
"""Runs that are given of a new family."""

N_WORST = 6


def baselines() -> list[Forecaster]:
    """Everything that a user would otherwise take, with intervals where there are any, and single families alone."""
    return [
        LeastSquares(),
        HuberLBFGS(),
        HuberLBFGS(n_bootstrap=N_BOOTSTRAP, name="huber-lbfgs, run bootstrap"),
        VariableProjection(n_bootstrap=N_BOOTSTRAP),
        CompletePooling(n_bootstrap=N_BOOTSTRAP),
        UnpooledForecaster(ScalingModel(priors="weak"), LaplaceSettings(draws=16)),
        BestSeen(),
    ]


def percent(value: float | None, digits: int = 1) -> str:
    """A share in per cent; a dash for none."""
    return "-" if value is None or pd.isna(value) else f"{100 * value:.{digits}f}"


def method_rows(result: BacktestResult) -> list[list[str]]:
    """One row for each method, ours first."""
    summary = result.summary
    methods = {f"**{summary['method']}**": summary, **summary["baselines"]}
    return [
        [
            name,
            *(percent(one["coverage"][level], 0) for level in ("50", "80", "90", "95")),
            percent(one["crps_mean"], 2),
            percent(one["are_median"], 2),
            percent(one["are_final_median"], 2),
            percent(one["interval_score_mean"], 1),
            str(one["n_failed_families"]),
            f"{one['fit_seconds']:.0f}",
        ]
        for name, one in methods.items()
    ]


METHOD_HEADER = (
    "method",
    "50 %",
    "80 %",
    "90 %",
    "95 %",
    "mean CRPS, % of loss",
    "median ARE, %",
    "median ARE, final, %",
    "interval score, %",
    "families failed",
    "seconds",
)


def print_holdout(result: BacktestResult) -> None:
    """The methods, the groups and the ratio of CRPS on equal rows."""
    print(f"\n### {result.holdout}: {result.summary['n_families']} families, {len(result.table)} rows\n")
    print(markdown(METHOD_HEADER, method_rows(result)))
    print("\nCRPS over that of each baseline, on the rows that it forecast:", crps_ratios(result))
    groups = result.groups.set_index("group").loc[list(GROUPS)]
    rows = [
        [
            name,
            str(int(one["n_families"])),
            percent(one["coverage50"], 0),
            percent(one["coverage90"], 0),
            percent(one["crps"], 2),
            percent(one["are"], 2),
        ]
        for name, one in groups.iterrows()
    ]
    print()
    print(markdown(("group", "families", "50 %", "90 %", "mean CRPS, %", "mean ARE, %"), rows), flush=True)


def crps_ratios(result: BacktestResult) -> str:
    """Our mean CRPS over each baseline's, on the rows for which the baseline gave something."""
    ratios = {
        name: one["on_same_rows"]["crps_mean"] / one["crps_mean"]
        for name, one in result.summary["baselines"].items()
        if one["crps_mean"]
    }
    return ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())


def print_transfers(results: dict[int, BacktestResult]) -> None:
    """New families from so many of their smallest runs, and the families that are foretold worst."""
    print("\n### New families, from their smallest runs\n")
    header = (
        "runs given",
        "families",
        "50 %",
        "90 %",
        "mean CRPS, %",
        "of borrowed parameters",
        "median ARE, %",
        "mean ARE, %",
    )
    rows = []
    for n_given, result in results.items():
        one = result.summary
        rows.append(
            [
                str(n_given),
                str(one["n_families"]),
                *(percent(one["coverage"][level], 0) for level in ("50", "90")),
                percent(one["crps_mean"], 2),
                crps_ratios(result),
                percent(one["are_median"], 2),
                percent(one["are_mean"], 2),
            ]
        )
    print(markdown(header, rows), flush=True)
    for n_given, result in results.items():
        worst = family_means(result.table, "log_crps").nlargest(N_WORST)
        told = ", ".join(f"{family} {percent(value, 1)}" for family, value in worst.items())
        print(f"\nFrom {n_given}: largest mean CRPS, %: {told}")


def print_giants(result: BacktestResult) -> None:
    """The final checkpoint of every hidden model of a hundred billion parameters and more."""
    table = result.table
    giants = table[table["is_final"] & (table[N_PARAMS] > 1e11)]
    rows = [
        [
            str(row[FAMILY]),
            f"{row[N_PARAMS]:.3g}",
            f"{row[LOSS]:.4f}",
            f"{row['median']:.4f}",
            f"{row['q05']:.4f} to {row['q95']:.4f}",
            percent(row["are"]),
            "yes" if row["q05"] <= row[LOSS] <= row["q95"] else "no",
        ]
        for _, row in giants.iterrows()
    ]
    print("\n### Models of more than 1e11 parameters, from the smaller ones\n")
    print(
        markdown(("family", "size", "reached", "median", "90 % interval", "ARE, %", "inside"), rows),
        flush=True,
    )


def main() -> None:
    """Run the back-tests that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mirror")
    parser.add_argument("--method", choices=("laplace", "nuts"), default="laplace")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only", default=",".join((HOLDOUT_LARGEST_MODEL, HOLDOUT_TOP_COMPUTE, HOLDOUT_FAMILY))
    )
    arguments = parser.parse_args()
    runs, started = load_public_families(arguments.mirror), time.perf_counter()
    print(f"{runs!r}; method {arguments.method}, seed {arguments.seed}")
    ours = HierarchicalForecaster(ScalingModel(priors="weak"), settings_for(arguments.method, {}))
    for holdout in arguments.only.split(","):
        others = [BorrowedParameters(n_bootstrap=N_BOOTSTRAP)] if holdout == HOLDOUT_FAMILY else baselines()
        result = run_backtest(runs, ours, others, holdout, seed=arguments.seed)
        print_holdout(result)
        if holdout == HOLDOUT_FAMILY:
            more = {
                n_given: run_backtest(runs, ours, others, holdout, n_given=n_given, seed=arguments.seed)
                for n_given in N_GIVEN[1:]
            }
            print_transfers({N_GIVEN[0]: result, **more})
        if holdout == HOLDOUT_LARGEST_MODEL:
            print_giants(result)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()
