"""Which distribution with which numbers belongs to a parameter, and why.

Contract: priors are frozen data that print their reasons; no PyMC variable is created here.
"""

from bayes_scaling.priors.base import JointMoments, Priors, ScalarPrior
from bayes_scaling.priors.population import (
    AUTO,
    POPULATION,
    WEAK,
    PopulationFile,
    choose_priors,
    fingerprints,
    make_population_file,
    named_priors,
    read_population,
    shipped_population,
)
from bayes_scaling.priors.weak import register_weak_priors, weak_priors

__all__ = [
    "AUTO",
    "POPULATION",
    "WEAK",
    "JointMoments",
    "PopulationFile",
    "Priors",
    "ScalarPrior",
    "choose_priors",
    "fingerprints",
    "make_population_file",
    "named_priors",
    "read_population",
    "register_weak_priors",
    "shipped_population",
    "weak_priors",
]
