"""What a family's runs are like, seen from a target: how many, how large, how far away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.inference import Posterior
from bayes_scaling.names import FAMILY, FLOPS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.planning.target import Target
from bayes_scaling.prediction import make_points, predict


@dataclass(frozen=True)
class Situation:
    """What a fit has of a family, and what it says of a target.

    Attributes
    ----------
    family : str
    n_sizes, n_runs : int
    n_repeated_sizes : int
        Sizes with more than one run of about the same length: only they show what a seed does.
    checkpoints_per_run : int
        Median over runs of the checkpoints that entered the fit.
    smallest, largest, longest : float
        Range of sizes, and most tokens seen; NaN for a family without rows.
    extrapolation_decades, prior_share : float
        As in a prediction's table.
    median, lower, upper : float
        Forecast of a run at the target.
    """

    family: str
    n_sizes: int
    n_runs: int
    n_repeated_sizes: int
    checkpoints_per_run: int
    smallest: float
    largest: float
    longest: float
    extrapolation_decades: float
    prior_share: float
    median: float
    lower: float
    upper: float


def describe_situation(posterior: Posterior, target: Target, prob: float, seed: int) -> Situation:
    """The situation of a target.

    Parameters
    ----------
    posterior : Posterior
    target : Target
    prob : float
        Probability of the forecast's interval.
    seed : int
    """
    observed = posterior.observed
    rows = observed[observed[FAMILY] == target.family]
    inputs = {**target.inputs, N_PARAMS: target.n_params, N_TOKENS: target.n_tokens, FLOPS: target.flops}
    point = make_points(pd.DataFrame([inputs]), family=target.family)
    forecast = predict(posterior, point, prob=prob, seed=seed).table.iloc[0]
    runs = rows.groupby(RUN).agg(size=(N_PARAMS, "first"), tokens=(N_TOKENS, "max"), rows=(N_TOKENS, "size"))
    return Situation(
        family=target.family,
        n_sizes=rows[N_PARAMS].nunique(),
        n_runs=len(runs),
        n_repeated_sizes=_repeated_sizes(runs),
        checkpoints_per_run=int(runs["rows"].median()) if len(runs) else 0,
        smallest=float(rows[N_PARAMS].min()),
        largest=float(rows[N_PARAMS].max()),
        longest=float(rows[N_TOKENS].max()),
        extrapolation_decades=float(forecast["extrapolation_decades"]),
        prior_share=float(forecast["prior_share"]),
        median=float(forecast["median"]),
        lower=float(forecast["lower"]),
        upper=float(forecast["upper"]),
    )


def _repeated_sizes(runs: pd.DataFrame) -> int:
    """Sizes with two runs whose lengths differ by less than a tenth."""
    return sum(
        bool(np.any(np.diff(np.log(np.sort(lengths.to_numpy()))) < np.log(1.1)))
        for _, lengths in runs.groupby("size")["tokens"]
    )
