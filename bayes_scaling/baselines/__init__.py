"""The point-estimate ways of predicting a bigger run that a user would otherwise take, behind one interface.

Contract: a :class:`Forecaster` sees training runs and points without a loss, and hands back a frozen
:class:`Forecast`. A family that cannot be fitted gives NaN and a coded finding, never an exception and never
silence. Most methods fit one family at a time; :class:`CompletePooling` and :class:`BorrowedParameters` learn
from the other families too, as the hierarchical model does.
"""

from bayes_scaling.baselines.best_seen import BestSeen
from bayes_scaling.baselines.borrowed_parameters import BorrowedParameters
from bayes_scaling.baselines.by_family import FamilyForecast, NotFittableError, forecast_by_family
from bayes_scaling.baselines.chinchilla_fit import ChinchillaFit
from bayes_scaling.baselines.complete_pooling import CompletePooling
from bayes_scaling.baselines.forecaster import Forecast, Forecaster
from bayes_scaling.baselines.hitchhiker import (
    FINAL_CHECKPOINT,
    LAST_30_PERCENT,
    hitchhiker_table,
    hitchhiker_test_rows,
    hitchhiker_train_rows,
)
from bayes_scaling.baselines.huber import HuberFitter, HuberLBFGS
from bayes_scaling.baselines.least_squares import LeastSquares, fit_least_squares
from bayes_scaling.baselines.thinning import thin_checkpoints
from bayes_scaling.baselines.variable_projection import VariableProjection, fit_variable_projection

__all__ = [
    "FINAL_CHECKPOINT",
    "LAST_30_PERCENT",
    "BestSeen",
    "BorrowedParameters",
    "ChinchillaFit",
    "CompletePooling",
    "FamilyForecast",
    "Forecast",
    "Forecaster",
    "HuberFitter",
    "HuberLBFGS",
    "LeastSquares",
    "NotFittableError",
    "VariableProjection",
    "fit_least_squares",
    "fit_variable_projection",
    "forecast_by_family",
    "hitchhiker_table",
    "hitchhiker_test_rows",
    "hitchhiker_train_rows",
    "thin_checkpoints",
]
