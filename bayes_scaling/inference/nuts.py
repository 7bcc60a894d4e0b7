"""Exact sampling of the hierarchical model with the No-U-Turn Sampler."""

from __future__ import annotations

import time

import numpy as np
import xarray as xr

from bayes_scaling.inference.engines import sample_model
from bayes_scaling.inference.gather import gather
from bayes_scaling.inference.laplace import settle
from bayes_scaling.inference.linearised import prepare
from bayes_scaling.inference.posterior import Posterior
from bayes_scaling.inference.settings import LaplaceSettings, NutsSettings, Progress, require_count
from bayes_scaling.models import ModelSpec, Population, build_model
from bayes_scaling.runs import RunTable, require_spread

PILOT = LaplaceSettings()
"""Chains of the fast path that say where families are, and in which coordinates they are nearly normal."""

WHITENING_SWEEPS = 24
"""Sweeps from which the moments of the standardised variables are taken."""


def fit_nuts(
    spec: ModelSpec,
    runs: RunTable,
    settings: NutsSettings | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Posterior:
    """The posterior of a hierarchical scaling model, by NUTS.

    Parameters
    ----------
    spec : ModelSpec
        What is assumed.
    runs : RunTable
        At least one family with two sizes.
    settings : NutsSettings, optional
        Length and care of the sampling.
    seed : int
        The same seed on the same machine and versions gives the same draws.
    progress : callable, optional
        See :data:`Progress`.

    Returns
    -------
    Posterior

    Raises
    ------
    InputError
        When no family has two sizes, or the seed is not a whole number.
    InferenceError
        When the sampler fails.
    """
    require_count("seed", seed, 0)
    require_spread(runs, spec.law.inputs)
    settings = settings or NutsSettings()
    started = time.perf_counter()
    start = prepare(spec, runs)
    ensemble = settle(start, seed, PILOT)
    ensemble.for_gradients()
    whitening = ensemble.whitening(WHITENING_SWEEPS)
    model = build_model(ensemble.spec, start.batch.layout, ensemble.centring, whitening)
    raw, stats = sample_model(model, settings, seed=seed, progress=progress, is_whitened=True)
    population = Population(
        raw["population_mean"].transpose("chain", "draw", ...).to_numpy(),
        raw["population_sd"].transpose("chain", "draw", ...).to_numpy(),
        np.linalg.cholesky(raw["mean_correlation"].transpose("chain", "draw", ...).to_numpy()),
        len(spec.mean.parameter_names),
    )
    seconds = time.perf_counter() - started
    attributes: dict[str, str | float | int] = {
        "method": "nuts",
        "sampler": settings.sampler,
        "seed": int(seed),
        "seconds": seconds,
    }
    return gather(start, _theta(spec, raw), population, attributes, stats)


def _theta(spec: ModelSpec, raw: xr.Dataset) -> np.ndarray:
    """Draws of the family parameters, shape (chain, draw, F, P + 2)."""
    columns = [
        raw[f"{name}_family"].transpose("chain", "draw", "family").to_numpy()
        for name in spec.family_parameters
    ]
    return np.stack(columns, axis=-1)
