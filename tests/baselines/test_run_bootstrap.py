"""Weights of the Bayesian bootstrap: one for each run and draw, exponential."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.baselines.run_bootstrap import run_weights
from tests.baselines.families import family_rows


def test_checkpoints_of_a_run_share_a_weight_and_runs_do_not():
    rows = pd.concat([family_rows("a"), family_rows("b")]).assign(
        run=lambda each: each["n_params"].astype(str)
    )

    weights = pd.DataFrame(run_weights(rows, 2, np.random.default_rng(0)).T)

    per_run = weights.groupby([rows["family"].to_numpy(), rows["run"].to_numpy()]).nunique()
    assert (per_run == 1).all(axis=None)
    assert weights[0].nunique() == weights[1].nunique() == 10


def test_weights_are_standard_exponential():
    weights = run_weights(family_rows(n_checkpoints=1), 20_000, np.random.default_rng(1))

    assert np.abs(weights.mean(axis=0) - 1.0).max() < 0.05
    assert np.abs(np.median(weights, axis=0) - np.log(2.0)).max() < 0.05
