"""Simulation-based calibration of the hierarchical model, on data of a simulator that shares no code with it.

    python -m benchmarks.sbc [--simulations 200] [--method laplace|nuts] [--shape steady] [--only right,...]

A population is drawn from the weak priors, families from it, runs from them; the model never sees each family's largest
run. Beside the right model stand wrong ones, which must fail: they show that the ranks could have told.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling import Fit, Priors, RunTable, ScalarPrior, ScalingModel, weak_priors
from bayes_scaling.evaluation.sbc import Calibration, calibrate
from bayes_scaling.laws import CHINCHILLA
from bayes_scaling.models.paths import DEFAULT_SHAPES
from bayes_scaling.names import KIND_MEAN, KIND_RUN
from bayes_scaling.runs.validation import UNIFORM_GUESS_NATS
from tests.simulate import PARAMETERS, TRUTH, Design, Path, Simulation, simulate

N_FAMILIES = 4
HIDDEN_SIZE = 2e10
DESIGN = Design(sizes=(1e8, 3e8, 1e9, 3e9, HIDDEN_SIZE), n_seeds=2, n_checkpoints=4, first_tokens=3e10)
FAMILY = "family-0"
OF_THE_FAMILY = ("log_E", "log_alpha", "log_beta", "schedule_gap", "log_run_sd", "log_discrepancy_sd")
OF_THE_POPULATION = OF_THE_FAMILY
SPREADS = ("log_E", "log_alpha", "log_discrepancy_sd")
SHAPES = {shape.name: shape for shape in DEFAULT_SHAPES}

WRONG: dict[str, dict[str, ScalarPrior]] = {
    "a law without discrepancy": {
        "log_discrepancy_sd": ScalarPrior(
            np.log(1e-4), 0.05, 0.05, 1.1, "wrong on purpose: a law is never exact"
        )
    },
    "runs that all but repeat": {
        "log_run_sd": ScalarPrior(
            np.log(6e-4), 0.05, 0.05, 1.1, "wrong on purpose: a tenth of the right scale"
        )
    },
}
"""Priors that contradict the simulator."""


@dataclass(frozen=True)
class DrawnPopulation:
    """A population as `tests.simulate` takes it."""

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def sd(self) -> np.ndarray:
        """Spread of each parameter between families."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True)
class World:
    """Everything that is simulated: training rows, and the last checkpoint of a larger model."""

    runs: RunTable
    point: pd.DataFrame


