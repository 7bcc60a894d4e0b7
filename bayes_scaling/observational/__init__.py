"""Observational scaling laws: capabilities read from public models' benchmark scores forecast harder tasks.

Contract: everything starts from a :class:`ScoreTable` and a :class:`Task`; PyMC appears in ``latent_model`` alone;
results are frozen; a model whose task score is to be forecast lends its benchmark scores and never its task score.
Source: Ruan, Maddison, Hashimoto 2024, arXiv:2405.10938.
"""

from bayes_scaling.observational.backtest import TaskBacktest, backtest_task, hold_out_top
from bayes_scaling.observational.components import Components, fit_components
from bayes_scaling.observational.family_trends import family_trends
from bayes_scaling.observational.forecast import ScoreForecast
from bayes_scaling.observational.latent_fit import SETTINGS, LatentFit, fit_latent
from bayes_scaling.observational.latent_priors import LatentPriors
from bayes_scaling.observational.scores import BENCHMARKS, Benchmark, ScoreTable
from bayes_scaling.observational.sigmoid_law import SigmoidLaw, fit_sigmoid_law
from bayes_scaling.observational.subsets import Subset, choose_families
from bayes_scaling.observational.tasks import (
    ARITHMETIC_CUTOFF_FLOPS,
    CUTOFF_FLOPS,
    MULTIPLICATION,
    PERSIAN_QA,
    SUBTRACTION,
    TASKS,
    WITHOUT_GSM8K,
    WORD_UNSCRAMBLE,
    Task,
)

__all__ = [
    "ARITHMETIC_CUTOFF_FLOPS",
    "BENCHMARKS",
    "CUTOFF_FLOPS",
    "MULTIPLICATION",
    "PERSIAN_QA",
    "SETTINGS",
    "SUBTRACTION",
    "TASKS",
    "WITHOUT_GSM8K",
    "WORD_UNSCRAMBLE",
    "Benchmark",
    "Components",
    "LatentFit",
    "LatentPriors",
    "ScoreForecast",
    "ScoreTable",
    "SigmoidLaw",
    "Subset",
    "Task",
    "TaskBacktest",
    "backtest_task",
    "choose_families",
    "family_trends",
    "fit_components",
    "fit_latent",
    "fit_sigmoid_law",
    "hold_out_top",
]
