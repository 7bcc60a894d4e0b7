"""Exact sampling of the hierarchical model with the No-U-Turn Sampler."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np
import nutpie
import pymc as pm
import xarray as xr
from pymc.model.transform.optimization import freeze_dims_and_data

from bayes_scaling.errors import InferenceError
from bayes_scaling.inference.centring import prepare, recentre
from bayes_scaling.inference.family_modes import FamilyObjective
from bayes_scaling.inference.posterior import Posterior, assemble
from bayes_scaling.inference.settings import NutsSettings, require_count
from bayes_scaling.inference.weights import draw_discrepancy_weights
from bayes_scaling.models import Layout, ModelSpec, build_model
from bayes_scaling.runs import RunTable, require_sizes

Progress = Callable[[int, int, int], None]
"""Called with draws done, draws in all and divergences so far, tuning included."""

PILOT = NutsSettings(draws=100, tune=200, chains=2, target_accept=0.8)
"""A short first run whose draws say where the families are; it is thrown away."""

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
    objective = FamilyObjective(spec)
    layout, centring = prepare(objective, runs)
    sample = _sample_nutpie if settings.sampler == "nutpie" else _sample_pymc
    try:
        pilot, _ = _sample_nutpie(build_model(spec, layout, centring), PILOT, seed, None)
        centring = recentre(
            objective,
            layout,
            _theta(spec, pilot).reshape(-1, *centring.origin.shape[:1], len(spec.family_parameters)),
        )
        raw, stats = sample(build_model(spec, layout, centring), settings, seed, progress)
    except (RuntimeError, ValueError, FloatingPointError) as error:
        raise InferenceError(
            f"{settings.sampler} stopped: {error}. Check the table with `runs.check()`;"
            " a family far from any scaling law can be left out."
        ) from error
    seconds = time.perf_counter() - started
    return assemble(
        spec,
        _gather(spec, layout, raw, seed),
        _constants(layout),
        layout.frame,
        {"method": "nuts", "sampler": settings.sampler, "seed": int(seed), "seconds": seconds},
        stats,
    )


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
        adaptation="low_rank",
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


def _constants(layout: Layout) -> xr.Dataset:
    return xr.Dataset(
        {"path_shape": ("family", layout.shape_index), "log_unit": ("family", layout.log_unit)},
        coords={"family": list(layout.families)},
    )


def _theta(spec: ModelSpec, raw: xr.Dataset) -> np.ndarray:
    """Draws of the family parameters, shape (chain, draw, F, P + 2)."""
    columns = [
        raw[f"{name}_family"].transpose("chain", "draw", "family").to_numpy()
        for name in spec.family_parameters
    ]
    return np.stack(columns, axis=-1)


def _gather(spec: ModelSpec, layout: Layout, raw: xr.Dataset, seed: int) -> xr.Dataset:
    """The draws under their public names, with the weights of the discrepancy added."""
    names, law_names = list(spec.family_parameters), list(spec.law.parameter_names)
    theta = _theta(spec, raw)
    flat = theta.reshape(-1, *theta.shape[2:])
    weights = draw_discrepancy_weights(spec, layout, flat, np.random.default_rng([seed, 1]))
    dims = {
        "population_mean": ("chain", "draw", "parameter"),
        "population_sd": ("chain", "draw", "parameter"),
        "law_correlation": ("chain", "draw", "law_parameter", "law_parameter_"),
    }
    population = {name: (dims[name], raw[name].transpose(*dims[name]).to_numpy()) for name in dims}
    families = {
        "theta_family": (("chain", "draw", "family", "parameter"), theta),
        "discrepancy_weights": (
            ("chain", "draw", "family", "feature"),
            weights.reshape(*theta.shape[:3], -1),
        ),
    }
    labels = {"family": list(layout.families), "parameter": names}
    labels |= {"law_parameter": law_names, "law_parameter_": law_names}
    return xr.Dataset(
        families | population,
        coords={"chain": raw["chain"].to_numpy(), "draw": raw["draw"].to_numpy(), **labels},
    )
