"""A cell of a study: one law to be fitted, named by everything that decides what comes out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

ALL = "all"
"""Every checkpoint, or every seed."""

FINAL = "final"
"""The last checkpoint of each run alone."""

EVERY_ROW = float("inf")
"""The share of training that keeps every row, which a share of 1 does not: it loses the last of the longest run."""

SMALLEST = "smallest"
NEAREST = "nearest"
"""Windows of sizes: from the smallest up, or the ones just below the target."""

POOLING_NONE = "none"
POOLING_POPULATION = "population"
POOLING_JOINT = "joint"
POOLINGS = (POOLING_NONE, POOLING_POPULATION, POOLING_JOINT)
"""What a fit knows of other families: nothing; a prior that they taught; their rows."""


@dataclass(frozen=True)
class Cell:
    """One point of the grid. The target is always the largest size of the family.

    Attributes
    ----------
    family : str
    n_sizes : int
        Sizes to learn from; 0 for the target's own first part alone, which `target_share` gives.
    train_share : float
        Share of the longest run among these sizes, strictly below which rows are kept; infinity keeps all.
    drop_tokens : float
        Tokens strictly above which rows are kept.
    checkpoints : {"all", "final"}
        Every row that is left, or the last of each run.
    window : str or int
        Which sizes: ``"smallest"``, ``"nearest"``, or k for consecutive ones whose largest is k places below the
        target.
    n_seeds : str or int
        ``"all"``, or how many runs of each configuration are kept, drawn by `seed`.
    target_share : float
        Share of the target's own training that is given as well, strictly below which its rows are kept.
    test_from : float
        Share of the target's tokens from which its checkpoints are scored; 1 for the last one alone.
    law, pooling, method : str
        How it is fitted.
    seed : int
        Of the draws, and of the choice among runs.
    """

    family: str
    n_sizes: int
    train_share: float
    drop_tokens: float
    checkpoints: str
    window: str | int
    n_seeds: str | int
    target_share: float
    test_from: float
    law: str
    pooling: str
    method: str
    seed: int

    def record(self) -> dict[str, Any]:
        """The keys as a row of the result table has them; columns that mix words and numbers as text."""
        return {**asdict(self), "window": str(self.window), "n_seeds": str(self.n_seeds)}

    def key(self, learned_from: str, settings: Mapping[str, Any], version: str) -> str:
        """A short text that changes whenever the result might.

        Parameters
        ----------
        learned_from : str
            Digest of all rows that the cell is fitted to, scored on, or takes its prior from.
        settings : mapping
            Settings of the method that differ from its defaults.
        version : str
            Of this package.
        """
        content = [self.record(), learned_from, dict(settings), version]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]
