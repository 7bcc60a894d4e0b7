"""The hierarchical model as a PyMC model: the only place where random variables are made."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from bayes_scaling.models.coordinates import Centring, Population, place_families
from bayes_scaling.models.layout import Layout
from bayes_scaling.models.likelihood import family_log_likelihood
from bayes_scaling.models.spec import ModelSpec


def build_model(spec: ModelSpec, layout: Layout, centring: Centring) -> pm.Model:
    """The PyMC model of a run table, discrepancy and run paths integrated out.

    Variables: ``population_mean``, ``population_sd`` (dim parameter), the correlations, one variable of dim
    family for each family parameter (``log_alpha_family``, ...). Nothing is sampled here.
    """
    names = spec.family_parameters
    coords = {"family": list(layout.families), "parameter": list(names)}
    coords |= {
        "law_parameter": list(spec.law.parameter_names),
        "law_parameter_": list(spec.law.parameter_names),
    }
    with pm.Model(coords=coords) as model:
        data = {name: pm.Data(name, values) for name, values in layout.arrays().items()}
        ends = layout.ends(spec.law.inputs)
        law, scales = place_families(spec.law, _population(spec), data["eigenvalues"], centring, ends)
        theta = pt.concatenate([law, scales], axis=1)
        # vectors: a matrix may come back from the compiled function with its axes in another order
        by_name = {
            name: pm.Deterministic(f"{name}_family", theta[:, i], dims="family")
            for i, name in enumerate(names)
        }
        pm.Potential("log_likelihood", family_log_likelihood(pt, spec.law, by_name, data).sum())
    return model


def _population(spec: ModelSpec) -> Population:
    """Mean, covariance of the law parameters and sd of the log scales over families."""
    priors = [spec.priors.parameters[name] for name in spec.family_parameters]
    location, location_sd = (
        np.array([getattr(prior, name) for prior in priors]) for name in ("location", "location_sd")
    )
    log_spread, log_factor = (
        np.log([getattr(prior, name) for prior in priors]) for name in ("spread", "spread_factor")
    )
    mean_z = pm.Normal("population_mean_z", 0.0, 1.0, dims="parameter")
    sd_z = pm.Normal("population_sd_z", 0.0, 1.0, dims="parameter")
    mean = pm.Deterministic("population_mean", location + mean_z * location_sd, dims="parameter")
    sd = pm.Deterministic("population_sd", pt.exp(log_spread + sd_z * log_factor), dims="parameter")
    n_law = len(spec.law.parameters)
    chol = pm.LKJCorr("law_correlation_chol", eta=spec.priors.correlation_eta, n=n_law)
    pm.Deterministic("law_correlation", chol @ chol.T, dims=("law_parameter", "law_parameter_"))
    return Population(mean, sd[:n_law, None] * chol, sd[n_law:])
