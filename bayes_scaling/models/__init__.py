"""The hierarchy population -> family -> run -> checkpoint around a law.

Contract: a :class:`ModelSpec` describes, :func:`build_layout` turns rows into arrays, :func:`build_model`
makes the PyMC model. This is the only layer that creates PyMC variables, and it never samples.
"""

from bayes_scaling.models.coordinates import Centring, Ends, coordinates_from_law, law_from_coordinates
from bayes_scaling.models.discrepancy import DiscrepancyBasis
from bayes_scaling.models.hierarchy import build_model
from bayes_scaling.models.layout import Layout, build_layout
from bayes_scaling.models.likelihood import family_log_likelihood, project, whiten_residuals
from bayes_scaling.models.paths import PathShape
from bayes_scaling.models.spec import LOG_DISCREPANCY_SD, LOG_RUN_SD, ModelSpec

__all__ = [
    "LOG_DISCREPANCY_SD",
    "LOG_RUN_SD",
    "Centring",
    "DiscrepancyBasis",
    "Ends",
    "Layout",
    "ModelSpec",
    "PathShape",
    "build_layout",
    "build_model",
    "coordinates_from_law",
    "family_log_likelihood",
    "law_from_coordinates",
    "project",
    "whiten_residuals",
]
