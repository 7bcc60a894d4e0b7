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
