"""Which distribution with which numbers belongs to a parameter, and why.

Contract: priors are frozen data that print their reasons; no PyMC variable is created here.
"""

from bayes_scaling.priors.base import Priors, ScalarPrior
from bayes_scaling.priors.weak import weak_priors

__all__ = ["Priors", "ScalarPrior", "weak_priors"]
