"""Scaling laws: one formula from one paper in each file.

Contract: a law knows its inputs, parameters, units and limits, and is written once against an array namespace
``xp`` (numpy, PyTensor's ``tensor`` or ``jax.numpy``). Nothing here touches pandas, PyMC, files or figures.
"""

from bayes_scaling.laws.annealing import ANNEALING, Annealing
from bayes_scaling.laws.base import (
    HasClosedFormOptimum,
    HasEndpointCoordinates,
    HasPowerLawTail,
    Law,
    Parameter,
)
from bayes_scaling.laws.broken import BROKEN_1, BROKEN_2, Broken1, Broken2
from bayes_scaling.laws.chinchilla import CHINCHILLA, Chinchilla
from bayes_scaling.laws.m1 import M1, M1_LAW
from bayes_scaling.laws.m2 import M2, M2_LAW
from bayes_scaling.laws.m3 import M3, M3_LAW
from bayes_scaling.laws.m4 import M4, M4_LAW
from bayes_scaling.laws.multi_power import MULTI_POWER, MultiPower
from bayes_scaling.laws.precision import PRECISION, Precision
from bayes_scaling.laws.registry import get_law, list_laws, register_law
from bayes_scaling.laws.repeat_data import REPEAT_DATA, RepeatData

__all__ = [
    "ANNEALING",
    "BROKEN_1",
    "BROKEN_2",
    "CHINCHILLA",
    "M1",
    "M1_LAW",
    "M2",
    "M2_LAW",
    "M3",
    "M3_LAW",
    "M4",
    "M4_LAW",
    "MULTI_POWER",
    "PRECISION",
    "REPEAT_DATA",
    "Annealing",
    "Broken1",
    "Broken2",
    "Chinchilla",
    "HasClosedFormOptimum",
    "HasEndpointCoordinates",
    "HasPowerLawTail",
    "Law",
    "MultiPower",
    "Parameter",
    "Precision",
    "RepeatData",
    "get_law",
    "list_laws",
    "register_law",
]
