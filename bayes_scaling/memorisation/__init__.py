"""Memorisation profiles: how much better a model knows an instance because it was trained on it, and for how long.

Contract: a valid panel comes in through :func:`read_panel`; every estimate is a table with intervals. Estimators,
bootstrap and aggregation are NumPy; PyMC is known to ``profile_model`` alone. Source: Lesci et al. 2024,
arXiv:2406.04327.
"""

from bayes_scaling.memorisation.aggregation import SUMMARIES, aggregate_effects
from bayes_scaling.memorisation.bootstrap import placebo_p_value, simultaneous_bands
from bayes_scaling.memorisation.effects import Effects
from bayes_scaling.memorisation.efficient import EfficientEffects, efficient_effects
from bayes_scaling.memorisation.estimators import difference_in_differences, difference_in_means
from bayes_scaling.memorisation.panel import MemorisationPanel, read_panel
from bayes_scaling.memorisation.profile import MemorisationProfile, fit_profile, predict_profile
from bayes_scaling.memorisation.profile_draws import EffectDraws
from bayes_scaling.memorisation.profile_posterior import ImportanceWarning
from bayes_scaling.memorisation.simulate import (
    EffectShape,
    PanelDesign,
    PanelNoise,
    SimulatedPanel,
    simulate_panel,
)

__all__ = [
    "SUMMARIES",
    "EffectDraws",
    "EffectShape",
    "Effects",
    "EfficientEffects",
    "ImportanceWarning",
    "MemorisationPanel",
    "MemorisationProfile",
    "PanelDesign",
    "PanelNoise",
    "SimulatedPanel",
    "aggregate_effects",
    "difference_in_differences",
    "difference_in_means",
    "efficient_effects",
    "fit_profile",
    "placebo_p_value",
    "predict_profile",
    "read_panel",
    "simulate_panel",
    "simultaneous_bands",
]
