"""Training trajectories across model sizes: equal loss, equal compute, scores at equal perplexity, trends.

Contract: tables in, tables or frozen results out; every posterior is in closed form or a sum over a small grid, so the
same input gives the same answer without a sampler. After Xia et al. 2023, arXiv:2212.09803.
"""

from bayes_scaling.trajectories.bayesian_trend import TrendPrior, trend_probabilities
from bayes_scaling.trajectories.checkpoint_noise import checkpoint_noise
from bayes_scaling.trajectories.equal_compute import compute_envelope, losses_at_equal_compute
from bayes_scaling.trajectories.equal_loss import tokens_at_equal_loss
from bayes_scaling.trajectories.leave_one_size_out import leave_one_size_out
from bayes_scaling.trajectories.regression_trend import regression_trend
from bayes_scaling.trajectories.score_curve import ScorePrior
from bayes_scaling.trajectories.simulated_series import simulate_series
from bayes_scaling.trajectories.size_effect import SizeEffect, fit_size_effect

__all__ = [
    "ScorePrior",
    "SizeEffect",
    "TrendPrior",
    "checkpoint_noise",
    "compute_envelope",
    "fit_size_effect",
    "leave_one_size_out",
    "losses_at_equal_compute",
    "regression_trend",
    "simulate_series",
    "tokens_at_equal_loss",
    "trend_probabilities",
]
