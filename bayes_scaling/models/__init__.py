"""The hierarchy population -> family -> run -> checkpoint around a law.

Contract: a :class:`ModelSpec` describes, :func:`build_layout` turns rows into arrays, :func:`build_model`
makes the PyMC model. This is the only layer that creates PyMC variables, and it never samples.
"""

from bayes_scaling.models.coordinates import (
    Centring,
    Placed,
    log_stretch,
    own_information,
    place,
    scales_from_standard,
    standard_from_scales,
    standardise,
)
from bayes_scaling.models.discrepancy import DiscrepancyBasis
from bayes_scaling.models.family_prior import (
    Covariance,
    FamilyPrior,
    family_covariance,
    kind_covariance,
    log_population_density,
)
from bayes_scaling.models.hierarchy import build_model
from bayes_scaling.models.inputs import with_inputs
from bayes_scaling.models.layout import (
    Layout,
    build_layout,
    discrepancy_features,
    mean_inputs,
    read_rows,
    whitened,
)
from bayes_scaling.models.likelihood import family_log_likelihood, marginal_log_likelihood
from bayes_scaling.models.mean import SCHEDULE_GAP, SCHEDULE_LEVEL, Ends, MeanLoss
from bayes_scaling.models.paths import PathShape
from bayes_scaling.models.pieces import PLACES_FOR_CHAINS, likelihood_arrays
from bayes_scaling.models.population import Population, PopulationVector
from bayes_scaling.models.spec import FRONTIER, LOG_DISCREPANCY_SD, LOG_RUN_SD, ModelSpec, assumptions_of
from bayes_scaling.models.units import FamilyUnits, family_units, metric_log_units
from bayes_scaling.models.whitening import Whitening

__all__ = [
    "FRONTIER",
    "LOG_DISCREPANCY_SD",
    "LOG_RUN_SD",
    "PLACES_FOR_CHAINS",
    "SCHEDULE_GAP",
    "SCHEDULE_LEVEL",
    "Centring",
    "Covariance",
    "DiscrepancyBasis",
    "Ends",
    "FamilyPrior",
    "FamilyUnits",
    "Layout",
    "MeanLoss",
    "ModelSpec",
    "PathShape",
    "Placed",
    "Population",
    "PopulationVector",
    "Whitening",
    "assumptions_of",
    "build_layout",
    "build_model",
    "discrepancy_features",
    "family_covariance",
    "family_log_likelihood",
    "family_units",
    "kind_covariance",
    "likelihood_arrays",
    "log_population_density",
    "log_stretch",
    "marginal_log_likelihood",
    "mean_inputs",
    "metric_log_units",
    "own_information",
    "place",
    "read_rows",
    "scales_from_standard",
    "standard_from_scales",
    "standardise",
    "whitened",
    "with_inputs",
]
