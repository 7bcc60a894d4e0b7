"""Made-up models whose capabilities are known: the generative model in plain numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.observational import Benchmark, ScoreTable, Task
from bayes_scaling.observational.scores import unlinked

CHANCE = np.array([0.25, 0.25, 0.0, 0.5, 0.0])
BENCHMARKS = tuple(Benchmark(f"b{index}", chance) for index, chance in enumerate(CHANCE))
TASK = Task("task", 0.1, 1000, cutoff_flops=1e22, benchmarks=BENCHMARKS)

LOADINGS = np.array([[1.2, 0.1], [0.9, -0.2], [0.8, 0.9], [0.7, -0.3], [0.4, 1.0]])
INTERCEPTS = np.array([-1.0, -0.6, -1.5, -0.5, -1.5])
TASK_INTERCEPT, TASK_SLOPES, TASK_SD = -2.0, np.array([1.5, 0.8]), 0.3


@dataclass(frozen=True)
class MadeUp:
    """A frame of models, the capabilities behind it and each family's compute line for the task."""

    frame: pd.DataFrame
    capabilities: np.ndarray
    task_logit: np.ndarray

    @property
    def table(self) -> ScoreTable:
        return ScoreTable.from_frame(self.frame, BENCHMARKS)

    @property
    def training_scores(self) -> np.ndarray:
        """Task scores of the models up to the cut-off, NaN beyond."""
        scores = self.frame["task"].to_numpy()
        return np.where(self.frame["flops"] <= TASK.cutoff_flops, scores, np.nan)


def make_models(seed: int = 0, n_families: int = 9, sizes: int = 5) -> MadeUp:
    """Families that differ in level and slope; benchmark and task scores with scatter; one score in twenty missing."""
    rng = np.random.default_rng(seed)
    family = np.repeat(np.arange(n_families), sizes)
    log_flops = (
        np.log(1e20)
        + np.tile(np.linspace(0, np.log(3e4), sizes), n_families)
        + rng.normal(0, 0.5, len(family))
    )
    x = (log_flops - np.log(1e22)) / 2.5
    level = np.column_stack([rng.normal(0.0, 0.5, n_families), rng.normal(0.0, 0.8, n_families)])
    slope = np.column_stack([rng.normal(0.9, 0.15, n_families), rng.normal(0.3, 0.15, n_families)])
    capabilities = level[family] + slope[family] * x[:, None] + rng.normal(0, 0.1, (len(family), 2))
    linked = INTERCEPTS + capabilities @ LOADINGS.T + rng.normal(0, 0.15, (len(family), 5))
    scores = np.clip(unlinked(linked, CHANCE), 0.0, 1.0)
    scores[rng.random(scores.shape) < 0.05] = np.nan
    logit = TASK_INTERCEPT + capabilities @ TASK_SLOPES
    share = TASK.chance + (1 - TASK.chance) / (1 + np.exp(-logit - rng.normal(0, TASK_SD, len(family))))
    frame = pd.DataFrame(scores, columns=[benchmark.column for benchmark in BENCHMARKS])
    frame["family"] = [f"family {index}" for index in family]
    frame["run"] = [f"model {index}" for index in range(len(family))]
    frame["flops"] = np.exp(log_flops)
    frame["task"] = rng.binomial(TASK.n_items, share) / TASK.n_items
    return MadeUp(frame, capabilities, logit)
