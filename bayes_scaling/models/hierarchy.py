"""The hierarchical model as a PyMC model: the only place where random variables are made."""

from __future__ import annotations

import pymc as pm
import pytensor.tensor as pt

from bayes_scaling.models.coordinates import Centring, place
from bayes_scaling.models.family_prior import FamilyPrior, log_population_density
from bayes_scaling.models.layout import KIND_ARRAYS, Layout
from bayes_scaling.models.likelihood import family_log_likelihood
from bayes_scaling.models.pieces import likelihood_arrays
from bayes_scaling.models.spec import ModelSpec
from bayes_scaling.models.whitening import Whitening


def build_model(
    spec: ModelSpec, layout: Layout, centring: Centring, whitening: Whitening | None = None
) -> pm.Model:
    """The PyMC model of a run table, discrepancy and run paths integrated out.

    `centring` and `whitening` decide in which coordinates it is written, not what it says. Variables:
    ``population_mean``, ``population_sd`` (dim parameter), ``mean_correlation``, and one of dim family for
    each family parameter (``log_alpha_family``, ...). Nothing is sampled here.
    """
    names, vector = spec.family_parameters, spec.population_vector
    parameters = list(spec.mean.parameter_names)
    n_families = len(layout.families)
    shape = whitening or Whitening.none(vector.size, n_families, len(names))
    coords = {"family": list(layout.families), "parameter": list(names)}
    coords |= {"mean_parameter": parameters, "mean_parameter_": parameters}
    with pm.Model(coords=coords) as model:
        data = {
            name: values if name in KIND_ARRAYS else pm.Data(name, values)
            for name, values in likelihood_arrays(layout).items()
        }
        data |= {name: pm.Data(f"centring_{name}", values) for name, values in centring.arrays().items()}
        standard = shape.population_location + pt.dot(
            shape.population_factor, pm.Flat("z_population", shape=vector.size)
        )
        pm.Potential("population_density", -0.5 * (standard**2).sum())
        population = vector.unpack(pt, vector.from_standard(pt, standard))
        pm.Deterministic("population_mean", population.mean, dims="parameter")
        pm.Deterministic("population_sd", population.sd, dims="parameter")
        factor = population.correlation_factor
        pm.Deterministic("mean_correlation", factor @ factor.T, dims=("mean_parameter", "mean_parameter_"))
        z_family = pm.Flat("z_family", shape=(n_families, len(names)))
        z = shape.family_location + pt.matmul(shape.family_factor, z_family[..., None])[..., 0]
        ends = layout.ends(spec.law.inputs)
        prior = FamilyPrior.of(pt, population, data)
        placed = place(pt, spec.mean, prior, (z[:, :2], z[:, 2:]), data, ends)
        theta = pt.concatenate([placed.params, placed.scales], axis=1)
        # vectors: a matrix may come back from the compiled function with its axes in another order
        for position, name in enumerate(names):
            pm.Deterministic(f"{name}_family", theta[:, position], dims="family")
        density = log_population_density(pt, population, prior.covariance, placed.params, placed.scales)
        pm.Potential("family_density", (density + placed.log_volume).sum())
        likelihood = family_log_likelihood(pt, spec.mean, placed.params, placed.scales, data)
        pm.Potential("log_likelihood", likelihood.sum())
    return model
