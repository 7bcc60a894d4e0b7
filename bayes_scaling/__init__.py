"""Bayesian estimation of neural scaling laws, with intervals that can be believed.

>>> import bayes_scaling as bs
>>> runs = bs.load_dataset("published")
>>> model = bs.ScalingModel(law="chinchilla")
"""

from bayes_scaling.api import Backtest, Fit, LawComparison, ScalingModel, compare_laws, load_fit
from bayes_scaling.datasets import list_datasets, load_coefficients, load_dataset
from bayes_scaling.errors import (
    BayesScalingError,
    DataUnavailableError,
    Finding,
    Findings,
    InferenceError,
    InputError,
)
from bayes_scaling.laws import Law, get_law, list_laws, register_law
from bayes_scaling.prediction import Prediction
from bayes_scaling.priors import Priors, ScalarPrior, register_weak_priors, weak_priors
from bayes_scaling.runs import RunTable, concat_runs, read_runs

__version__ = "0.1.0"

__all__ = [
    "Backtest",
    "BayesScalingError",
    "DataUnavailableError",
    "Finding",
    "Findings",
    "Fit",
    "InferenceError",
    "InputError",
    "Law",
    "LawComparison",
    "Prediction",
    "Priors",
    "RunTable",
    "ScalarPrior",
    "ScalingModel",
    "compare_laws",
    "concat_runs",
    "get_law",
    "list_datasets",
    "list_laws",
    "load_coefficients",
    "load_dataset",
    "load_fit",
    "read_runs",
    "register_law",
    "register_weak_priors",
    "weak_priors",
]
