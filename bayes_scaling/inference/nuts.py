"""Exact sampling of the hierarchical model with the No-U-Turn Sampler."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np
import nutpie
import pymc as pm
import xarray as xr
from pymc.model.transform.optimization import freeze_dims_and_data

from bayes_scaling.errors import InferenceError
from bayes_scaling.inference.gather import gather
from bayes_scaling.inference.laplace import settle
from bayes_scaling.inference.linearised import prepare
from bayes_scaling.inference.posterior import Posterior
from bayes_scaling.inference.settings import LaplaceSettings, NutsSettings, Progress, require_count
from bayes_scaling.models import ModelSpec, Population, build_model
from bayes_scaling.runs import RunTable, require_sizes

PILOT = LaplaceSettings()
"""Chains of the fast path that say where families are, and in which coordinates they are nearly normal."""

WHITENING_SWEEPS = 24
"""Sweeps from which the moments of the standardised variables are taken."""

_KEPT_STATS = ("diverging", "n_steps", "maxdepth_reached", "reached_max_treedepth", "step_size", "energy")


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
    require_sizes(runs)
    settings = settings or NutsSettings()
    started = time.perf_counter()
    # chains run in threads of their own: each must compute there, not queue for a shared dispatcher
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    start = prepare(spec, runs)
    ensemble = settle(start, seed, PILOT)
    whitening = ensemble.whitening(WHITENING_SWEEPS)
    model = build_model(spec, start.batch.layout, ensemble.centring, whitening)
    sample = _sample_nutpie if settings.sampler == "nutpie" else _sample_pymc
    try:
        raw, stats = sample(model, settings, seed, progress)
    except (RuntimeError, ValueError, FloatingPointError) as error:
        raise InferenceError(
            f"{settings.sampler} stopped: {error}. Check the table with `runs.check()`;"
            " a family far from any scaling law can be left out."
        ) from error
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
    return gather(start.batch, _theta(spec, raw), population, attributes, stats)


def _sample_nutpie(
    model: pm.Model, settings: NutsSettings, seed: int, progress: Progress | None
) -> tuple[xr.Dataset, xr.Dataset]:
    def report(chains: list[Any]) -> None:
        if progress is not None:
            progress(
                sum(chain.finished_draws for chain in chains),
                sum(chain.total_draws for chain in chains),
                sum(chain.divergences for chain in chains),
            )

    with warnings.catch_warnings():
        # the JAX backend brings its own linear algebra
        warnings.filterwarnings("ignore", message="PyTensor could not link to a BLAS")
        compiled = nutpie.compile_pymc_model(model, backend="jax", gradient_backend="jax")
    tree = nutpie.sample(
        compiled,
        **_lengths(settings),
        cores=settings.cores,
        adaptation="diag",
        seed=int(seed),
        progress_bar=False,
        progress_callback=report,
        save_warmup=False,
    )
    return tree["posterior"].to_dataset(), _kept_stats(tree["sample_stats"].to_dataset())


def _sample_pymc(
    model: pm.Model, settings: NutsSettings, seed: int, progress: Progress | None
) -> tuple[xr.Dataset, xr.Dataset]:
    total = settings.chains * (settings.draws + settings.tune)
    done, divergences = 0, 0

    def report(*, draw: Any, **_: Any) -> None:
        nonlocal done, divergences
        done += 1
        divergences += not draw.tuning and any(stat.get("diverging", False) for stat in draw.stats)
        if progress is not None:
            progress(done, total, divergences)

    # JAX compiles only what has a fixed shape
    with _quiet_pymc(), freeze_dims_and_data(model):
        tree = pm.sample(
            **_lengths(settings),
            cores=1,
            random_seed=int(seed),
            nuts_sampler="pymc",
            progressbar=False,
            compute_convergence_checks=False,
            callback=report,
            compile_kwargs={"mode": "JAX"},
        )
    return tree["posterior"].to_dataset(), _kept_stats(tree["sample_stats"].to_dataset())


def _lengths(settings: NutsSettings) -> dict[str, Any]:
    """The settings that both engines call by the same names."""
    names = ("draws", "tune", "chains", "target_accept")
    return {name: getattr(settings, name) for name in names}


@contextmanager
def _quiet_pymc() -> Iterator[None]:
    """Silence what PyMC says on the way: the verdict on the draws says it once and better."""
    logger = logging.getLogger("pymc")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _kept_stats(stats: xr.Dataset) -> xr.Dataset:
    return stats[[name for name in _KEPT_STATS if name in stats]]


def _theta(spec: ModelSpec, raw: xr.Dataset) -> np.ndarray:
    """Draws of the family parameters, shape (chain, draw, F, P + 2)."""
    columns = [
        raw[f"{name}_family"].transpose("chain", "draw", "family").to_numpy()
        for name in spec.family_parameters
    ]
    return np.stack(columns, axis=-1)
