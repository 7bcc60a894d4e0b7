"""From the draws of any sampler to the frozen posterior: public names, discrepancy weights, constants."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_scaling.inference.linearised import Start
from bayes_scaling.inference.posterior import Posterior, assemble
from bayes_scaling.inference.weights import draw_discrepancy_weights
from bayes_scaling.models import Population

FloatArray = NDArray[np.float64]


def gather(
    start: Start,
    theta: FloatArray,
    population: Population,
    attributes: dict[str, str | float | int],
    sample_stats: xr.Dataset | None = None,
) -> Posterior:
    """The posterior of draws of families (chain, draw, F, P + 2) and of the population (chain, draw, ...)."""
    batch = start.batch
    spec, layout = batch.spec, batch.layout
    names, mean_names = list(spec.family_parameters), list(spec.mean.parameter_names)
    flat = theta.reshape(-1, *theta.shape[2:])
    rng = np.random.default_rng([int(attributes["seed"]), 1])
    weights = draw_discrepancy_weights(batch, flat, rng).reshape(*theta.shape[:3], -1)
    factor = population.correlation_factor
    draws = xr.Dataset(
        {
            "theta_family": (("chain", "draw", "family", "parameter"), theta),
            "discrepancy_weights": (("chain", "draw", "family", "feature"), weights),
            "population_mean": (("chain", "draw", "parameter"), population.mean),
            "population_sd": (("chain", "draw", "parameter"), population.sd),
            "mean_correlation": (
                ("chain", "draw", "mean_parameter", "mean_parameter_"),
                factor @ np.swapaxes(factor, -1, -2),
            ),
        },
        coords={
            "chain": np.arange(theta.shape[0]),
            "draw": np.arange(theta.shape[1]),
            "family": list(layout.families),
            "parameter": names,
            "mean_parameter": mean_names,
            "mean_parameter_": mean_names,
        },
    )
    return assemble(spec, draws, _constants(start), layout.frame, attributes, sample_stats)


def _constants(start: Start) -> xr.Dataset:
    layout = start.batch.layout
    peaks = [layout.peaks.get(family, np.nan) for family in layout.families]
    constants = {
        "path_shape": ("family", layout.shape_index),
        "log_unit": ("family", layout.log_unit),
        "rough_unit": ("family", layout.units.is_rough),
        "peak_learning_rate": ("family", peaks),
    }
    if start.excess is not None:
        constants["typical_excess"] = ("family", start.excess.typical)
    return xr.Dataset(constants, coords={"family": list(layout.families)})
