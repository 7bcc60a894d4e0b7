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
from bayes_scaling.laws.compute import COMPUTE, Compute
from bayes_scaling.laws.farseer import FARSEER, Farseer
from bayes_scaling.laws.kaplan_nd import KAPLAN_ND, KaplanND
from bayes_scaling.laws.kaplan_ns import KAPLAN_NS, KaplanNS
from bayes_scaling.laws.kaplan_single import KAPLAN_C, KAPLAN_D, KAPLAN_N, KaplanC, KaplanD, KaplanN
from bayes_scaling.laws.loss_to_error import LOSS_TO_ERROR, LossToError
from bayes_scaling.laws.m1 import M1, M1_LAW
from bayes_scaling.laws.m2 import M2, M2_LAW
from bayes_scaling.laws.m3 import M3, M3_LAW
from bayes_scaling.laws.m4 import M4, M4_LAW
from bayes_scaling.laws.multi_power import MULTI_POWER, MultiPower
from bayes_scaling.laws.multiplicative import MULTIPLICATIVE, Multiplicative
from bayes_scaling.laws.overtrain import OVERTRAIN, Overtrain
from bayes_scaling.laws.power_sum import POWER_SUM, PowerSum
from bayes_scaling.laws.precision import PRECISION, Precision
from bayes_scaling.laws.registry import get_law, list_laws, register_law
from bayes_scaling.laws.repeat_data import REPEAT_DATA, RepeatData
from bayes_scaling.laws.tied import TIED, Tied

__all__ = [
    "ANNEALING",
    "BROKEN_1",
    "BROKEN_2",
    "CHINCHILLA",
    "COMPUTE",
    "FARSEER",
    "KAPLAN_C",
    "KAPLAN_D",
    "KAPLAN_N",
    "KAPLAN_ND",
    "KAPLAN_NS",
    "LOSS_TO_ERROR",
    "M1",
    "M1_LAW",
    "M2",
    "M2_LAW",
    "M3",
    "M3_LAW",
    "M4",
    "M4_LAW",
    "MULTIPLICATIVE",
    "MULTI_POWER",
    "OVERTRAIN",
    "POWER_SUM",
    "PRECISION",
    "REPEAT_DATA",
    "TIED",
    "Annealing",
    "Broken1",
    "Broken2",
    "Chinchilla",
    "Compute",
    "Farseer",
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
    "MultiPower",
    "Multiplicative",
    "Overtrain",
    "Parameter",
    "PowerSum",
    "Precision",
    "RepeatData",
    "Tied",
    "get_law",
    "list_laws",
    "register_law",
]
