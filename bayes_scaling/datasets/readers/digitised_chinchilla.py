"""The Chinchilla points that two repositories publish as the same file."""

from __future__ import annotations

from typing import Final

import pandas as pd

from bayes_scaling.datasets.readers.suspects import SUSPECT
from bayes_scaling.names import FAMILY, FLOPS, LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.runs.compute import FLOPS_PER_PARAM_AND_TOKEN

N_OUTLIERS: Final = 5
"""How many of the largest losses the published replication of the Chinchilla fit leaves out."""


def chinchilla_points(points: pd.DataFrame, family: str) -> pd.DataFrame:
    """One row for each point of the paper's figure 4: final loss in nats per token, tokens as FLOP / 6 N.

    Parameters
    ----------
    points : DataFrame
        The digitised figure, with the columns ``Model Size``, ``Training FLOP`` and ``loss``.
    family : str
        The family that the points are given.

    Returns
    -------
    DataFrame
        Rows with run-table columns; ``suspect`` is False where the loss is strictly below the fifth largest.
    """
    n_params, flops, loss = points["Model Size"], points["Training FLOP"], points["loss"]
    return pd.DataFrame(
        {
            FAMILY: family,
            RUN: [f"point-{number:03d}" for number in range(len(points))],
            N_PARAMS: n_params,
            N_TOKENS: flops / (FLOPS_PER_PARAM_AND_TOKEN * n_params),
            LOSS: loss,
            FLOPS: flops,
            SUSPECT: loss >= loss.nlargest(N_OUTLIERS).min(),
        }
    )
