"""Memorisation profiles on simulated panels of known truth: coverage, sharpness, prediction of a larger model, time.

    python benchmarks/memorisation.py [--panels 30] [--first-seed 0] [--only usual,few,rough,none,sizes,speed,methods]
                                       [--method nuts|importance] [--no-profile]

The simulator shares no formula with the hierarchical model: its profiles decay by a power law to a floor, with linear
trends over training, random waves between sizes, and independent deviations of cells; instances differ in how much
they are memorised.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from tables import markdown

from bayes_scaling.memorisation import (
    EffectShape,
    MemorisationProfile,
    PanelDesign,
    PanelNoise,
    SimulatedPanel,
    aggregate_effects,
    difference_in_differences,
    difference_in_means,
    efficient_effects,
    fit_profile,
    predict_profile,
    simulate_panel,
    simultaneous_bands,
)

DESIGN = PanelDesign(n_checkpoints=10, n_cohorts=8)
SITUATIONS = {
    "usual": (DESIGN, EffectShape(), PanelNoise()),
    "few": (PanelDesign(10, 8, n_per_cohort=25, n_never=60), EffectShape(), PanelNoise()),
    "rough": (DESIGN, EffectShape(cell_sd=0.3), PanelNoise(effect_sd=1.0)),
    "none": (DESIGN, EffectShape(instantaneous=0.0), PanelNoise()),
}
"""The simulator's defaults; 25 instances a cohort; rough profiles that differ between instances; no memorisation."""

SIZES = (7e7, 4.1e8, 1.4e9, 6.9e9, 1.2e10)
"""Of the paper; the largest is predicted."""

SIZES_DESIGN = PanelDesign(n_checkpoints=8, n_cohorts=6, n_never=160, sizes=SIZES)
KEY = ["model", "cohort", "checkpoint"]
METHODS = ("nuts", "importance")
QUALITY = {
    "r_hat_max": ("R-hat <= {:.4f}", "max"),
    "n_divergent": ("{:.0f} divergences", "sum"),
    "pareto_k": ("Pareto k <= {:.2f}", "max"),
    "ess_min": ("ESS >= {:.0f}", "min"),
}
"""How well the parameters were drawn: by NUTS the first two and the last, by importance sampling the last two."""


