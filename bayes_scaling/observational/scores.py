"""Benchmark scores of models as one validated table, and how a score is linked to an unbounded capability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from bayes_scaling.errors import InputError
from bayes_scaling.names import FAMILY, FLOPS, RUN

LINK_MARGIN: Final = 0.05
"""How far the link's ends lie beyond chance and beyond 1.

Models without the ability score within about 0.05 of chance, on either side. With ends at exactly 0.25 and 1 those
differences would be infinite on the logit scale and would swamp what separates able models.
"""

_LINK_EPSILON: Final = 1e-3
"""A score beyond the link's ends counts as this share within them."""


@dataclass(frozen=True)
class Benchmark:
    """One standard benchmark: the column of its scores, and the score that guessing gets."""

    column: str
    chance: float


BENCHMARKS: Final = (
    Benchmark("mmlu", 0.25),
    Benchmark("arc_c", 0.25),
    Benchmark("hellaswag", 0.25),
    Benchmark("winogrande", 0.5),
    Benchmark(
        "truthfulqa", 0.0
    ),  # a share of probability mass: small models score 0.4, larger ones at first less
    Benchmark("gsm8k", 0.0),
    Benchmark("xwinograd", 0.5),
    Benchmark("humaneval", 0.0),
)
"""The eight benchmarks of arXiv:2405.10938, section 3.2."""


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Benchmark scores of models, one row a model.

    Attributes
    ----------
    frame : DataFrame
        Columns ``family``, ``run``, ``flops`` (NaN where unknown) and one for each benchmark (share of one, NaN where
        the model has no score); a fresh index.
    benchmarks : tuple of Benchmark
    """

    frame: pd.DataFrame
    benchmarks: tuple[Benchmark, ...]

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, benchmarks: Sequence[Benchmark] = BENCHMARKS) -> ScoreTable:
        """The table after checks; other columns are left out.

        Raises
        ------
        InputError
            ``missing_column``; ``duplicate_model``; ``bad_score`` for a score outside 0 to 1; ``no_score`` for a model
            without any; ``bad_compute`` for compute that is not positive; ``too_few_models`` for fewer than three.
        """
        columns = [FAMILY, RUN, FLOPS, *(benchmark.column for benchmark in benchmarks)]
        missing = [column for column in columns if column not in frame]
        if missing:
            raise InputError(
                f"no column {', '.join(missing)}",
                f"columns {', '.join(columns)}",
                "Rename the columns, or name the benchmarks that there are.",
                code="missing_column",
            )
        table = cls(frame[columns].reset_index(drop=True), tuple(benchmarks))
        _require_models(table)
        _require_scores(table)
        return table

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(self.frame[RUN])

    @property
    def families(self) -> np.ndarray:
        """Family of each model, shape (n_models,)."""
        return self.frame[FAMILY].to_numpy(dtype=object)

    @property
    def log_flops(self) -> np.ndarray:
        """Natural log of the training compute, shape (n_models,); NaN where unknown."""
        return np.log(self.frame[FLOPS].to_numpy(dtype=float))

    @property
    def values(self) -> np.ndarray:
        """Scores, shape (n_models, n_benchmarks); NaN where missing."""
        return self.frame[[benchmark.column for benchmark in self.benchmarks]].to_numpy(dtype=float)

    @property
    def chance(self) -> np.ndarray:
        """Score that guessing gets on each benchmark, shape (n_benchmarks,)."""
        return np.array([benchmark.chance for benchmark in self.benchmarks])

    def subset(self, mask: np.ndarray) -> ScoreTable:
        """The models for which a boolean mask of shape (n_models,) is true."""
        return ScoreTable(self.frame[np.asarray(mask, dtype=bool)].reset_index(drop=True), self.benchmarks)

    def __len__(self) -> int:
        return len(self.frame)


def linked(scores: np.ndarray, chance: np.ndarray) -> np.ndarray:
    r"""Scores on the unbounded scale of capability, same shape; NaN stays NaN.

    .. math:: \operatorname{logit} \frac{B - (c - \delta)}{1 - c + 2 \delta}

    with chance c and the margin :data:`LINK_MARGIN`; :func:`unlinked` is the inverse.
    """
    share = (scores - chance + LINK_MARGIN) / (1.0 - chance + 2.0 * LINK_MARGIN)
    return logit(np.clip(share, _LINK_EPSILON, 1.0 - _LINK_EPSILON))


def unlinked(capability: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Scores that belong to values of :func:`linked`; between chance less the margin and 1 plus the margin."""
    return chance - LINK_MARGIN + (1.0 - chance + 2.0 * LINK_MARGIN) * expit(capability)


def _require_models(table: ScoreTable) -> None:
    if len(table) < 3:
        raise InputError(
            f"{len(table)} models",
            "at least three",
            "Principal components and trends need more models.",
            code="too_few_models",
        )
    repeated = table.frame[RUN][table.frame[RUN].duplicated()]
    if len(repeated):
        raise InputError(
            f"model {repeated.iloc[0]!r} in more than one row",
            "one row a model",
            "Keep one row, or name versions apart.",
            code="duplicate_model",
        )
    flops = table.frame[FLOPS].to_numpy(dtype=float)
    bad = ~(np.isnan(flops) | (np.isfinite(flops) & (flops > 0)))
    if bad.any():
        raise InputError(
            f"compute {flops[bad][0]:g} of {table.models[int(bad.argmax())]}",
            "positive FLOPs, or NaN where unknown",
            "Check the unit of the column flops.",
            code="bad_compute",
        )


def _require_scores(table: ScoreTable) -> None:
    values = table.values
    row, column = np.nonzero(~(np.isnan(values) | ((values >= 0.0) & (values <= 1.0))))
    if len(row):
        raise InputError(
            f"score {values[row[0], column[0]]:g} of {table.models[row[0]]} on {table.benchmarks[column[0]].column}",
            "a share between 0 and 1, or NaN where missing",
            "Divide percentages by 100.",
            code="bad_score",
        )
    empty = np.isnan(values).all(axis=1)
    if empty.any():
        raise InputError(
            f"{table.models[int(empty.argmax())]} has no score",
            "at least one benchmark score a model",
            "Leave the model out.",
            code="no_score",
        )
