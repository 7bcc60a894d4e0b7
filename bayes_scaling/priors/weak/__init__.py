"""Weak population priors: wide enough for any published family, narrow enough to exclude nonsense.

The numbers are orders of magnitude from the published constants of some ninety fitted laws
(``load_coefficients()``), widened; they see no run that a user wants to predict.
"""

from bayes_scaling.priors.weak.registry import register_weak_priors, weak_priors

__all__ = ["register_weak_priors", "weak_priors"]
