"""Does the sampler converge: on the demo's runs and on five ColPret families of different size.

    python benchmarks/convergence.py [--mirror DIR]

Prints, for each table, worst R-hat, smallest effective sample size, divergences and seconds (compilation included).
"""

from __future__ import annotations

import argparse

from bayes_scaling import RunTable, ScalingModel, load_dataset
from bayes_scaling.datasets import without_suspects
from bayes_scaling.evaluation import split_runs
from bayes_scaling.inference import convergence
from bayes_scaling.names import HOLDOUT_LARGEST_MODEL

FIVE_PARTS = ("gpt3", "opt", "redpajama", "overtrain")


def tables(mirror: str | None) -> dict[str, RunTable]:
    """The tables that are fitted, by name; suspect rows left out."""
    published, colpret = load_dataset("published"), load_dataset("colpret", mirror, FIVE_PARTS)
    clean = [without_suspects(runs) for runs in (published, colpret)]
    five = clean[1].select([family for family in clean[1].families][:5])
    return {
        "published, largest held out": split_runs(clean[0], HOLDOUT_LARGEST_MODEL)[0].train,
        "five ColPret families": five,
    }


def main() -> None:
    """Fit each table and print its convergence."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mirror")
    mirror = arguments.parse_args().mirror
    for name, runs in tables(mirror).items():
        fit = ScalingModel().fit(runs, seed=0, progress=False)
        seen = convergence(fit)
        print(f"{name}: {runs!r}")
        print(f"  families: {', '.join(runs.families)}")
        print(
            f"  R-hat <= {seen.r_hat_max:.4f}  ESS >= {seen.ess_min:.0f}"
            f"  divergences {seen.n_divergent} of {fit.n_draws}"
            f"  saturated trees {seen.n_max_depth}  {fit.seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
