"""Posteriors whose every draw is known, without sampling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from bayes_scaling.inference.posterior import Posterior, assemble
from bayes_scaling.models import ModelSpec
from bayes_scaling.names import METRIC_NATS

FAMILIES = ("apple", "pear")
SPEC = ModelSpec()


def made_up_draws(n_chains: int = 4, n_draws: int = 500, seed: int = 0) -> xr.Dataset:
    """Independent draws: two families near the prior's location, a population around it."""
    rng = np.random.default_rng(seed)
    names, mean_names = list(SPEC.family_parameters), list(SPEC.mean.parameter_names)
    priors = [SPEC.priors.parameters[name] for name in names]
    location, spread = (
        np.array([getattr(prior, field) for prior in priors]) for field in ("location", "spread")
    )
    shape = (n_chains, n_draws)
    families = len(FAMILIES)
    draws = {
        "theta_family": (
            ("chain", "draw", "family", "parameter"),
            location + 0.02 * rng.standard_normal((*shape, families, len(names))),
        ),
        "discrepancy_weights": (
            ("chain", "draw", "family", "feature"),
            0.01 * rng.standard_normal((*shape, families, SPEC.basis.n_features)),
        ),
        "population_mean": (
            ("chain", "draw", "parameter"),
            location + 0.1 * rng.standard_normal((*shape, len(names))),
        ),
        "population_sd": (
            ("chain", "draw", "parameter"),
            spread * np.exp(0.1 * rng.standard_normal((*shape, len(names)))),
        ),
        "mean_correlation": (
            ("chain", "draw", "mean_parameter", "mean_parameter_"),
            np.broadcast_to(np.eye(len(mean_names)), (*shape, len(mean_names), len(mean_names))).copy(),
        ),
    }
    coords = {
        "chain": np.arange(n_chains),
        "draw": np.arange(n_draws),
        "family": list(FAMILIES),
        "parameter": names,
        "mean_parameter": mean_names,
        "mean_parameter_": mean_names,
    }
    return xr.Dataset(draws, coords)


def made_up_posterior(
    draws: xr.Dataset | None = None,
    stats: dict[str, np.ndarray] | None = None,
    log_unit: tuple[float, float] = (0.0, 0.0),
    path_shape: tuple[int, int] = (0, 2),
) -> Posterior:
    """A posterior of two families, each seen from 1e8 to 1e9 parameters and 1e10 to 1e11 tokens."""
    draws = made_up_draws() if draws is None else draws
    shape = (draws.sizes["chain"], draws.sizes["draw"])
    quiet = {"diverging": np.zeros(shape, bool), "maxdepth_reached": np.zeros(shape, bool)}
    sample_stats = xr.Dataset(
        {name: (("chain", "draw"), values) for name, values in {**quiet, **(stats or {})}.items()}
    )
    constants = xr.Dataset(
        {"path_shape": ("family", np.array(path_shape)), "log_unit": ("family", np.array(log_unit))},
        coords={"family": list(FAMILIES)},
    )
    rows = pd.DataFrame(
        [
            {"family": family, "run": f"{size:g}", "n_params": size, "n_tokens": tokens, "loss": 3.0}
            for family in FAMILIES
            for size in (1e8, 1e9)
            for tokens in (1e10, 1e11)
        ]
    ).assign(metric=METRIC_NATS)
    attributes: dict[str, str | float | int] = {
        "method": "nuts",
        "sampler": "none",
        "seed": 0,
        "seconds": 1.5,
    }
    return assemble(SPEC, draws, constants, rows, attributes, sample_stats)
