"""Runs as blocks of adjacent rows: per-run figures of a sorted table without grouping it again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.names import FAMILY, N_TOKENS, RUN


@dataclass(frozen=True)
class RunBlocks:
    """Where each run begins and ends in a frame sorted by family, run and tokens.

    Attributes
    ----------
    starts : ndarray of shape (n_runs,)
        Position of each run's first checkpoint.
    counts : ndarray of shape (n_runs,)
        Number of checkpoints of each run.
    """

    starts: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, sorted_frame: pd.DataFrame) -> RunBlocks:
        """Blocks of a frame that is already sorted by family and run."""
        starts = np.flatnonzero(~repeats_previous(sorted_frame, [FAMILY, RUN]))
        return cls(starts, np.diff(starts, append=len(sorted_frame)))

    @property
    def lasts(self) -> np.ndarray:
        """Position of each run's last checkpoint, shape (n_runs,)."""
        return self.starts + self.counts - 1

    def largest(self, values: np.ndarray) -> np.ndarray:
        """Largest value within each run, ignoring NaN, shape (n_runs,)."""
        return np.fmax.reduceat(values, self.starts) if len(self.starts) else np.empty(0)

    def smallest(self, values: np.ndarray) -> np.ndarray:
        """Smallest value within each run, ignoring NaN, shape (n_runs,)."""
        return np.fmin.reduceat(values, self.starts) if len(self.starts) else np.empty(0)

    def spread(self, per_run: np.ndarray) -> np.ndarray:
        """One value per run, repeated for each of its checkpoints, shape (n_rows,)."""
        return np.repeat(per_run, self.counts)


def row_order(frame: pd.DataFrame) -> np.ndarray:
    """Positions that sort a frame by family, run and tokens; equal rows keep their order."""
    family_codes, _ = pd.factorize(frame[FAMILY], sort=True)
    run_codes, _ = pd.factorize(frame[RUN], sort=True)
    return np.lexsort((frame[N_TOKENS].to_numpy(), run_codes, family_codes))


def repeats_previous(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """True for each row that agrees with the row before it in all these columns, shape (n_rows,)."""
    same = np.ones(len(frame), dtype=bool)
    for column in columns:
        same &= frame[column].eq(frame[column].shift()).to_numpy(dtype=bool)
    return same
