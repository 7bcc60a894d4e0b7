"""Every law recovers what it made: small runs of families simulated from it, larger ones forecast.

The simulation is plain numpy around the law alone; models, samplers and predictions are what is tested.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import bayes_scaling as bs
from bayes_scaling.laws import Law
from bayes_scaling.priors import weak_priors
from tests.laws.test_every_law import every_law
from tests.simulate_laws import BATCH_TOKENS, BITS, falls

N_FAMILIES = 20
SIZES = (5e7, 2e8, 8e8, 3e9, 1.2e10)
HELD_OUT_SIZE = 1.2e10
TOKENS_A_SIZE = ((4e9, 2e10), (8e9, 4e10), (1.6e10, 8e10), (3e10, 1.5e11), (6e10, 3e11))
SHORT = {"chains": 32, "tune": 9, "draws": 8, "thin": 1}
"""Enough for intervals that are held to loose bounds, in about two seconds."""


def simulated(law: Law, seed: int = 5) -> pd.DataFrame:
    """Families around the weak priors' median, one run at each size and length, with noise between runs."""
    rng = np.random.default_rng(seed)
    frames = [design(f"family-{number}", rng) for number in range(N_FAMILIES)]
    return pd.concat([with_loss(law, frame, rng) for frame in frames], ignore_index=True)


def design(family: str, rng: np.random.Generator) -> pd.DataFrame:
    """The runs of one family with every input that any law takes."""
    points = [(size, tokens) for size, both in zip(SIZES, TOKENS_A_SIZE, strict=True) for tokens in both]
    n_params, n_tokens = np.array(points).T
    return pd.DataFrame(
        {
            "family": family,
            "run": [f"{size:.2g}-{tokens:.2g}" for size, tokens in points],
            "n_params": n_params,
            "n_tokens": n_tokens,
            "n_tokens_total": n_tokens,
            "n_unique_tokens": n_tokens / rng.choice([1.0, 2.0, 8.0], len(points)),
            "flops": 6 * n_params * n_tokens,
            "n_batch_tokens": BATCH_TOKENS,
            "n_steps": n_tokens / BATCH_TOKENS,
            **{f"n_bits_{part}": rng.choice(BITS, len(points)) for part in ("weights", "activations", "kv")},
            "n_bits_post": rng.choice([4.0, 6.0, 64.0], len(points)),
            **falls(n_tokens, np.random.default_rng(3)),
            "pretraining_loss": 1.82 + 482.0 * n_params**-0.348 + 2085.0 * n_tokens**-0.366,
        }
    )


def with_loss(law: Law, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A family drawn from the population that the weak priors expect, and its runs' losses."""
    priors = weak_priors(law).parameters
    params = {
        name: priors[name].location + priors[name].spread * rng.standard_normal()
        for name in law.parameter_names
    }
    log_loss = law.log_loss(np, params, {name: frame[name].to_numpy() for name in law.inputs})
    run_sd = np.exp(priors["log_run_sd"].location)
    noise = run_sd * rng.standard_normal(len(frame))
    # a column for each input that a law takes, and no other: what a table lacks must not be needed
    kept = ["family", "run", "n_params", "n_tokens", "n_tokens_total", *law.inputs]
    return frame[list(dict.fromkeys(kept))].assign(loss=np.exp(log_loss + noise))


@every_law
def test_held_out_runs_fall_inside_the_intervals(law):
    frame = simulated(law)
    is_large = frame["n_params"] >= HELD_OUT_SIZE
    runs = bs.RunTable.from_frame(frame[~is_large])
    points = frame[is_large].reset_index(drop=True)

    fit = bs.ScalingModel(law=law, priors="weak").fit(runs, "laplace", progress=False, **SHORT)
    prediction = fit.predict(points.drop(columns="loss"))

    quantiles = prediction.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).to_numpy()
    loss = points["loss"].to_numpy()
    inside = [
        np.mean((quantiles[:, low] < loss) & (loss < quantiles[:, high])) for low, high in ((0, 4), (1, 3))
    ]
    assert inside[0] >= 0.7
    assert 0.3 <= inside[1] <= 0.75
    assert np.median(np.abs(quantiles[:, 2] / loss - 1)) < 0.05


@every_law
def test_the_prior_predictive_holds_what_the_law_makes(law):
    """Typical families lie inside, and the interval says something."""
    frame = simulated(law, seed=11)

    prediction = bs.ScalingModel(law=law, priors="weak").prior_predictive(
        bs.RunTable.from_frame(frame), n_draws=400
    )

    quantiles = prediction.quantile([0.05, 0.5, 0.95]).to_numpy()
    loss = frame["loss"].to_numpy()
    inside = np.mean((quantiles[:, 0] < loss) & (loss < quantiles[:, 2]))
    assert inside > 0.7
    assert 1.5 < np.median(quantiles[:, 2] / quantiles[:, 0]) < 50
