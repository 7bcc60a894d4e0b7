"""The cut-off back-test of observational scaling laws, with intervals: four emergent abilities of public models.

    python benchmarks/observational.py [--mirror DIR] [--seed 0] [--figure DIR]

Models up to 8.4e22 FLOPs (Llama-2-7B; a quarter of that for arithmetic, without GSM8K) are fitted, larger ones and
those of unknown compute are forecast from their benchmark scores. Errors are on the scale on which 0 is chance and 1 is
perfect.
Printed errors: Ruan, Maddison, Hashimoto 2024, arXiv:2405.10938, section 4.1.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from bayes_scaling.datasets import load_table
from bayes_scaling.observational import (
    MULTIPLICATION,
    PERSIAN_QA,
    SUBTRACTION,
    WORD_UNSCRAMBLE,
    ScoreTable,
    TaskBacktest,
    backtest_task,
    choose_families,
    family_trends,
    fit_components,
)
from bayes_scaling.plots import plot_task_forecasts

PRINTED = {
    WORD_UNSCRAMBLE: (1.3e-2, 4.0e-3),
    PERSIAN_QA: (2.1e-2, 3.2e-3),
    SUBTRACTION: (6.3e-2, 1.3e-2),
    MULTIPLICATION: (1.2e-1, 9.9e-3),
}
"""Test errors of the compute law and of the law of principal components."""

COHORTS = {"paper": ["paper"], "later": ["later"], "all": ["paper", "later"]}
"""Held-out models: those of the paper's first version, those that came after it, and both together."""

COLUMNS = (
    "task",
    "held out",
    "fitted",
    "forecast",
    "MSE compute (printed)",
    "MSE components (printed)",
    "MSE latent, mean",
    "MSE latent, median",
    "50 % holds",
    "90 % holds",
    "CRPS compute",
    "CRPS components",
    "CRPS latent",
    "log score",
)


def main() -> None:
    """Print what the components are, the table of the back-test, and how the fits converged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--figure", type=Path, metavar="DIR", help="draw the forecasts of each task into this folder"
    )
    arguments = parser.parse_args()
    print_components(arguments.mirror)
    frame = load_table("obsscaling", "emergent", arguments.mirror)
    print("\n| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS), flush=True)
    verdicts = []
    for task, printed in PRINTED.items():
        result = backtest_task(frame, task, seed=arguments.seed)
        for label, cohorts in COHORTS.items():
            runs = set(frame.loc[frame["cohort"].isin(cohorts), "run"])
            cells = [task.column, label, result.n_fitted, *row(result.summary(runs), printed)]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)
        if arguments.figure is not None:
            draw(result, frame, arguments.figure / f"observational-{task.column.replace('_', '-')}.png")
        seen = result.fit.convergence
        verdicts.append(
            f"{task.column}: R-hat <= {seen.r_hat_max:.3f}, ESS >= {seen.ess_min:.0f},"
            f" {seen.n_divergent} divergences, {result.fit.seconds:.0f} s"
        )
    print("\n" + "\n".join(verdicts))


def print_components(mirror: str | None) -> None:
    """Print variance shares, the fit of log compute within families, and the models worth evaluating."""
    models = load_table("obsscaling", "benchmarks", mirror)
    table = ScoreTable.from_frame(models[models["cohort"] == "paper"])
    components = fit_components(table)
    shares = components.variance_share.cumsum()
    print(
        f"{len(table)} models: the first component has {shares[0]:.1%} of the variance, three {shares[2]:.1%}"
    )
    trends = family_trends(table, components.project(table)[:, 0])
    median = trends["r_squared"].median()
    print(f"log compute to first component: R² in {len(trends)} families, median {median:.3f}")
    print(trends.round(3).to_string(index=False))
    complete = table.frame.notna().all(axis=1) & (table.frame["flops"] <= WORD_UNSCRAMBLE.cutoff_flops)
    small = table.subset(complete.to_numpy())
    for budget in (4, 8, 12, 16):
        chosen = choose_families(fit_components(small).project(small), small.families, budget)
        print(
            f"best {budget} models: {', '.join(chosen.families)} ({chosen.n_models}, V = {chosen.variance:.2f})"
        )


def draw(result: TaskBacktest, frame: pd.DataFrame, path: Path) -> None:
    """Write a figure of one task: scores over Llama-2-equivalent compute, with the forecasts' intervals."""
    table = result.fit.predict().table
    table["equivalent_flops"] = result.fit.equivalent_flops("Llama-2")["median"]
    table["observed"] = frame.set_index("run").loc[table["run"], result.task.column].to_numpy()
    ax = plot_task_forecasts(table, reference="Llama-2")
    ax.set_title(result.task.column.replace("_", " "))
    ax.figure.savefig(path, dpi=150, facecolor="white")


def row(scores: dict[str, float], printed: tuple[float, float]) -> list[str]:
    """The cells of one task and one set of held-out models."""
    return [
        f"{scores['n_models']:.0f}",
        f"{scores['mse_compute']:.1e} ({printed[0]:.1e})",
        f"{scores['mse_components']:.1e} ({printed[1]:.1e})",
        f"{scores['mse_latent']:.1e}",
        f"{scores['mse_latent_median']:.1e}",
        f"{scores['coverage_50']:.0%}",
        f"{scores['coverage_90']:.0%}",
        f"{scores['crps_compute']:.3f}",
        f"{scores['crps_components']:.3f}",
        f"{scores['crps_latent']:.3f}",
        f"{scores['log_score']:.2f}",
    ]


if __name__ == "__main__":
    main()
