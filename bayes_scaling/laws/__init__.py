"""Scaling laws: one formula from one paper in each file.

Contract: a law knows its inputs, parameters, units and limits, and is written once against an array namespace
``xp`` (numpy, PyTensor's ``tensor`` or ``jax.numpy``). Nothing here touches pandas, PyMC, files or figures.
"""

from bayes_scaling.laws.base import (
    HasClosedFormOptimum,
    HasEndpointCoordinates,
    HasPowerLawTail,
    Law,
    Parameter,
)
from bayes_scaling.laws.chinchilla import CHINCHILLA, Chinchilla
from bayes_scaling.laws.registry import get_law, list_laws, register_law

__all__ = [
    "CHINCHILLA",
    "Chinchilla",
    "HasClosedFormOptimum",
    "HasEndpointCoordinates",
    "HasPowerLawTail",
    "Law",
    "Parameter",
    "get_law",
    "list_laws",
    "register_law",
]
