"""The likelihood as one dense normal distribution a family, from the equations and without the package's own models.

Beside it a table in which every case of a row occurs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from bayes_scaling.models import Layout, ModelSpec
from bayes_scaling.runs import RunTable
from tests.simulate import (
    PARAMETERS,
    REFERENCE_N_PARAMS,
    Design,
    discrepancy_scale,
    fresh_tokens,
    schedule_level,
    simulate,
    true_loss,
)

AWKWARD_FAMILIES = ("bits", "family-0", "last-only", "repeated", "tiny")
PEAKS = {"repeated": 7e-4 * np.cos(np.pi / 20) ** 2 + 1e-4}
"""Learning rate of the first checkpoint, at a tenth of the run, of the family that logs it."""


def awkward_runs() -> RunTable:
    """Five families.

    Several seeds; losses in a unit of their own; one checkpoint a run; repeated tokens and a logged learning
    rate; two rows in all.
    """
    many = simulate(1, seed=1).frame
    last = simulate(1, seed=2, design=Design(n_seeds=1, n_checkpoints=1)).frame.assign(family="last-only")
    tiny = last[last["n_params"].isin([5e7, 3e9])].assign(family="tiny")
    other = simulate(1, seed=3, design=Design(n_checkpoints=3)).frame.assign(family="bits")
    other = other.assign(loss=other["loss"] / np.log(2) * 7, metric="bits_per_word")
    again = Design(n_checkpoints=5, n_unique_tokens=2e10, logs_learning_rate=True)
    repeated = simulate(1, seed=4, design=again).frame.assign(family="repeated")
    repeated["learning_rate"] *= 0.7  # neither peak nor end is what a cosine would say
    repeated["learning_rate"] += 1e-4
    columns = ["family", "run", "n_params", "n_tokens", "n_tokens_total", "loss", "metric"]
    columns += ["n_unique_tokens", "learning_rate"]
    joined = pd.concat([many, last, tiny, other, repeated], ignore_index=True).reindex(columns=columns)
    return RunTable.from_frame(joined.fillna({"metric": "nats_per_token"}))


def random_theta(spec: ModelSpec, n_families: int, seed: int = 0) -> np.ndarray:
    """Family parameters (F, Q) that the priors expect."""
    rng = np.random.default_rng(seed)
    chosen = [spec.priors.parameters[name] for name in spec.family_parameters]
    location = np.array([prior.location for prior in chosen])
    return location + np.array([prior.family_sd for prior in chosen]) * rng.standard_normal(
        (n_families, len(chosen))
    )


def split(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Parameters of the mean (..., P) and log scales (..., 2)."""
    return theta[..., :-2], theta[..., -2:]


def unique_tokens(rows: pd.DataFrame) -> np.ndarray:
    """Unique tokens of each row, all of its tokens where none are given."""
    tokens = rows["n_tokens"]
    return rows.get("n_unique_tokens", tokens).fillna(tokens).to_numpy()


def dense_mean(rows: pd.DataFrame, theta: pd.Series, peak: float | None) -> np.ndarray:
    """Expected log loss of a family's rows, in its own unit."""
    tokens, total = rows["n_tokens"].to_numpy(), rows["n_tokens_total"].to_numpy()
    level = schedule_level(tokens, total) if peak is None else rows["learning_rate"].to_numpy() / peak
    fresh = fresh_tokens(tokens, unique_tokens(rows))
    return np.log(true_loss(theta, rows["n_params"].to_numpy(), fresh)) + theta["schedule_gap"] * level


def dense_covariance(
    spec: ModelSpec,
    rows: pd.DataFrame,
    shape,
    run_sd: float,
    discrepancy_sd: float,
    inflation: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Covariance of a family's log losses, entry by entry."""
    log_d = np.log(rows["n_tokens"].to_numpy())
    same_run = rows["run"].to_numpy()[:, None] == rows["run"].to_numpy()[None, :]
    gap = np.abs(log_d[:, None] - log_d[None, :])
    path = shape.offset + shape.drift * np.exp(-gap / shape.correlation_length)
    own = run_sd * (rows["n_params"].to_numpy() / REFERENCE_N_PARAMS) ** -spec.run_size_exponent * inflation
    smooth = dense_features(spec, rows)
    noise = path * same_run + shape.noise * np.eye(len(rows))
    return np.outer(own, own) * noise + discrepancy_sd**2 * smooth @ smooth.T


def dense_features(spec: ModelSpec, rows: pd.DataFrame) -> np.ndarray:
    """The discrepancy's functions at a family's rows: waves with their fall in compute written out, and wear."""
    fresh = fresh_tokens(rows["n_tokens"].to_numpy(), unique_tokens(rows))
    sizes = rows["n_params"].to_numpy()
    frequencies, share = spec.basis.frequencies
    phase = np.stack([np.log(sizes), np.log(fresh)], axis=1) @ frequencies.T
    waves = np.concatenate([np.sqrt(share) * np.cos(phase), np.sqrt(share) * np.sin(phase)], axis=1)
    waves = discrepancy_scale(sizes, fresh, spec.basis.decay)[:, None] * waves
    # along ln N the four nodes are +- sqrt(3 +- sqrt 6), with weights 1 / (4 (3 +- sqrt 6))
    squares = 3 + np.array([-1, 1]) * np.sqrt(6)
    phase = np.log(sizes)[:, None] * np.sqrt(squares) / spec.basis.length_scale
    share = 1 / (2 * squares)
    ripples = np.concatenate([np.sqrt(share) * np.cos(phase), np.sqrt(share) * np.sin(phase)], axis=1)
    worn = spec.basis.wear * np.log(rows["n_tokens"].to_numpy() / fresh) ** 2
    return np.concatenate([waves, worn[:, None] * ripples], axis=1)


def dense_log_likelihood(spec: ModelSpec, layout: Layout, theta: np.ndarray) -> np.ndarray:
    """Log likelihood (F,) at family parameters (F, Q)."""
    found = []
    for position, family in enumerate(layout.families):
        here = (layout.frame["family"] == family).to_numpy()
        rows = layout.frame[here]
        own = pd.Series(theta[position], index=list(PARAMETERS))
        covariance = dense_covariance(
            spec,
            rows,
            spec.shapes[layout.shape_index[position]],
            np.exp(own["log_run_sd"]),
            np.exp(own["log_discrepancy_sd"]),
            layout.inflation[here],
        )
        residual = np.log(rows["loss"]) - layout.log_unit[position]
        residual -= dense_mean(rows, own, PEAKS.get(family))
        found.append(stats.multivariate_normal.logpdf(residual, cov=covariance))
    return np.array(found)
