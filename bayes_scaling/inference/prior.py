"""Draws from the prior alone, held like a posterior: whatever predicts can be asked before any fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pymc as pm
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
    names, law_names = list(spec.family_parameters), list(spec.law.parameter_names)
    priors = [spec.priors.parameters[name] for name in names]
    rng = np.random.default_rng([seed, 4])
    z_mean, z_sd = rng.standard_normal((2, n_draws, len(names)))
    mean = np.array([p.location for p in priors]) + z_mean * np.array([p.location_sd for p in priors])
    log_sd = np.log([p.spread for p in priors]) + z_sd * np.log([p.spread_factor for p in priors])
    lkj = pm.LKJCorr.dist(n=len(law_names), eta=spec.priors.correlation_eta)
    factor = pm.draw(lkj, draws=n_draws, random_seed=np.random.default_rng([seed, 5]))
    correlation = factor @ np.swapaxes(factor, -1, -2)
    no_family = (1, n_draws, 0)
    return xr.Dataset(
        {
            "theta_family": (("chain", "draw", "family", "parameter"), np.empty((*no_family, len(names)))),
            "discrepancy_weights": (
                ("chain", "draw", "family", "feature"),
                np.empty((*no_family, spec.basis.n_features)),
            ),
            "population_mean": (("chain", "draw", "parameter"), mean[None]),
            "population_sd": (("chain", "draw", "parameter"), np.exp(log_sd)[None]),
            "law_correlation": (("chain", "draw", "law_parameter", "law_parameter_"), correlation[None]),
        },
        coords={
            "chain": [0],
            "draw": np.arange(n_draws),
            "family": np.array([], dtype=str),
            "parameter": names,
            "law_parameter": law_names,
            "law_parameter_": law_names,
        },
    )
