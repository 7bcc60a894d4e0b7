"""Small families of runs drawn from a known additive law, in plain numpy."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bayes_scaling.runs import RunTable

TRUTH = {"E": 1.7, "A": 400.0, "B": 1500.0, "alpha": 0.34, "beta": 0.36}
SIZES = (1e8, 3e8, 1e9, 3e9, 1e10)


def true_loss(n_params: np.ndarray, n_tokens: np.ndarray, law: dict[str, float] = TRUTH) -> np.ndarray:
    return law["E"] + law["A"] / n_params ** law["alpha"] + law["B"] / n_tokens ** law["beta"]


def family_rows(
    family: str = "made-up",
    sizes: tuple[float, ...] = SIZES,
    last_tokens: float = 1e11,
    n_checkpoints: int = 8,
    noise_sd: float = 0.0,
    seed: int = 0,
) -> pd.DataFrame:
    """One run of each size with the same checkpoints, their loss off by `noise_sd` on the log scale."""
    tokens = np.geomspace(last_tokens / 50, last_tokens, n_checkpoints)
    n_params, n_tokens = (grid.ravel() for grid in np.meshgrid(sizes, tokens, indexing="ij"))
    noise = np.random.default_rng(seed).normal(0.0, noise_sd, len(n_params))
    return pd.DataFrame(
        {
            "family": family,
            "run": [f"{family}-{size:.3g}" for size in n_params],
            "n_params": n_params,
            "n_tokens": n_tokens,
            "loss": true_loss(n_params, n_tokens) * np.exp(noise),
        }
    )


def table(*families: pd.DataFrame) -> RunTable:
    return RunTable.from_frame(pd.concat(families, ignore_index=True))


def points_at(*coordinates: tuple[str, float, float]) -> pd.DataFrame:
    """Points to forecast, given as (family, n_params, n_tokens)."""
    points = pd.DataFrame(coordinates, columns=["family", "n_params", "n_tokens"])
    return points.assign(run="held-out", n_tokens_total=points["n_tokens"])
