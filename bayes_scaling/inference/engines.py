"""The engines that run the No-U-Turn Sampler on a PyMC model."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import nutpie
import pymc as pm
import xarray as xr
from pymc.model.transform.optimization import freeze_dims_and_data

from bayes_scaling.errors import InferenceError
from bayes_scaling.inference.settings import NutsSettings, Progress

_KEPT_STATS = ("diverging", "n_steps", "maxdepth_reached", "reached_max_treedepth", "step_size", "energy")


def sample_model(
    model: pm.Model,
    settings: NutsSettings,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    is_whitened: bool = False,
) -> tuple[xr.Dataset, xr.Dataset]:
    """Draws from the posterior of a PyMC model, dims (chain, draw, ...), and what the sampler said of each.

    Parameters
    ----------
    model : pm.Model
        Whatever is continuous in it is sampled.
    settings : NutsSettings
    seed : int
        The same seed on the same machine and versions gives the same draws.
    progress : callable, optional
        See :data:`Progress`.
    is_whitened : bool
        The variables are nearly standard normal, with heavy tails here and there: nutpie takes the mass matrix from the
        variance of draws alone, as Stan does, not from gradients too, which stiff directions rule.

    Raises
    ------
    InferenceError
        When the sampler fails.
    """
    # chains run in threads of their own: each must compute there, not queue for a shared dispatcher
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    try:
        if settings.sampler == "nutpie":
            return _by_nutpie(model, settings, seed, progress, is_whitened)
        return _by_pymc(model, settings, seed, progress)
    except (RuntimeError, ValueError, FloatingPointError) as error:
        raise InferenceError(
            f"{settings.sampler} stopped: {error}. Check the table with `runs.check()`;"
            " a family far from any scaling law can be left out."
        ) from error


def _by_nutpie(
    model: pm.Model, settings: NutsSettings, seed: int, progress: Progress | None, is_whitened: bool
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
        adaptation="draw_diag" if is_whitened else "diag",
        seed=int(seed),
        progress_bar=False,
        progress_callback=report,
        save_warmup=False,
    )
    return tree["posterior"].to_dataset(), _kept_stats(tree["sample_stats"].to_dataset())


def _by_pymc(
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
