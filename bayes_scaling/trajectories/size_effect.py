"""Does size matter for a score once perplexity is known: the posterior of what is left of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from bayes_scaling.names import LOSS
from bayes_scaling.trajectories.score_curve import ScorePrior, build_regression
from bayes_scaling.trajectories.score_evidence import GridPosterior, grid_posteriors


@dataclass(frozen=True, eq=False)
class SizeEffect:
    """Posterior of gamma: by how many logits a tenfold size moves the score at equal loss.

    Attributes
    ----------
    log_bayes_factor : float
        Natural log of the evidence with an effect over that without; below zero the data speak against one.
    prior_sd : float
        Standard deviation of gamma's prior.
    posterior : GridPosterior
        Mixture of all coefficients, gamma last.
    """

    log_bayes_factor: float
    prior_sd: float
    posterior: GridPosterior

    @property
    def mean(self) -> float:
        """Posterior mean of gamma."""
        return float(self.posterior.mean[-1])

    @property
    def sd(self) -> float:
        """Posterior standard deviation of gamma."""
        means, sds = self.posterior.means[:, -1], self.posterior.sds[:, -1]
        return float(np.sqrt(self.posterior.weights @ (sds**2 + (means - self.mean) ** 2)))

    @property
    def prob_none(self) -> float:
        """Probability that there is no effect at all, when both were equally probable before."""
        return float(1.0 / (1.0 + np.exp(self.log_bayes_factor)))

    def prob_below(self, value: float) -> float:
        """Probability that gamma lies below a value, given that there is an effect."""
        means, sds = self.posterior.means[:, -1], self.posterior.sds[:, -1]
        return float(self.posterior.weights @ stats.norm.cdf(value, means, sds))

    def quantile(self, prob: float) -> float:
        """Value of gamma that is not exceeded with this probability, given that there is an effect."""
        means, sds = self.posterior.means[:, -1], self.posterior.sds[:, -1]
        low, high = float((means - 9.0 * sds).min()), float((means + 9.0 * sds).max())
        return float(optimize.brentq(lambda value: self.prob_below(value) - prob, low, high))

    def __str__(self) -> str:
        return (
            f"tenfold size at equal loss: {self.mean:+.2f} logits"
            f" ({self.quantile(0.05):+.2f} to {self.quantile(0.95):+.2f}),"
            f" ln Bayes factor for an effect {self.log_bayes_factor:+.1f}"
        )


def fit_size_effect(
    table: pd.DataFrame, score: str, *, prior: ScorePrior | None = None, predictor: str = LOSS
) -> SizeEffect:
    """The effect of size on a score beside a smooth function of loss, for checkpoints of several runs.

    Checkpoints of a run share an offset and a path, so that their number does not make six sizes into hundreds of
    independent facts. Given the standard deviations of noise, offset and path everything is normal and in closed
    form; these three are summed over a grid.

    Parameters
    ----------
    table : DataFrame
        One row per checkpoint: ``run, n_params, loss`` and the score. A run should have one size.
    score : str
        Column of shares between 0 and 1, both excluded.
    prior : ScorePrior, optional
    predictor : str, default "loss"
        Column that the score is a curve of; another one, e.g. log compute, for comparison.

    Returns
    -------
    SizeEffect

    Raises
    ------
    InputError
        With codes ``"bad_scores"`` and ``"bad_prior"``.
    """
    assumed = prior or ScorePrior()
    regression = build_regression(table, score, assumed, predictor)
    everything = np.ones(len(regression.x), dtype=bool)
    without, with_size = grid_posteriors(regression, everything, assumed)
    return SizeEffect(with_size.log_evidence - without.log_evidence, assumed.size_sd, with_size)
