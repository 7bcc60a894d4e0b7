"""Runs whose curves are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling import RunTable


def law(n_params, n_tokens):
    return 1.8 + 400.0 / n_params**0.33 + 1500.0 / n_tokens**0.35


def known_runs(noise: float, seed: int = 0) -> RunTable:
    """Four sizes of 30 checkpoints around an additive law, with noise of log loss."""
    rng = np.random.default_rng(seed)
    tokens = np.geomspace(1e9, 3e11, 30)
    frames = [
        pd.DataFrame({"run": f"{size:g}", "n_params": size, "n_tokens": tokens, "loss": law(size, tokens)})
        for size in (1e8, 1e9, 1e10, 1e11)
    ]
    frame = pd.concat(frames, ignore_index=True).assign(family="known")
    return RunTable.from_frame(
        frame.assign(loss=frame["loss"] * np.exp(noise * rng.standard_normal(len(frame))))
    )


@pytest.fixture(scope="package")
def smooth_runs() -> RunTable:
    return known_runs(0.0)
