"""How well the scores of one size are foretold by the other sizes, with and without an effect of size."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from bayes_scaling.errors import InputError
from bayes_scaling.names import LOSS, N_PARAMS
from bayes_scaling.trajectories.score_curve import ScorePrior, ScoreRegression, build_regression
from bayes_scaling.trajectories.score_evidence import GridPosterior, grid_posteriors

FEWEST_SIZES = 3


def leave_one_size_out(
    table: pd.DataFrame, score: str, *, prior: ScorePrior | None = None, predictor: str = LOSS
) -> pd.DataFrame:
    """Log predictive density and error of each size's scores from all other sizes' checkpoints.

    Parameters
    ----------
    table, score, prior, predictor
        As for :func:`~bayes_scaling.trajectories.fit_size_effect`.

    Returns
    -------
    DataFrame
        One row per size: ``n_params, n_rows``; ``log_density`` and ``log_density_with_size``, the joint log density of
        the size's logits given the others (higher is better); ``rmse`` and ``rmse_with_size`` of the
        predictive means, in score.

    Raises
    ------
    InputError
        With code ``"too_few_sizes"`` for fewer than three sizes, else as for the fit.
    """
    assumed = prior or ScorePrior()
    regression = build_regression(table, score, assumed, predictor)
    sizes = np.unique(regression.n_params)
    if len(sizes) < FEWEST_SIZES:
        raise InputError(
            f"{len(sizes)} sizes",
            f"at least {FEWEST_SIZES}",
            "Add runs of other sizes.",
            code="too_few_sizes",
        )
    everything = np.ones(len(regression.x), dtype=bool)
    full = grid_posteriors(regression, everything, assumed)
    return pd.DataFrame([_one_size(regression, float(size), full, assumed) for size in sizes])


def _one_size(
    regression: ScoreRegression, size: float, full: tuple[GridPosterior, GridPosterior], prior: ScorePrior
) -> dict[str, float]:
    left_out = regression.n_params == size
    given = grid_posteriors(regression, ~left_out, prior)
    row: dict[str, float] = {N_PARAMS: size, "n_rows": int(left_out.sum())}
    columns = (regression.without_size, slice(None))
    observed = special.expit(regression.response[left_out])
    for suffix, before, after, chosen in zip(("", "_with_size"), given, full, columns, strict=True):
        predicted = special.expit(regression.design[left_out][:, chosen] @ before.mean)
        row[f"log_density{suffix}"] = after.log_evidence - before.log_evidence
        row[f"rmse{suffix}"] = float(np.sqrt(np.mean((predicted - observed) ** 2)))
    return row
