"""Published findings of the Hitchhiker's guide beside what a study of the public families says.

    bayes-scaling study benchmarks/study.toml --out OUT
    python benchmarks/study_findings.py OUT

Prints Markdown tables for docs/study.md: pairs of cells that differ in one choice, and error and coverage by distance.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from bayes_scaling.study import read_study

KEYS = ("family", "n_sizes", "train_share", "drop_tokens", "way")
PAIRS = (("drop_tokens", 0.0, 1e10), ("train_share", 0.3, 1.0), ("train_share", 0.6, 1.0))
N_BOOTSTRAP = 1000
DISTANCES = ((0, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, np.inf))


def ratio_of_errors(cells: pd.DataFrame, axis: str, first: float, second: float) -> pd.DataFrame:
    """Geometric mean over families of the error at `first` over that at `second`, with a 90 % interval, by way."""
    keys = [key for key in KEYS if key != axis]
    pairs = cells.pivot_table("are", keys, axis, aggfunc="first")[[first, second]].dropna()
    families = pairs.groupby(["way", "family"]).mean()
    log_ratio = np.log(families[first] / families[second])
    rng, rows = np.random.default_rng(0), {}
    for way, values in log_ratio.groupby("way"):
        drawn = rng.choice(values.to_numpy(), (N_BOOTSTRAP, len(values))).mean(axis=1)
        low, high = np.exp(np.quantile(drawn, [0.05, 0.95]))
        medians = 100 * families.loc[way].median()
        rows[way] = {
            "families": len(values),
            "median ARE before, %": medians[first],
            "after, %": medians[second],
            "ratio of errors": np.exp(values.mean()),
            "from": low,
            "to": high,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def by_distance(cells: pd.DataFrame) -> pd.DataFrame:
    """Error, coverage and width of whole runs by the target's size over the largest training size."""
    edges = [low for low, _ in DISTANCES] + [np.inf]
    place = pd.cut(cells["size_ratio"], edges).rename("times in size")
    families = cells.groupby(["way", place, "family"], observed=True)[
        ["are", "covered_90", "width_90"]
    ].mean()
    groups = 100 * families.groupby(["way", "times in size"], observed=True).median()
    groups["families"] = families.groupby(["way", "times in size"], observed=True).size()
    groups["covered_90"] = (
        100 * families["covered_90"].groupby(["way", "times in size"], observed=True).mean()
    )
    return groups


def markdown(table: pd.DataFrame) -> str:
    """A Markdown table with two digits after the point."""
    flat = table.reset_index()
    lines = [list(flat.columns), ["---"] * flat.shape[1]]
    lines += [
        [f"{x:.2f}" if isinstance(x, float) else str(x) for x in row] for row in flat.to_numpy(dtype=object)
    ]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", help="folder of the study")
    cells = read_study(parser.parse_args().out).table
    done = cells[cells["status"] == "done"].copy()
    done["way"] = done["method"].astype(str) + ", " + done["pooling"].astype(str)
    for axis, first, second in PAIRS:
        print(f"\n### {axis}: {first:g} against {second:g}\n")
        print(markdown(ratio_of_errors(done, axis, first, second)))
    print("\n### By distance\n")
    print(markdown(by_distance(done[done["train_share"] == 1.0])))


if __name__ == "__main__":
    main()
