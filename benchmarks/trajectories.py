"""Trajectories of OPT and of the over-train models: equal loss, equal compute, scores at equal loss, trends.

    python benchmarks/trajectories.py [--mirror DIR] [--only equal,scores,trends]

Prints Markdown tables. The data are part of the public sets of the package: OPT's validation perplexities and
six BIG-bench tasks at the same checkpoints, and final losses with task errors of the 104 over-train models.
"""

from __future__ import annotations

import argparse
from itertools import pairwise

import numpy as np
import pandas as pd
from tables import markdown

from bayes_scaling.datasets import fetch_dataset, load_dataset, load_table
from bayes_scaling.names import LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.plots import count_label
from bayes_scaling.runs import RunTable
from bayes_scaling.trajectories import (
    TrendPrior,
    compute_envelope,
    fit_size_effect,
    leave_one_size_out,
    losses_at_equal_compute,
    regression_trend,
    simulate_series,
    tokens_at_equal_loss,
    trend_probabilities,
)
from bayes_scaling.trajectories.bayesian_trend import EQUIVALENCE
from bayes_scaling.trajectories.checkpoint_noise import log_curve, noise_sd
from bayes_scaling.trajectories.noisy_curve import draw_curves
from bayes_scaling.trajectories.regression_trend import TRENDS, UNCLEAR
from bayes_scaling.trajectories.simulated_series import draw_prior_series, true_trends

PERPLEXITIES = (25, 20, 15, 12)
BUDGETS = tuple(np.geomspace(1e20, 1e23, 7))
OVERTRAIN_FILE = "raw_data/overtrain/overtrain_downstreams.csv"
TRENDS_FROM = (0.1, 0.3, 0.7)
"""Shares of training from which trends are judged, as in the paper's code."""


def print_equal(opt: RunTable) -> None:
    """Tokens and compute to equal perplexity, loss at equal compute, and the envelope."""
    table = tokens_at_equal_loss(opt, np.log(PERPLEXITIES))
    rows = [
        (
            f"{np.exp(row[LOSS]):.0f}",
            count_label(row[N_PARAMS]),
            *(f"{row[f'n_tokens_{name}'] / 1e9:.1f}" for name in ("median", "q05", "q95")),
            f"{row['flops_median']:.2e}",
        )
        for _, row in table.iterrows()
    ]
    print("\n### Equal perplexity\n")
    print(markdown(("perplexity", "size", "billion tokens", "5 %", "95 %", "FLOPs"), rows))
    table = losses_at_equal_compute(opt, BUDGETS)
    best = compute_envelope(opt, BUDGETS).set_index("flops")
    print("\n### Equal compute: median loss of each size (half width of the 90 % interval)\n")
    sizes = sorted(table[N_PARAMS].unique())
    rows = []
    for budget, seen in table.groupby("flops"):
        by_size = seen.set_index(N_PARAMS)
        half = 0.5 * (by_size["loss_q95"] - by_size["loss_q05"])
        cells = [
            f"{by_size['loss_median'][n]:.3f} ({half[n]:.3f})" if n in by_size.index else "-" for n in sizes
        ]
        top = best.loc[budget]
        rows.append(
            (
                f"{budget:.1e}",
                *cells,
                f"{count_label(top[N_PARAMS])} of {top['n_seen']}",
                f"{top['prob_best']:.2f}",
            )
        )
    print(markdown(("FLOPs", *map(count_label, sizes), "best seen", "P(best)"), rows), flush=True)


def print_interpolation(opt: RunTable) -> None:
    """Each inner checkpoint from the others of its run: a gap twice as wide as those that tables bridge."""
    rng, inside, errors = np.random.default_rng(0), [], []
    for _, rows in opt.frame.groupby(RUN):
        curve = log_curve(rows)
        for place in range(1, curve.shape[1] - 1):
            others = np.delete(curve, place, axis=1)
            sd = noise_sd(others)
            drawn = draw_curves(others, sd, curve[:1, place], 500, rng)[:, 0]
            drawn = drawn + sd * rng.standard_normal(len(drawn))
            low, middle, high = np.quantile(drawn, [0.05, 0.5, 0.95])
            inside.append(low <= curve[1, place] <= high)
            errors.append(abs(middle - curve[1, place]))
    text = f"{len(inside)} inner checkpoints, each from the others: 90 % interval holds {np.mean(inside):.0%}"
    print(f"\n{text}, median error {np.median(errors):.2%} of the loss", flush=True)


