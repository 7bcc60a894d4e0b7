"""Small frames for figures, with numbers that are easy to find again in what was drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

QUANTILES = {"q05": 0.94, "q25": 0.98, "median": 1.01, "q75": 1.03, "q95": 1.08}


@pytest.fixture
def forecasts() -> pd.DataFrame:
    """Four forecasts whose medians are 1 % high; the last one's interval lies above the truth."""
    loss = np.array([2.0, 3.5, 1.7, 8.0])
    table = pd.DataFrame({"family": ["Pythia", "OPT", "GPT-3", "LaMDA"], "loss": loss})
    for name, factor in QUANTILES.items():
        table[name] = loss * factor
    table.loc[3, list(QUANTILES)] *= 1.2
    return table


@pytest.fixture
def intervals() -> pd.DataFrame:
    """Five numbers for each of three labels, in no particular order."""
    table = pd.DataFrame(
        {name: 0.35 * factor * np.array([1.0, 2.0, 0.5]) for name, factor in QUANTILES.items()}
    )
    return table.set_axis(["alpha", "beta", "E"], axis=0)


@pytest.fixture
def runs() -> pd.DataFrame:
    """Three sizes of one family, each with five checkpoints."""
    return pd.DataFrame(
        [
            (f"run-{size:g}", size, tokens, 1.7 + 0.4 * (1e9 / size) ** 0.3 + 0.5 * (2e10 / tokens) ** 0.35)
            for size in (7e7, 4e8, 2e9)
            for tokens in np.geomspace(1e9, 1e11, 5)
        ],
        columns=["run", "n_params", "n_tokens", "loss"],
    )


@pytest.fixture
def forecast(runs) -> pd.DataFrame:
    """The largest run's last three checkpoints with a forecast."""
    rows = runs[runs["n_params"] == 2e9].tail(3).reset_index(drop=True)
    return rows.assign(**{name: rows["loss"] * factor for name, factor in QUANTILES.items()})


@pytest.fixture
def groups() -> pd.DataFrame:
    """Coverage of four groups in three breakdowns; the last is a single family that was missed."""
    return pd.DataFrame(
        {
            "breakdown": ["all", "sizes", "sizes", "kind"],
            "group": ["all families", "at most 3 training sizes", "4-5 training sizes", "schedules"],
            "n_families": [30, 10, 20, 1],
            "observed": [0.88, 0.7, 0.95, 0.0],
            "band_low": [0.75, 0.4, 0.8, 0.0],
            "band_high": [0.95, 0.9, 1.0, 0.85],
        }
    )


@pytest.fixture
def methods() -> pd.DataFrame:
    """Width and coverage of three methods: an honest one, one too narrow, one too wide."""
    return pd.DataFrame(
        {
            "width": [0.04, 0.012, 0.08],
            "observed": [0.9, 0.4, 1.0],
            "band_low": [0.8, 0.3, 0.93],
            "band_high": [0.95, 0.52, 1.0],
        },
        index=["hierarchical", "Huber", "best seen"],
    )
