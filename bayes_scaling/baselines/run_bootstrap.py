"""The Bayesian bootstrap over training runs: random weights that checkpoints of one run share (Rubin 1981)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.names import FAMILY, RUN


def run_weights(rows: pd.DataFrame, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """Standard exponential weight of each row, shape (n_draws, n_rows), the same within a run.

    Checkpoints of a run stay together, and no draw loses a size for good, as drawing runs with replacement
    does in small families.
    """
    run_of_row = rows.groupby([FAMILY, RUN], sort=False).ngroup().to_numpy()
    return rng.standard_exponential((n_draws, run_of_row.max() + 1))[:, run_of_row]
