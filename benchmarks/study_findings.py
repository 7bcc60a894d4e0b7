"""Published findings of the Hitchhiker's guide (arXiv:2410.11840) beside what the studies of docs/study.md say.

    python benchmarks/study_run.py --out OUT --mirror DIR
    python benchmarks/study_findings.py OUT --mirror DIR [--parts choices,distance,pooling,transfer,posterior]

Prints Markdown tables. A ratio is the geometric mean over families of the error before over the error after, with
its 90 % interval from a bootstrap over families.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from study_posterior import print_posterior
from study_questions import OLMO, read_olmo
from tables import markdown

from bayes_scaling.baselines import hitchhiker_test_rows
from bayes_scaling.datasets import load_public_families
from bayes_scaling.names import FAMILY
from bayes_scaling.study import error_ratios, geometric_mean, read_study, summarise_ratios
from bayes_scaling.study.cell import EVERY_ROW

PARTS = ("choices", "distance", "pooling", "transfer", "posterior")
WAY = ["method", "pooling"]

BASE = {
    "window": "smallest",
    "train_share": EVERY_ROW,
    "drop_tokens": 0.0,
    "checkpoints": "all",
    "target_share": 0.0,
}
"""What a cell holds on the axes that a choice is not about."""

CHOICES: Mapping[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
    "all checkpoints, not the final ones alone": ({"checkpoints": "final"}, {"checkpoints": "all"}),
    "the first 10B tokens dropped": ({"drop_tokens": 0.0}, {"drop_tokens": 1e10}),
    "all of training, not its first 30 %": ({"train_share": 0.3}, {"train_share": EVERY_ROW}),
    "all of training, not its first 60 %": ({"train_share": 0.6}, {"train_share": EVERY_ROW}),
    "3 sizes, not 2": ({"n_sizes": 2}, {"n_sizes": 3}),
    "4 sizes, not 3": ({"n_sizes": 3}, {"n_sizes": 4}),
    "5 sizes, not 3": ({"n_sizes": 3}, {"n_sizes": 5}),
    "8 sizes, not 5": ({"n_sizes": 5}, {"n_sizes": 8}),
    "the nearest 3 sizes, not the smallest 3": ({"window": "smallest"}, {"window": "1"}),
    "the target's first 10 % beside 3 sizes": ({"target_share": 0.0}, {"target_share": 0.1}),
    "its first 30 %": ({"target_share": 0.0}, {"target_share": 0.3}),
    "its first 50 %": ({"target_share": 0.0}, {"target_share": 0.5}),
    **{
        f"the target's first {share:.0%} alone, not 3 sizes": (
            {"n_sizes": 3, "target_share": 0.0},
            {"n_sizes": 0, "target_share": share},
        )
        for share in (0.1, 0.3, 0.5)
    },
}
"""What is compared, before and after; sizes from the smallest, every row, unless the choice is about that."""

DISTANCES = (1, 2, 4, 8, 16, 32, np.inf)
EQUAL_COMPUTE = 2.0
"""Factor within which two sets of training runs cost the same."""

PUBLISHED_ONE_MODEL: Mapping[tuple[str, float], float] = {
    **{("opt", size): are for size, are in ((125e6, 212), (1.3e9, 73.5), (6.7e9, 32.5), (13e9, 24.9), (30e9, 15.0))},
    **{("gpt3", size): are for size, are in zip(
        (125e6, 350e6, 760e6, 1.3e9, 2.7e9, 6.7e9, 13e9), (16.4, 14.8, 14.75, 12.0, 10.6, 8.7, 6.9), strict=True)},
    ("olmo", 1e9): 0.94,
    ("redpajama", 2.4e9): 6.0,
    ("t5-pile", 2.5e8): 212.0,
}  # fmt: skip
"""Errors in per cent by family and size, figures of the guide's repository (hist_1m, all of training). Those of OPT are
on perplexity; which size of T5-pile was meant is not said."""


def done_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Cells that were fitted."""
    return table[table["status"] == "done"]


def base_cells(table: pd.DataFrame, *free: str) -> pd.DataFrame:
    """Cells that hold the usual value on every axis but the free ones."""
    held = [table[name] == value for name, value in BASE.items() if name not in free]
    return table[np.logical_and.reduce(held)]