def opt_scores(opt: RunTable, mirror: str | None) -> tuple[pd.DataFrame, list[str]]:
    """OPT's checkpoints with a loss and six scores as shares, and the names of the tasks."""
    scores = load_table("colpret", "opt-scores", mirror).drop(columns=RUN)
    table = scores.merge(opt.frame[[RUN, N_PARAMS, N_TOKENS, LOSS]], on=[N_PARAMS, N_TOKENS])
    tasks = [name for name in table if name.startswith("bigbench__")]
    table[tasks] = table[tasks] / 100.0
    table["log_flops"] = np.log(6.0 * table[N_PARAMS] * table[N_TOKENS])
    return table, tasks


def overtrain_scores(mirror: str | None) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """The over-train models by training set with mean accuracies, and the names of these means."""
    raw = pd.read_csv(fetch_dataset("colpret", mirror) / OVERTRAIN_FILE)
    means = {"mean of 46 tasks": raw["err_avg"], "hellaswag": raw["err_hellaswag"]}
    means |= {"arc_easy": raw["err_arc_easy"], "piqa": raw["err_piqa"]}
    table = pd.DataFrame({RUN: raw["name"], N_PARAMS: raw["N"], LOSS: raw["loss_c4_val"]})
    table["log_flops"] = np.log(6.0 * raw["N"] * raw["D"])
    for name, error in means.items():
        table[name] = 1.0 - error.clip(1e-3, 1.0 - 1e-3)  # no model has an accuracy of exactly zero
    return {str(name): rows for name, rows in table.groupby(raw["dataset_name"])}, list(means)


def print_scores(opt: RunTable, mirror: str | None) -> None:
    """The effect of size at equal loss, and leaving out each size."""
    table, tasks = opt_scores(opt, mirror)
    cases = [("OPT", task.removeprefix("bigbench__"), table, task) for task in tasks]
    by_set, means = overtrain_scores(mirror)
    cases += [(label, name, rows, name) for label, rows in by_set.items() for name in means]
    effects, left_out = [], []
    for source, name, rows, column in cases:
        effect = fit_size_effect(rows, column)
        effects.append(
            (
                source,
                name,
                len(rows),
                f"{effect.mean:+.2f}",
                f"{effect.quantile(0.05):+.2f} to {effect.quantile(0.95):+.2f}",
                f"{effect.log_bayes_factor:+.1f}",
                f"{effect.prob_none:.2f}",
            )
        )
        by_loss, by_flops = (leave_one_size_out(rows, column, predictor=x) for x in (LOSS, "log_flops"))
        left_out.append(
            (
                source,
                name,
                *(f"{one['log_density'].sum():.1f}" for one in (by_loss, by_flops)),
                f"{by_loss['log_density_with_size'].sum():.1f}",
                *(f"{100 * rmse(one, 'rmse'):.1f}" for one in (by_loss, by_flops)),
                f"{100 * rmse(by_loss, 'rmse_with_size'):.1f}",
            )
        )
    print("\n### Effect of a tenfold size at equal loss, logits\n")
    header = ("models", "score", "rows", "mean", "90 % interval", "ln BF for an effect", "P(no effect)")
    print(markdown(header, effects))
    print("\n### Leave one size out: log density (sum) and error in points\n")
    columns = ("loss", "compute", "loss and size")
    print(
        markdown(("models", "score", *columns, *(f"RMSE {name}" for name in columns)), left_out), flush=True
    )


def rmse(table: pd.DataFrame, column: str) -> float:
    """Root mean square over all rows from those of the sizes."""
    return float(np.sqrt(np.average(table[column] ** 2, weights=table["n_rows"])))


