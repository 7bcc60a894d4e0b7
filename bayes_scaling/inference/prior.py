"""Draws from the prior alone, held like a posterior: whatever predicts can be asked before any fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from bayes_scaling.inference.posterior import Posterior, assemble
from bayes_scaling.inference.settings import require_count
from bayes_scaling.models import ModelSpec
from bayes_scaling.names import REQUIRED_COLUMNS


def draw_prior(spec: ModelSpec, *, n_draws: int = 1000, seed: int = 0) -> Posterior:
    """The population before any data: a "posterior" without families.

    Parameters
    ----------
    spec : ModelSpec
    n_draws : int
    seed : int

    Returns
    -------
    Posterior
        One chain; every family label is a new draw from the prior population.

    Raises
    ------
    InputError
        When ``n_draws`` or ``seed`` is not a whole number.
    """
    require_count("n_draws", n_draws, 1)
    require_count("seed", seed, 0)
    # without fitted families every path shape is as likely as any other
    constants = xr.Dataset(
        {"path_shape": ("shape", np.arange(len(spec.shapes))), "log_unit": ("family", np.empty(0))}
    )
    rows = pd.DataFrame({name: pd.Series(dtype=float) for name in REQUIRED_COLUMNS})
    attributes: dict[str, str | float | int] = {"method": "prior", "seed": int(seed), "seconds": 0.0}
    return assemble(spec, _population_draws(spec, n_draws, seed), constants, rows, attributes)


def _population_draws(spec: ModelSpec, n_draws: int, seed: int) -> xr.Dataset:
    names, mean_names = list(spec.family_parameters), list(spec.mean.parameter_names)
    vector = spec.population_vector
    standard = np.random.default_rng([seed, 4]).standard_normal((n_draws, vector.size))
    population = vector.unpack(np, vector.from_standard(np, standard))
    factor = population.correlation_factor
    no_family = (1, n_draws, 0)
    return xr.Dataset(
        {
            "theta_family": (("chain", "draw", "family", "parameter"), np.empty((*no_family, len(names)))),
            "discrepancy_weights": (
                ("chain", "draw", "family", "feature"),
                np.empty((*no_family, spec.discrepancy.n_features)),
            ),
            "population_mean": (("chain", "draw", "parameter"), population.mean[None]),
            "population_sd": (("chain", "draw", "parameter"), population.sd[None]),
            "mean_correlation": (
                ("chain", "draw", "mean_parameter", "mean_parameter_"),
                (factor @ np.swapaxes(factor, -1, -2))[None],
            ),
        },
        coords={
            "chain": [0],
            "draw": np.arange(n_draws),
            "family": np.array([], dtype=str),
            "parameter": names,
            "mean_parameter": mean_names,
            "mean_parameter_": mean_names,
        },
    )
