"""The table of a back-test: one row for each scored checkpoint, with the forecast's quantiles and scores."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.baselines import Forecast
from bayes_scaling.evaluation import scores
from bayes_scaling.evaluation.data_kinds import DATA_COLUMNS, data_columns
from bayes_scaling.evaluation.splits import Split
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.runs.compute import training_flops

QUANTILE_COLUMNS = {
    "q025": 0.025,
    "q05": 0.05,
    "q10": 0.10,
    "q25": 0.25,
    "q75": 0.75,
    "q90": 0.90,
    "q95": 0.95,
    "q975": 0.975,
}
"""Columns of quantiles of the loss and their probabilities; NaN for a point forecast."""

INTERVAL_COLUMNS = {0.5: ("q25", "q75"), 0.8: ("q10", "q90"), 0.9: ("q05", "q95"), 0.95: ("q025", "q975")}
"""The two columns that bound the central interval of each level."""

CONTRACT_COLUMNS = (
    FAMILY,
    RUN,
    N_PARAMS,
    N_TOKENS,
    LOSS,
    "median",
    "q05",
    "q25",
    "q75",
    "q95",
    "crps",
    "pit",
)
"""First columns of ``predictions.csv``, in order. ``crps`` is in the unit of the loss."""

FURTHER_COLUMNS = (
    "q025",
    "q10",
    "q90",
    "q975",
    "log_crps",
    "log_score",
    "log_interval_score_90",
    "are",
    "log_bias",
    "is_final",
    "extrapolation_decades",
    "size_ratio",
    *DATA_COLUMNS,
)
"""Columns after those: more quantiles, scores on log loss, the median's relative error and log bias, whether
the row is the run's last checkpoint, powers of ten in 6 N D beyond the family's largest training row, size
over its largest training size, and what kind of data it belongs to
(:func:`~bayes_scaling.evaluation.data_kinds.data_columns`)."""


def predictions_table(split: Split, forecast: Forecast) -> pd.DataFrame:
    """The forecast of a split beside what was observed, one row for each scored checkpoint, in their order.

    A point where the forecast holds a draw that is not a finite positive loss counts as not forecast: its
    scores are NaN.
    """
    observed = split.test.frame[[FAMILY, RUN, N_PARAMS, N_TOKENS, LOSS]].reset_index(drop=True)
    usable = (np.isfinite(forecast.draws) & (forecast.draws > 0.0)).all(axis=0)
    draws = np.where(usable, forecast.draws, np.nan)
    columns = {
        **_quantiles(draws, forecast.is_point),
        **_scores(draws, observed[LOSS].to_numpy(dtype=float), forecast.is_point),
        **_position(split),
        **data_columns(split),
    }
    return observed.assign(**columns)[[*CONTRACT_COLUMNS, *FURTHER_COLUMNS]]


def is_failed(predictions: pd.DataFrame) -> pd.Series:
    """True for the rows for which the method gave nothing."""
    return predictions["median"].isna()


def _quantiles(draws: np.ndarray, is_point: bool) -> dict[str, np.ndarray]:
    quantiles = np.quantile(draws, list(QUANTILE_COLUMNS.values()), axis=0)
    if is_point:
        quantiles = np.full_like(quantiles, np.nan)
    return {"median": np.median(draws, axis=0), **dict(zip(QUANTILE_COLUMNS, quantiles, strict=True))}


def _scores(draws: np.ndarray, loss: np.ndarray, is_point: bool) -> dict[str, np.ndarray]:
    log_draws, log_loss, median = np.log(draws), np.log(loss), np.median(draws, axis=0)
    none = np.full(len(loss), np.nan)
    return {
        "crps": scores.crps(draws, loss),
        "pit": none if is_point else scores.pit(draws, loss),
        "log_crps": scores.crps(log_draws, log_loss),
        "log_score": none if is_point else scores.log_score(log_draws, log_loss),
        "log_interval_score_90": none if is_point else scores.interval_score(log_draws, log_loss, 0.9),
        "are": scores.absolute_relative_error(median, loss),
        "log_bias": scores.log_bias(median, loss),
    }


def _position(split: Split) -> dict[str, np.ndarray]:
    """Where each scored row lies: at its run's end or not, and how far beyond the family's training rows."""
    test, train = split.test.frame, split.train.frame
    compute = training_flops(train[N_PARAMS], train[N_TOKENS])
    largest_compute = test[FAMILY].map(compute.groupby(train[FAMILY]).max()).astype(float)
    largest_size = test[FAMILY].map(train.groupby(FAMILY)[N_PARAMS].max()).astype(float)
    last = test.groupby([FAMILY, RUN])[N_TOKENS].transform("max")
    return {
        "is_final": (test[N_TOKENS] == last).to_numpy(),
        "extrapolation_decades": np.log10(
            training_flops(test[N_PARAMS], test[N_TOKENS]) / largest_compute
        ).to_numpy(),
        "size_ratio": (test[N_PARAMS] / largest_size).to_numpy(),
    }
