"""The fast path: chains that start from, and move by, the Laplace approximation of every family."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.inference.ensemble import Ensemble
from bayes_scaling.inference.gather import gather
from bayes_scaling.inference.linearised import Start, prepare
from bayes_scaling.inference.population_moves import FreePopulation
from bayes_scaling.inference.posterior import Posterior
from bayes_scaling.inference.settings import LaplaceSettings, Progress, require_count
from bayes_scaling.models import ModelSpec
from bayes_scaling.runs import RunTable, require_spread

FloatArray = NDArray[np.float64]

FIRST_POWER = 0.3
"""Of the likelihood, for a law that data leave partly open, when the warm-up begins; one when half of it is over."""


def fit_laplace(
    spec: ModelSpec,
    runs: RunTable,
    settings: LaplaceSettings | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Posterior:
    """The posterior of a hierarchical scaling model in seconds, without gradients or compilation.

    Parameters
    ----------
    spec : ModelSpec
        What is assumed.
    runs : RunTable
        At least one family with two sizes.
    settings : LaplaceSettings, optional
        Number and length of the chains.
    seed : int
        The same seed on the same machine and versions gives the same draws.
    progress : callable, optional
        Called with draws done, draws in all and 0.

    Returns
    -------
    Posterior
        Many short chains: 64 chains of 32 draws by default.

    Raises
    ------
    InputError
        When no family has two sizes, or the seed is not a whole number.
    """
    require_count("seed", seed, 0)
    require_spread(runs, spec.law.inputs)
    settings = settings or LaplaceSettings()
    started = time.perf_counter()
    start = prepare(spec, runs)
    ensemble = settle(start, seed, settings)
    thin = settings.sweeps_a_draw(len(start.batch.blocks), spec.is_taught, spec.law.weakly_identified)
    theta, standard = draw(ensemble, replace(settings, thin=thin), progress)
    attributes: dict[str, str | float | int] = {
        "method": "laplace",
        "seed": int(seed),
        "seconds": time.perf_counter() - started,
    }
    return gather(start, theta, ensemble.population(standard), attributes)


def settle(start: Start, seed: int, settings: LaplaceSettings) -> Ensemble:
    """Chains that have forgotten where they started, in coordinates made for where they are."""
    rng = np.random.default_rng([seed, 7])
    n_families = len(start.batch.blocks)
    vector = start.batch.spec.population_vector
    moves = FreePopulation(vector, start.population, n_families, settings.chains, rng)
    return warm_up(Ensemble(start, moves, rng, settings.chains), settings)


def warm_up(ensemble: Ensemble, settings: LaplaceSettings) -> Ensemble:
    """The same chains after their warm-up."""
    is_wide = ensemble.spec.law.weakly_identified
    n_sweeps = settings.sweeps_before(is_wide)
    for number in range(n_sweeps):
        if is_wide:
            ensemble.temper(FIRST_POWER ** max(0.0, 1 - 2 * number / n_sweeps))
        ensemble.sweep()
    ensemble.temper(1.0)
    ensemble.recentre()
    for _ in range(n_sweeps // 3):
        ensemble.sweep()
    return ensemble


def draw(
    ensemble: Ensemble, settings: LaplaceSettings, progress: Progress | None
) -> tuple[FloatArray, FloatArray]:
    """Family parameters (C, draw, F, Q) and standard variables of the population (C, draw, H)."""
    theta, standard = [], []
    for done in range(settings.draws):
        for _ in range(settings.thin or 1):
            ensemble.sweep()
        theta.append(ensemble.state.theta.copy())
        standard.append(ensemble.state.populations.standard.copy())
        if progress is not None:
            progress((done + 1) * settings.chains, settings.draws * settings.chains, 0)
    return np.stack(theta, axis=1), np.stack(standard, axis=1)
