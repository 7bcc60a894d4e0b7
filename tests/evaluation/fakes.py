"""Forecasters whose honesty is known, and tables of runs to try them on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bayes_scaling.baselines import Forecast
from bayes_scaling.errors import Finding, Findings, Severity
from bayes_scaling.runs import RunTable
from tests.baselines.families import family_rows, table, true_loss

NOISE_SD = 0.02


def many_families(n_families: int = 60, **changes) -> RunTable:
    """Families of five sizes whose losses are off the law by independent noise of 2 %."""
    return table(
        *(
            family_rows(f"family-{index:03d}", noise_sd=NOISE_SD, seed=index, **changes)
            for index in range(n_families)
        )
    )


@dataclass(frozen=True)
class KnowsTheTruth:
    """Draws from the law that made the runs, with its noise times `width`: honest at 1, too sure below."""

    width: float = 1.0
    n_draws: int = 400
    name: str = "truth"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        law = true_loss(points["n_params"].to_numpy(), points["n_tokens"].to_numpy())
        noise = np.random.default_rng(seed).normal(size=(self.n_draws, len(points)))
        return Forecast(law * np.exp(self.width * NOISE_SD * noise))


@dataclass
class Recorder:
    """Keeps what reaches it, and forecasts a loss of one."""

    name: str = "recorder"
    seen: list[tuple[RunTable, pd.DataFrame, int]] = field(default_factory=list)

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        self.seen.append((train, points, seed))
        return Forecast(np.ones((1, len(points))), is_point=True)


@dataclass(frozen=True)
class GivesUpOn:
    """A point forecast of a loss of two, except for one family."""

    family: str
    name: str = "gives-up"

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        losses = np.where(points["family"] == self.family, np.nan, 2.0)
        note = Finding("gave_up", Severity.WARNING, "No forecast", "Take another method.", self.family)
        return Forecast(losses[None], is_point=True, notes=Findings((note,)))
