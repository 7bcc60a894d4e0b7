"""What every check looks at: the rows of one family, its runs and their last checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from bayes_scaling.errors import Finding
from bayes_scaling.names import METRIC, METRIC_NATS
from bayes_scaling.runs.blocks import RunBlocks


@dataclass(frozen=True)
class FamilyRuns:
    """The runs of one family.

    Attributes
    ----------
    name : str
        The family's label.
    frame : DataFrame
        Its rows, sorted by run and tokens, with index 0, 1, ...
    """

    name: str
    frame: pd.DataFrame

    @cached_property
    def blocks(self) -> RunBlocks:
        """Where each run begins and ends."""
        return RunBlocks.of(self.frame)

    @cached_property
    def finals(self) -> pd.DataFrame:
        """Last checkpoint of each run."""
        return self.frame.take(self.blocks.lasts)

    @property
    def has_curves(self) -> bool:
        """True when some run has more than one checkpoint."""
        return bool((self.blocks.counts > 1).any())

    @property
    def in_nats(self) -> bool:
        """True when the loss is in nats per token."""
        return self.frame[METRIC].iloc[0] == METRIC_NATS

    def finals_of(self, column: str) -> np.ndarray:
        """Values of a column at each run's last checkpoint, shape (n_runs,)."""
        return self.finals[column].to_numpy()


FamilyCheck = Callable[[FamilyRuns], Finding | None]
"""One question about one family; None when there is nothing to say."""

TableCheck = Callable[[Sequence[FamilyRuns]], Finding | None]
"""One question about all families together; None when there is nothing to say."""


def factor(values: np.ndarray) -> float:
    """Largest value over the smallest."""
    return float(np.max(values) / np.min(values))
