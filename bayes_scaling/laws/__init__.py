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
from bayes_scaling.laws.compute import COMPUTE, Compute
from bayes_scaling.laws.kaplan_nd import KAPLAN_ND, KaplanND
from bayes_scaling.laws.kaplan_ns import KAPLAN_NS, KaplanNS
from bayes_scaling.laws.kaplan_single import KAPLAN_C, KAPLAN_D, KAPLAN_N, KaplanC, KaplanD, KaplanN
from bayes_scaling.laws.loss_to_error import LOSS_TO_ERROR, LossToError
from bayes_scaling.laws.multiplicative import MULTIPLICATIVE, Multiplicative
from bayes_scaling.laws.overtrain import OVERTRAIN, Overtrain
from bayes_scaling.laws.power_sum import POWER_SUM, PowerSum
from bayes_scaling.laws.registry import get_law, list_laws, register_law
from bayes_scaling.laws.tied import TIED, Tied

__all__ = [
    "CHINCHILLA",
    "COMPUTE",
    "KAPLAN_C",
    "KAPLAN_D",
    "KAPLAN_N",
    "KAPLAN_ND",
    "KAPLAN_NS",
    "LOSS_TO_ERROR",
    "MULTIPLICATIVE",
    "OVERTRAIN",
    "POWER_SUM",
    "TIED",
    "Chinchilla",
    "Compute",
    "HasClosedFormOptimum",
    "HasEndpointCoordinates",
    "HasPowerLawTail",
    "KaplanC",
    "KaplanD",
    "KaplanN",
    "KaplanND",
    "KaplanNS",
    "Law",
    "LossToError",
    "Multiplicative",
    "Overtrain",
    "Parameter",
    "PowerSum",
    "Tied",
    "get_law",
    "list_laws",
    "register_law",
]
