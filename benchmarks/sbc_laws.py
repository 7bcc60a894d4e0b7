"""Simulation-based calibration of the fast path around every registered law.

    python -m benchmarks.sbc_laws [--simulations 20] [--families 12] [--law NAME ...] [--jobs 2] [--details]

Populations are drawn from each law's weak priors, families from them, runs from these; a joint fit of the families, and
the rank of every family's true parameters, and of one larger run, in the posterior. Prints a Markdown table for
docs/results-papers.md. A verdict is of one law: a calibrated fit fails with probability 0.01.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bayes_scaling import ScalarPrior, ScalingModel, get_law, list_laws, weak_priors
from bayes_scaling.evaluation.sbc import ranks_of
from bayes_scaling.evaluation.sbc_families import FamilyCalibration
from bayes_scaling.laws import Law
from bayes_scaling.models.paths import DEFAULT_SHAPES
from bayes_scaling.names import KIND_MEAN, KIND_RUN
from tests.simulate_laws import MEAN, RUN, LawWorld, simulate_law

N_SIMULATIONS, N_FAMILIES = 20, 12
N_DRAWS = 63
"""Draws that a truth is ranked among, spread over those of a fit: about one of each chain, so nearly independent."""

LEVEL = 0.01


@dataclass(frozen=True)
class LawResult:
    """What was found of one law, and in how many seconds."""

    name: str
    calibration: FamilyCalibration
    seconds: float


def model_of(law: Law, changes: Mapping[str, ScalarPrior] | None = None) -> ScalingModel:
    """The model of the simulator, with some priors changed."""
    priors = weak_priors(law, schedule=law.assumptions.get("schedule", True))
    return ScalingModel(
        law=law,
        priors=priors.with_(**changes) if changes else priors,
        robust=False,
        shapes=DEFAULT_SHAPES[:1],
    )


def draws_of(model: ScalingModel, world: LawWorld, seed: int, options: Mapping[str, Any]) -> list[dict]:
    """Draws of everything in `world.truth`, for each family in turn."""
    fit = model.fit(world.runs, "laplace", seed=seed, progress=False, **options)
    forecasts = {
        name: np.log(fit.predict(world.points, kind=kind, seed=seed).draws)
        for name, kind in ((MEAN, KIND_MEAN), (RUN, KIND_RUN))
    }
    found = []
    for number, family in enumerate(world.truth.index):
        theta = fit.draws["theta_family"].sel(family=family)
        named = {name: theta.sel(parameter=name) for name in world.truth if name not in forecasts}
        named |= {name: draws.isel(obs=number) for name, draws in forecasts.items()}
        found.append({name: one.transpose("chain", "draw").to_numpy().ravel() for name, one in named.items()})
    return found


def calibrate_law(
    law: Law,
    n_simulations: int = N_SIMULATIONS,
    n_families: int = N_FAMILIES,
    *,
    changes: Mapping[str, ScalarPrior] | None = None,
    seed: int = 0,
    **options: Any,
) -> FamilyCalibration:
    """Calibration of one law's model with some priors changed, on data of the unchanged one.

    Parameters
    ----------
    law : Law
    n_simulations, n_families : int
    changes : mapping of str to ScalarPrior, optional
    seed : int
    **options
        Of the fast path.
    """
    model = model_of(law, changes)
    ranks, shares = [], []
    for number in range(n_simulations):
        world = simulate_law(law, n_families, np.random.default_rng([seed, number]))
        found = draws_of(model, world, number, options)
        truth = [family.to_dict() for _, family in world.truth.iterrows()]
        ranks.append(pd.DataFrame([ranks_of(*pair, N_DRAWS) for pair in zip(truth, found, strict=True)]))
        shares.append(pd.DataFrame([shares_of(*pair) for pair in zip(truth, found, strict=True)]))
    return FamilyCalibration(
        {name: np.stack([one[name].to_numpy() for one in ranks]) for name in ranks[0]},
        {name: np.stack([one[name].to_numpy() for one in shares]) for name in shares[0]},
        N_DRAWS,
    )


def shares_of(truth: Mapping[str, float], draws: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Share of draws below the truth, for each quantity."""
    return {name: float(np.mean(draws[name] < value)) for name, value in truth.items()}


def timed(name: str, n_simulations: int, n_families: int, seed: int) -> LawResult:
    """One law, with the seconds that it took."""
    started = time.perf_counter()
    # a law may be evaluated far out in its tails while chains look around
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = calibrate_law(get_law(name), n_simulations, n_families, seed=seed)
    return LawResult(name, found, time.perf_counter() - started)


HEADER = (
    "| law | fits x families | quantities | smallest p | worst mean rank − .5 | 50 % / 90 % hold, all | least 90 % |"
    " larger run, 50 % / 90 % | together | verdict | s |"
)


def row(result: LawResult) -> str:
    """One row of the table."""
    found = result.calibration
    table = found.uniformity()
    shift = (table["mean_rank"] - 0.5).abs()
    worst, least, largest = table["p_holm"].idxmin(), table["inside_90"].idxmin(), shift.idxmax()
    n_simulations, n_families = found.ranks[RUN].shape
    run = 100 * table.loc[RUN, ["inside_50", "inside_90"]]
    cells = [
        result.name,
        f"{n_simulations} x {n_families}",
        f"{len(table)}",
        f"{table.loc[worst, 'p_holm']:.3f} ({worst})",
        f"{table.loc[largest, 'mean_rank'] - 0.5:+.3f} ({largest})",
        f"{100 * found.coverage(0.5):.0f} / {100 * found.coverage(0.9):.0f}",
        f"{100 * table.loc[least, 'inside_90']:.0f} ({least})",
        f"{run['inside_50']:.0f} / {run['inside_90']:.0f}",
        f"{table['together'].median():.2f}",
        "passes" if found.passed(LEVEL) else "*fails*",
        f"{result.seconds:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print a row for each law, and its quantities when asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--simulations", type=int, default=N_SIMULATIONS)
    parser.add_argument("--families", type=int, default=N_FAMILIES)
    parser.add_argument("--law", choices=list_laws(), action="append", help="one of the laws")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes, a law each")
    parser.add_argument("--details", action="store_true", help="print the quantities of each law too")
    arguments = parser.parse_args()
    one = partial(
        timed, n_simulations=arguments.simulations, n_families=arguments.families, seed=arguments.seed
    )
    print(HEADER + "\n" + "|---" * HEADER.count(" |") + "|", flush=True)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for result in pool.map(one, arguments.law or list_laws()):
            print(row(result), flush=True)
            if arguments.details:
                print(result.calibration.uniformity().round(3).to_string(), flush=True)


if __name__ == "__main__":
    main()