def draw_population(priors: Priors, rng: np.random.Generator) -> DrawnPopulation:
    """A population from the numbers of a set of priors, by the equations of `models/population.py`."""
    chosen = [priors.parameters[name] for name in PARAMETERS]
    mean = np.array([rng.normal(prior.location, prior.location_sd) for prior in chosen])
    sd = np.array([prior.spread * prior.spread_factor ** rng.standard_normal() for prior in chosen])
    n_mean = len(PARAMETERS) - 2
    rows = np.eye(n_mean)
    rows[np.tril_indices(n_mean, -1)] = rng.normal(0, priors.correlation_sd, n_mean * (n_mean - 1) // 2)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    correlation = np.eye(len(PARAMETERS))
    correlation[:n_mean, :n_mean] = rows @ rows.T
    return DrawnPopulation(mean, np.outer(sd, sd) * correlation)


def simulate_world(rng: np.random.Generator, shape: str) -> tuple[World, dict[str, float]]:
    """Data from the weak priors, and what they were made of.

    About one world in a hundred has losses that no run table may hold; another is drawn in its place.
    """
    population, made = _draw_world(rng, shape)
    while (made.frame["loss"] > UNIFORM_GUESS_NATS).any():
        population, made = _draw_world(rng, shape)
    is_hidden = (made.frame["n_params"] == HIDDEN_SIZE).to_numpy()
    last = made.frame[is_hidden & (made.frame["family"] == FAMILY)].sort_values("n_tokens").iloc[[-1]]
    point = last[["family", "n_params", "n_tokens", "n_tokens_total"]].reset_index(drop=True)
    runs = RunTable.from_frame(made.frame[~is_hidden].drop(columns=list(TRUTH)))
    return World(runs, point), _truth(population, made.families.loc[FAMILY], last.iloc[0])


def _draw_world(rng: np.random.Generator, shape: str) -> tuple[DrawnPopulation, Simulation]:
    population = draw_population(weak_priors(CHINCHILLA), rng)
    parts = SHAPES[shape]
    path = Path(parts.offset, parts.drift, parts.noise, parts.correlation_length)
    seed = int(rng.integers(2**31))
    return population, simulate(N_FAMILIES, population=population, design=DESIGN, path=path, seed=seed)


def _truth(population: DrawnPopulation, family: pd.Series, row: pd.Series) -> dict[str, float]:
    place = {name: number for number, name in enumerate(PARAMETERS)}
    return {
        **{name: float(family[name]) for name in OF_THE_FAMILY},
        **{f"mean of {name}": float(population.mean[place[name]]) for name in OF_THE_POPULATION},
        **{f"spread of {name}": float(population.sd[place[name]]) for name in SPREADS},
        "larger model, mean": float(row["log_law"] + row["schedule"] + row["discrepancy"]),
        "larger model, run": float(np.log(row["loss"])),
    }


def fit_world(world: World, seed: int, model: ScalingModel, method: str) -> dict[str, np.ndarray]:
    """Draws of what :func:`simulate_world` knows the truth of."""
    fit = model.fit(world.runs, method, seed=seed, progress=False)
    draws = fit.draws
    family = draws["theta_family"].sel(family=FAMILY)
    found = {
        **{name: family.sel(parameter=name) for name in OF_THE_FAMILY},
        **{f"mean of {name}": draws["population_mean"].sel(parameter=name) for name in OF_THE_POPULATION},
        **{f"spread of {name}": draws["population_sd"].sel(parameter=name) for name in SPREADS},
        "larger model, mean": _log_forecast(fit, world.point, KIND_MEAN, seed),
        "larger model, run": _log_forecast(fit, world.point, KIND_RUN, seed),
    }
    return {name: values.transpose("chain", "draw").to_numpy().ravel() for name, values in found.items()}


def _log_forecast(fit: Fit, point: pd.DataFrame, kind: str, seed: int):
    return np.log(fit.predict(point, kind=kind, seed=seed).draws.isel(obs=0, drop=True))


def model_of(changes: Mapping[str, ScalarPrior], shape: str) -> ScalingModel:
    """The model of the simulator, with some priors changed."""
    priors = weak_priors(CHINCHILLA)
    return ScalingModel(
        priors=priors.with_(**changes) if changes else priors, robust=False, shapes=(SHAPES[shape],)
    )


def calibrate_model(
    changes: Mapping[str, ScalarPrior],
    n_simulations: int,
    *,
    method: str = "laplace",
    shape: str = "steady",
    seed: int = 0,
) -> Calibration:
    """Calibration of the model with some priors changed, on data of the unchanged one."""
    model = model_of(changes, shape)
    return calibrate(
        lambda rng: simulate_world(rng, shape),
        lambda world, number: fit_world(world, number, model, method),
        n_simulations,
        seed=seed,
    )


def main() -> None:
    """Print the verdict and the table of each model."""
    models = {"right": {}, **WRONG}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--simulations", type=int, default=200)
    parser.add_argument("--method", choices=("laplace", "nuts"), default="laplace")
    parser.add_argument("--shape", choices=tuple(SHAPES), default="steady")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=tuple(models), action="append", help="one of the models")
    arguments = parser.parse_args()
    for name in arguments.only or models:
        started = time.perf_counter()
        found = calibrate_model(
            models[name],
            arguments.simulations,
            method=arguments.method,
            shape=arguments.shape,
            seed=arguments.seed,
        )
        seconds = time.perf_counter() - started
        verdict = "passes" if found.passed() else "fails"
        print(f"\n{name}: {verdict}; {len(found.ranks)} simulations, {seconds:.0f} s\n")
        print(found.uniformity().round(4).to_string(), flush=True)


if __name__ == "__main__":
    main()