def with_truth(table: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Cells from training on, with what is true of them."""
    return table[table["is_post"]].merge(truth[[*KEY, "tau"]], on=KEY, validate="one_to_one")


def cells_scores(cells: pd.DataFrame) -> dict[str, float]:
    """Coverage, mean width and root mean squared error."""
    return {
        "coverage": ((cells["lower"] <= cells["tau"]) & (cells["tau"] <= cells["upper"])).mean(),
        "width": (cells["upper"] - cells["lower"]).mean(),
        "rmse": np.sqrt(((cells["estimate"] - cells["tau"]) ** 2).mean()),
    }


def event_scores(table: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """The same for averages at each event time; all cohorts have the same number of instances.

    A band is to hold every row that it was made for: placebos too, of which zero is true.
    """
    expected = truth.groupby("event_time")["tau"].mean().reset_index()
    events = table.merge(expected, on="event_time", how="left")
    tau = events["tau"].where(events["event_time"] >= 0, 0.0)
    outside = (tau < events["band_lower"]) | (tau > events["band_upper"])
    found = cells_scores(events[events["event_time"] >= 0])
    return {
        **{f"event {name}": value for name, value in found.items() if name != "rmse"},
        "band": float(not outside.any()),
    }


def score_panel(
    simulated: SimulatedPanel, seed: int, method: str | None = "nuts"
) -> list[dict[str, float | str]]:
    """One row of scores for each estimator on one panel of one model; no hierarchical one without a method."""
    panel, truth = simulated.panel, simulated.truth
    rows: list[dict[str, float | str]] = []
    for effects in (
        difference_in_means(panel),
        difference_in_differences(panel),
        efficient_effects(panel).effects,
    ):
        bands = with_truth(simultaneous_bands(effects, n_draws=500, seed=seed), truth)
        inside = (bands["band_lower"] <= bands["tau"]) & (bands["tau"] <= bands["band_upper"])
        rows.append(
            {
                "method": effects.method,
                **cells_scores(bands),
                **event_scores(aggregate_effects(effects, "event", n_draws=500, seed=seed), truth),
                "band of cells": float(inside.all()),
            }
        )
    if method is not None:
        rows.append(score_profile(simulated, seed, method))
    return rows


def score_profile(simulated: SimulatedPanel, seed: int, method: str) -> dict[str, float | str]:
    """The row of the hierarchical model."""
    started = time.perf_counter()
    fit = fit_profile(simulated.panel, method=method, seed=seed)
    seconds = time.perf_counter() - started
    return {
        "method": "hierarchical",
        **cells_scores(with_truth(fit.effects.table(), simulated.truth)),
        **event_scores(fit.effects.summary("event"), simulated.truth),
        **quality(fit, seconds),
    }


def quality(fit: MemorisationProfile, seconds: float) -> dict[str, float]:
    """How well the parameters were drawn, and how long the fit took."""
    seen = fit.convergence
    found = {name: float(getattr(seen, name)) for name in QUALITY if hasattr(seen, name)}
    return {**found, "seconds": seconds}


def worst_quality(rows: pd.DataFrame) -> str:
    """The worst of all fits, in one line."""
    worst = [text.format(rows[name].agg(how)) for name, (text, how) in QUALITY.items() if name in rows]
    return ", ".join([*worst, f"{rows['seconds'].mean():.1f} s a fit"])


def panels(situation: str, seeds: range, method: str | None) -> None:
    """Print coverage and sharpness in one situation; coverage with its standard error over panels."""
    design, shape, noise = SITUATIONS[situation]
    started = time.perf_counter()
    rows = pd.DataFrame(
        row
        for seed in seeds
        for row in score_panel(simulate_panel(design, shape, noise, seed=seed), seed, method)
    )
    found = rows.drop(columns=[*QUALITY, "seconds"], errors="ignore").groupby("method", sort=False)
    table = found.mean()
    reference = table.loc["difference in differences"]
    for scale in ("width", "rmse", "event width"):
        table[scale] /= reference[scale]
    for share in ("coverage", "event coverage", "band", "band of cells"):
        error = found[share].std() / np.sqrt(len(seeds))
        table.insert(table.columns.get_loc(share) + 1, f"± {share}", error)
    print(f"\n## {situation}: {len(seeds)} panels, 90 % intervals; widths and errors over those of DiD\n")
    print(three_digits(table))
    print(f"\n{time.perf_counter() - started:.0f} s in all")
    if method is not None:
        print(f"hierarchical by {method}: {worst_quality(rows)}", flush=True)


def score_prediction(seed: int, method: str) -> dict[str, float]:
    """How well the largest model's profile is known from the smaller ones, on one panel."""
    simulated = simulate_panel(SIZES_DESIGN, EffectShape(), PanelNoise(), seed=seed)
    panel, truth = simulated.panel, simulated.truth
    *smaller, largest = panel.models
    started = time.perf_counter()
    fit = fit_profile(panel, smaller, method=method, seed=seed)
    seconds = time.perf_counter() - started
    predicted = predict_profile(fit, SIZES[-1], label=largest, seed=seed)
    cells = with_truth(predicted.table(), truth)
    own = with_truth(difference_in_differences(panel, largest).table(), truth)
    scores = {
        **quality(fit, seconds),
        "corr predicted": np.corrcoef(cells["estimate"], cells["tau"])[0, 1],
        "corr own DiD": np.corrcoef(own["estimate"], own["tau"])[0, 1],
        **{f"predicted {name}": value for name, value in cells_scores(cells).items()},
        **{f"own DiD {name}": value for name, value in cells_scores(own).items()},
        "predicted width over own DiD": cells_scores(cells)["width"] / cells_scores(own)["width"],
        "predicted log ratio": np.log(cells["estimate"].mean() / cells["tau"].mean()),
    }
    for model in smaller:
        effects = difference_in_differences(panel, model).table()
        estimates = effects[effects["is_post"]]["estimate"].to_numpy()
        scores[f"corr {model}"] = np.corrcoef(estimates, own["estimate"])[0, 1]
    return scores


def sizes(seeds: range, method: str) -> None:
    """Print how well a larger model's profile is predicted."""
    rows = pd.DataFrame([score_prediction(seed, method) for seed in seeds])
    print(f"\n## the largest of {len(SIZES)} models predicted from the others: {len(seeds)} panels\n")
    print(f"by {method}: {worst_quality(rows)}\n")
    found = rows.drop(columns=[*QUALITY, "seconds"], errors="ignore")
    summary = found.agg(["mean", "sem", "min", "max"]).T
    print(three_digits(summary), flush=True)


def speed(_: range, method: str) -> None:
    """Print the time that a panel of the paper's size takes."""
    design = PanelDesign(n_checkpoints=96, n_cohorts=95, n_per_cohort=150, n_never=2000)
    panel = simulate_panel(design).panel
    coarse = panel.coarsen(6)
    actions: Mapping[str, Callable[[], object]] = {
        "difference in differences": lambda: difference_in_differences(panel),
        "by event time, 1000 draws": lambda: aggregate_effects(difference_in_differences(panel), "event"),
        "all cells at once, 1000 draws": lambda: simultaneous_bands(difference_in_differences(panel)),
        "generalised least squares, each 6th checkpoint": lambda: efficient_effects(coarse),
        "hierarchical, each 6th checkpoint": lambda: fit_profile(coarse, method=method),
    }
    print(f"\n## time for {panel!r}\n")
    seconds = {}
    for name, action in actions.items():
        started = time.perf_counter()
        action()
        seconds[name] = time.perf_counter() - started
    print(three_digits(pd.Series(seconds, name="seconds").to_frame()), flush=True)


def methods(seeds: range, _: str) -> None:
    """Print NUTS and importance sampling on the same two panels, of the first seed."""
    design, shape, noise = SITUATIONS["usual"]
    one = simulate_panel(design, shape, noise, seed=seeds[0]).panel
    several = simulate_panel(SIZES_DESIGN, EffectShape(), PanelNoise(), seed=seeds[0]).panel
    rows = {}
    for name, panel, models in (("one model", one, one.models), ("four sizes", several, several.models[:-1])):
        fits = {}
        for method in METHODS:
            started = time.perf_counter()
            fits[method] = fit_profile(panel, models, method=method, seed=seeds[0])
            rows[f"{name}, {method}"] = quality(fits[method], time.perf_counter() - started)
        nuts, other = (fit.effects.table() for fit in fits.values())
        rows[f"{name}, importance"] |= {
            "largest shift of a mean, sd": ((other["estimate"] - nuts["estimate"]) / nuts["se"]).abs().max(),
            "largest change of an sd": (other["se"] / nuts["se"] - 1.0).abs().max(),
        }
    print(f"\n## NUTS and importance sampling on the same panels, seed {seeds[0]}\n")
    print(three_digits(pd.DataFrame(rows).T), flush=True)


def three_digits(table: pd.DataFrame) -> str:
    """The table as Markdown, three digits."""
    rows = [
        [name, *("" if np.isnan(value) else f"{value:.3f}" for value in row)]
        for name, row in zip(table.index, table.to_numpy(dtype=float), strict=True)
    ]
    return markdown(["", *map(str, table.columns)], rows)


PARTS: Mapping[str, Callable[[range, str], None]] = {"sizes": sizes, "speed": speed, "methods": methods}


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panels", type=int, default=30)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--only", default=",".join([*SITUATIONS, *PARTS]))
    parser.add_argument("--method", choices=METHODS, default="nuts", help="of fit_profile")
    parser.add_argument(
        "--no-profile",
        action="store_true",
        help="leave the hierarchical model out, where nearly all time goes",
    )
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.panels)
    for name in arguments.only.split(","):
        if name in SITUATIONS:
            panels(name, seeds, None if arguments.no_profile else arguments.method)
        else:
            PARTS[name](seeds, arguments.method)


if __name__ == "__main__":
    main()
