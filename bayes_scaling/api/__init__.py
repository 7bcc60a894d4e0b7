"""The verbs a user types: describe a model, fit it, predict, back-test, report.

Contract: thin objects over the layers below. They hold no formula and no statistic; each method says what it
does in a line and calls one or two functions. This is the only layer that knows all others (but the command
line).
"""

from bayes_scaling.api.backtest import Backtest
from bayes_scaling.api.compare_laws import LawComparison, compare_laws
from bayes_scaling.api.fit import Fit, load_fit
from bayes_scaling.api.forecaster import HierarchicalForecaster
from bayes_scaling.api.progress import show_progress
from bayes_scaling.api.scaling_model import ScalingModel
from bayes_scaling.api.unpooled import UnpooledForecaster

__all__ = [
    "Backtest",
    "Fit",
    "HierarchicalForecaster",
    "LawComparison",
    "ScalingModel",
    "UnpooledForecaster",
    "compare_laws",
    "load_fit",
    "show_progress",
]
