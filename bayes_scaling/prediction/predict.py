"""Predictions from a posterior at new points."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.inference import Posterior
from bayes_scaling.inference.settings import require_count
from bayes_scaling.models import with_inputs
from bayes_scaling.names import FAMILY, KIND_EVAL, KIND_MEAN, KIND_RUN, KINDS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.prediction.draws import PredictiveSampler
from bayes_scaling.prediction.prediction import Prediction

SOURCE_POSTERIOR = "posterior"
SOURCE_POPULATION = "population"
NEW_FAMILY = "\0"
"""A label that no table can hold: always a new family."""

N_SHARE_DRAWS = 200
"""Draws from which the share of the prior is told: a variance ratio to about a tenth is enough."""

MAX_RUN_POINTS = 4_000
"""Points of one new run, whose path is drawn as a whole: its covariance takes the square of this."""


def predict(
    posterior: Posterior, points: pd.DataFrame, *, kind: str = KIND_RUN, prob: float = 0.9, seed: int = 0
) -> Prediction:
    """The predictive distribution of the loss at points.

    Parameters
    ----------
    posterior : Posterior
    points : DataFrame
        As :func:`~bayes_scaling.prediction.make_points` gives them.
    kind : {"mean", "run"}
        The recipe's law with its discrepancy, or one new training run (seed and checkpoint noise added).
    prob : float
        Probability of the interval in the result's table.
    seed : int
        Same seed, same draws.

    Returns
    -------
    Prediction

    Raises
    ------
    InputError
        When the kind is unknown, the law needs an input that the points lack, or a run has too many points.
    """
    require_count("seed", seed, 0)
    _check_kind(kind)
    points = with_inputs(posterior.spec.law, points)
    _check_points(points)
    sampler = PredictiveSampler(posterior, points, KIND_RUN if kind == KIND_EVAL else kind, int(seed))
    return Prediction(sampler, _notes(posterior, points, sampler), prob)


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise InputError(
            f"kind {kind!r}",
            f"one of {', '.join(KINDS)}",
            "Use 'run' for a new training run.",
            code="bad_kind",
        )


def _check_points(points: pd.DataFrame) -> None:
    longest = points.groupby([FAMILY, RUN]).size().max() if RUN in points else 0
    if longest > MAX_RUN_POINTS:
        raise InputError(
            f"{longest} points of one run",
            f"at most {MAX_RUN_POINTS}",
            "Take every n-th checkpoint, or leave out the column `run`: then each point is a run of its own.",
            code="too_many_points",
        )


def _notes(posterior: Posterior, points: pd.DataFrame, sampler: PredictiveSampler) -> pd.DataFrame:
    known = points[FAMILY].isin(posterior.families).to_numpy()
    return pd.DataFrame(
        {
            "extrapolation_decades": extrapolation_decades(posterior.observed, points),
            "prior_share": _prior_share(sampler, points, known),
            "source": np.where(known, SOURCE_POSTERIOR, SOURCE_POPULATION),
        }
    )


def extrapolation_decades(observed: pd.DataFrame, points: pd.DataFrame) -> np.ndarray:
    """How far each point lies outside the sizes and tokens that its family was seen at, in decades.

    Parameters
    ----------
    observed : DataFrame
        The rows of the fit.
    points : DataFrame

    Returns
    -------
    ndarray of shape (n_points,)
        Euclidean distance in (log10 N, log10 D) to the family's rectangle; 0 inside. A new family is compared
        with all rows; without any rows it is NaN.
    """
    if observed.empty:
        return np.full(len(points), np.nan)
    squared = np.zeros(len(points))
    for label, positions in points.groupby(FAMILY).indices.items():
        rows = observed[observed[FAMILY] == label]
        rows = rows if len(rows) else observed
        for name in (N_PARAMS, N_TOKENS):
            asked = np.log10(points[name].to_numpy()[positions])
            low, high = np.log10(rows[name].min()), np.log10(rows[name].max())
            squared[positions] += np.maximum(np.maximum(low - asked, asked - high), 0.0) ** 2
    return np.sqrt(squared)


def _prior_share(sampler: PredictiveSampler, points: pd.DataFrame, known: np.ndarray) -> np.ndarray:
    """Variance of the mean log loss over a new family's at the same point, at most 1; 1 without rows."""
    share = np.ones(len(points))
    if known.any():
        own = points[known].reset_index(drop=True)
        new = own.assign(**{FAMILY: NEW_FAMILY})
        share[known] = np.minimum(_log_variance(sampler, own) / _log_variance(sampler, new), 1.0)
    return share


def _log_variance(sampler: PredictiveSampler, points: pd.DataFrame) -> np.ndarray:
    """Variance of the mean log loss at points, shape (n_points,), from some of a sampler's draws."""
    few = PredictiveSampler(sampler.posterior, points, KIND_MEAN, sampler.seed, N_SHARE_DRAWS)
    variance = np.empty(len(points))
    for positions, block in few.map_blocks(lambda loss: np.log(loss).var(axis=-1)):
        variance[positions] = block
    return variance