def print_trends(opt: RunTable, mirror: str | None) -> None:
    """Simulated series of known class, calibration of the probabilities, and OPT's own series."""
    prior = TrendPrior()
    changes, series = draw_prior_series(prior, 20_000, 20, seed=1)
    truth, judged = true_trends(changes, EQUIVALENCE), trend_probabilities(series, prior=prior)
    print("\n### 20,000 series drawn from the prior, 20 checkpoints: share of each true class\n")
    print(confusion(truth, {"posterior": judged["trend"].to_numpy(), "regression": regression_trend(series)}))
    print("\n### Calibration: series by probability of their class\n")
    print(calibration(truth, judged))
    print("\n### No trend (change 0, noise 6 %): share called up or down\n")
    rows = []
    for rho in (0.0, 0.6, 0.9):
        flat = simulate_series(np.zeros(5000), 20, noise_sd=0.06, correlation=rho, seed=2)
        by_rule = np.isin(regression_trend(flat), ("up", "down")).mean()
        moving = trend_probabilities(flat)
        rows.append(
            (
                rho,
                f"{by_rule:.1%}",
                f"{(moving['trend'] != 'flat').mean():.1%}",
                f"{(moving[['up', 'down']].max(axis=1) > 0.95).mean():.1%}",
            )
        )
    print(markdown(("correlation", "regression", "posterior, most probable", "posterior, P > 0.95"), rows))
    print_opt_trends(opt, mirror)


def confusion(truth: np.ndarray, judged: dict[str, np.ndarray]) -> str:
    """Rows: true class and method; columns: share of each verdict."""
    rows = [
        (
            true,
            name,
            int((truth == true).sum()),
            *(f"{(verdict[truth == true] == one).mean():.1%}" for one in (*TRENDS, UNCLEAR)),
        )
        for true in TRENDS
        for name, verdict in judged.items()
    ]
    return markdown(("true", "method", "series", *TRENDS, UNCLEAR), rows)


def calibration(truth: np.ndarray, judged: pd.DataFrame) -> str:
    """Mean probability and frequency of each class in bins of its probability."""
    edges = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
    rows = []
    for low, high in pairwise(edges):
        cells = []
        for trend in TRENDS:
            inside = (judged[trend] > low) & (judged[trend] <= high)
            cells.append(
                f"{judged[trend][inside].mean():.3f} / {(truth[inside] == trend).mean():.3f} ({inside.sum()})"
            )
        rows.append((f"{low:g}-{high:g}", *cells))
    return markdown(("probability", *(f"{trend}: said / true (n)" for trend in TRENDS)), rows)


def print_opt_trends(opt: RunTable, mirror: str | None) -> None:
    """Validation perplexity and task scores of OPT from several shares of training on."""
    table, tasks = opt_scores(opt, mirror)
    rows, counts = [], []
    for start in TRENDS_FROM:
        for size, curve in opt.frame.groupby(N_PARAMS):
            late = curve[curve[N_TOKENS] >= start * curve[N_TOKENS].max()]
            judged = trend_probabilities(np.exp(late[LOSS].to_numpy())).iloc[0]
            verdict = regression_trend(np.exp(late[LOSS].to_numpy()))[0]
            rows.append(
                (
                    f"{start:.0%}",
                    count_label(size),
                    len(late),
                    verdict,
                    *(f"{judged[one]:.2f}" for one in TRENDS),
                    f"{judged['change']:+.3f}",
                )
            )
        late = [
            curve[curve[N_TOKENS] >= start * curve[N_TOKENS].max()] for _, curve in table.groupby(N_PARAMS)
        ]
        series = [curve[task].to_numpy() for curve in late for task in tasks]
        by_rule = pd.Series([regression_trend(one)[0] for one in series]).value_counts()
        by_posterior = pd.Series(
            [trend_probabilities(one, prior=TrendPrior(noise_sd=0.1))["trend"][0] for one in series]
        ).value_counts()
        counts += [
            (f"{start:.0%}", name, *(int(found.get(one, 0)) for one in (*TRENDS, UNCLEAR)))
            for name, found in (("regression", by_rule), ("posterior", by_posterior))
        ]
    print("\n### OPT's validation perplexity\n")
    print(
        markdown(
            (
                "from",
                "size",
                "checkpoints",
                "regression",
                *(f"P({one})" for one in TRENDS),
                "change of ln ppl",
            ),
            rows,
        )
    )
    print("\n### OPT's scores: six tasks of six sizes, number of series\n")
    print(markdown(("from", "method", *TRENDS, UNCLEAR), counts), flush=True)


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mirror")
    parser.add_argument("--only", default="equal,scores,trends")
    arguments = parser.parse_args()
    opt = load_dataset("colpret", arguments.mirror, ["opt"])
    parts = arguments.only.split(",")
    if "equal" in parts:
        print_equal(opt)
        print_interpolation(opt)
    if "scores" in parts:
        print_scores(opt, arguments.mirror)
    if "trends" in parts:
        print_trends(opt, arguments.mirror)


if __name__ == "__main__":
    main()