def _cell_text(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "–" if np.isnan(value) else f"{value:.3g}"


def say(title: str, table: pd.DataFrame) -> None:
    """Print a table under its title, with three significant digits, if it has a row."""
    if table.empty:
        return
    flat = table.reset_index()
    rows = [[_cell_text(value) for value in row] for row in flat.to_numpy(dtype=object)]
    print(f"\n### {title}\n\n{markdown(list(flat.columns), rows)}", flush=True)


# --- choices ----------------------------------------------------------------------------------


def ratio_columns(summary: pd.DataFrame) -> pd.DataFrame:
    """A summary of ratios as a reader wants it; without a row where there were no pairs."""
    if summary.empty:
        return pd.DataFrame(index=summary.index)
    interval = [f"{low:.2f}-{high:.2f}" for low, high in zip(summary["low"], summary["high"], strict=True)]
    return pd.DataFrame(
        {
            "families": summary["n_families"],
            "pairs": summary["n_pairs"],
            "median ARE before, %": 100 * summary["are_before"],
            "after, %": 100 * summary["are_after"],
            "ratio of errors": [f"{ratio:.2f}" for ratio in summary["ratio"]],
            "90 % interval": interval,
        },
        index=summary.index,
    )


def print_choices(table: pd.DataFrame) -> None:
    """Print what each choice does to the error."""
    for title, (before, after) in CHOICES.items():
        pairs = error_ratios(base_cells(table, *before), before, after)
        say(title, ratio_columns(summarise_ratios(pairs, *WAY)))


# --- distance and compute ---------------------------------------------------------------------


def by_distance(table: pd.DataFrame) -> pd.DataFrame:
    """Error, coverage and width by the target's size over the largest training size; two sizes and more."""
    cells = (
        done_cells(base_cells(table, "window"))
        .query("n_sizes >= 2")
        .drop_duplicates([*WAY, "family", "n_sizes", "size_ratio"])
    )
    cells = cells.assign(distance=pd.cut(cells["size_ratio"], list(DISTANCES), include_lowest=True))
    groups = [*WAY, "distance"]
    families = cells.groupby([*groups, "family"], observed=True)[["are", "covered_90", "width_90"]].mean()
    means = 100 * families.groupby(groups, observed=True).mean()
    medians = 100 * families.groupby(groups, observed=True).median()
    return pd.DataFrame(
        {
            "families": families.groupby(groups, observed=True).size(),
            "median ARE, %": medians["are"],
            "mean ARE, %": means["are"],
            "90 % holds, %": means["covered_90"],
            "median width, % of loss": medians["width_90"],
        }
    )


def per_doubling(table: pd.DataFrame) -> pd.DataFrame:
    """Factor on the error for each doubling of the distance: windows of three sizes, a slope in each family."""
    cells = done_cells(base_cells(table, "window")).query("n_sizes == 3 and are > 0")
    cells = cells.drop_duplicates([*WAY, "family", "size_ratio"])
    rng, rows = np.random.default_rng(0), {}
    for way, own in cells.groupby(WAY):
        slopes = np.array(
            [
                np.polyfit(np.log2(each["size_ratio"]), np.log(each["are"]), 1)[0]
                for _, each in own.groupby("family")
                if len(each) >= 3 and each["size_ratio"].max() >= 2 * each["size_ratio"].min()
            ]
        )
        if not len(slopes):
            continue
        mean, low, high = geometric_mean(slopes, rng)
        rows[way] = {
            "families": len(slopes),
            "factor": f"{mean:.2f}",
            "90 % interval": f"{low:.2f}-{high:.2f}",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(index=WAY if rows else None)


def equal_compute(table: pd.DataFrame) -> pd.DataFrame:
    """Several small sizes against fewer that reach further up, at a cost within a factor of two."""
    cells = done_cells(base_cells(table, "window"))
    columns = [*WAY, "family", "n_sizes", "size_ratio", "train_flops", "are"]
    cells = cells[columns].drop_duplicates(columns[:-2])
    pairs = cells.merge(cells, on=[*WAY, "family"], suffixes=("_small", "_large"))
    pairs = pairs.query("n_sizes_small > n_sizes_large and size_ratio_small > size_ratio_large")
    cost = np.log(pairs["train_flops_small"] / pairs["train_flops_large"]).abs()
    pairs = pairs[cost <= np.log(EQUAL_COMPUTE)]
    renamed = pairs.rename(columns={"are_small": "are_before", "are_large": "are_after"})
    log_ratio = np.log(renamed["are_before"] / renamed["are_after"])
    renamed = renamed.assign(
        log_ratio=log_ratio, against=np.where(renamed["n_sizes_large"] == 1, "one model", "several")
    )
    return ratio_columns(summarise_ratios(renamed, *WAY, "against"))


def print_distance(table: pd.DataFrame) -> None:
    """Print what distance costs, and what a larger model is worth at equal compute."""
    say("By distance in size", by_distance(table))
    say("Factor on the error for each doubling of the distance", per_doubling(table))
    say("Several small sizes (before) against fewer larger ones (after), equal compute", equal_compute(table))


# --- pooling ----------------------------------------------------------------------------------


def print_pooling(table: pd.DataFrame) -> None:
    """Print what the population prior is worth, by number of sizes and by family, and who covers what."""
    pairs = error_ratios(table, {"pooling": "none"}, {"pooling": "population"})
    pairs = pairs[pairs["method"] == "laplace"]
    say("Population prior against none, every cell", ratio_columns(summarise_ratios(pairs, "method")))
    base = base_cells(pairs)
    say("By number of sizes", ratio_columns(summarise_ratios(base, "n_sizes")))
    by_family = summarise_ratios(pairs, "family")
    if len(by_family):
        say("By family", ratio_columns(by_family.sort_values("ratio")))
    cells = done_cells(base_cells(table))
    families = cells.groupby([*WAY, "n_sizes", "family"])[
        ["are", "covered_50", "covered_90", "width_90"]
    ].mean()
    means = families.groupby([*WAY, "n_sizes"]).mean() * 100
    say("Means over families, per cent", means.assign(families=families.groupby([*WAY, "n_sizes"]).size()))
    everything = done_cells(table).query("method == 'laplace' and n_sizes >= 2")
    shares = everything.groupby(["pooling", "family"])[["covered_50", "covered_90"]].mean().groupby("pooling")
    say("Coverage over all cells of two sizes and more, means over families, per cent", 100 * shares.mean())


# --- one model --------------------------------------------------------------------------------


def target_losses(mirror: str | None) -> Mapping[str, float]:
    """Mean loss of each family's scored rows, in its own unit."""
    tables = (load_public_families(mirror).frame, read_olmo(mirror).frame)
    return {
        str(family): float(hitchhiker_test_rows(rows)["loss"].mean())
        for frame in tables
        for family, rows in frame.groupby(FAMILY)
    }


def print_transfer(table: pd.DataFrame, mirror: str | None) -> None:
    """Print forecasts from a single model, beside the published ones."""
    cells = done_cells(table).query("n_sizes == 1").drop_duplicates(["family", "size_ratio"]).copy()
    if cells.empty:
        return
    cells["from"] = cells["target_n_params"] / cells["size_ratio"]
    loss = cells["family"].map(target_losses(mirror))
    cells["on perplexity, %"] = 100 * np.abs(np.exp(loss * (np.exp(cells["bias"]) - 1)) - 1)
    cells["published, %"] = [
        published_error(family, size) for family, size in zip(cells["family"], cells["from"], strict=True)
    ]
    chosen = cells[cells["family"].isin({family for family, _ in PUBLISHED_ONE_MODEL})]
    columns = {"are": "ARE, %", "covered_90": "inside 90 %, % of rows", "width_90": "width, % of loss"}
    shown = chosen.assign(**{name: 100 * chosen[name] for name in columns}).rename(columns=columns)
    shown = shown.assign(**{"from, 1e9": shown["from"] / 1e9}).sort_values(["family", "from"])
    order = ["from, 1e9", "published, %", *columns.values(), "on perplexity, %", "warnings"]
    say("One model", shown.set_index("family")[order])
    big = chosen[chosen["family"].isin(["opt", "gpt3"])]
    print(f"\nOPT and GPT-3 to 175B: {(big['covered_90'] > 0.5).sum()} of {len(big)} inside")
    inside = cells["covered_90"] > 0.5
    families = inside.groupby(cells["family"]).mean()
    typical = 100 * cells.groupby("family")["are"].mean().median()
    print(f"All: {inside.sum()} of {len(cells)} inside ({100 * inside.mean():.0f} %), {100 * families.mean():.0f} %"
          f" averaged over {len(families)} families; typical error {typical:.1f} %")  # fmt: skip
    is_noted = cells["warnings"].str.contains("unlike|unknown")
    for said, chosen in (("With a note", is_noted), ("Without", ~is_noted)):
        print(
            f"{said}: {inside[chosen].sum()} of {chosen.sum()} inside, {cells['family'][chosen].nunique()} families"
        )
    missed = cells.loc[~inside, "family"].value_counts()
    print("Outside: " + ", ".join(f"{family} ({count})" for family, count in missed.items()))
    named = {
        code: sorted(
            {
                family
                for family, codes in zip(cells["family"], cells["warnings"], strict=True)
                if code in codes
            }
        )
        for code in ("unlike_level", "unlike_law", "unknown_level")
    }
    for code, families in named.items():
        print(f"{code}: {', '.join(families) or 'none'}")


def published_error(family: str, n_params: float) -> float:
    """The guide's error in per cent for a forecast from this size; NaN where it has none."""
    near = [
        are
        for (name, size), are in PUBLISHED_ONE_MODEL.items()
        if name == family and abs(size / n_params - 1) < 0.15
    ]
    return near[0] if near else np.nan


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", help="folder of the studies")
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    parser.add_argument("--parts", default=",".join(PARTS), help="which tables, by commas")
    arguments = parser.parse_args()
    parts: Sequence[str] = arguments.parts.split(",")
    table = read_study(arguments.out).table
    public = table[table["family"] != OLMO]
    print(f"{len(done_cells(table)):,} fits of {len(table):,} cells, {table['family'].nunique()} families")
    if "choices" in parts:
        print_choices(public)
    if "distance" in parts:
        print_distance(public)
    if "pooling" in parts:
        print_pooling(public)
    if "transfer" in parts:
        print_transfer(table, arguments.mirror)
    if "posterior" in parts:
        print_posterior(load_public_families(arguments.mirror))


if __name__ == "__main__":
    main()
