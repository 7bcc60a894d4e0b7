"""Tasks whose scores are forecast: their scale, and the cut-off that the paper's back-test draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bayes_scaling.errors import InputError
from bayes_scaling.observational.scores import BENCHMARKS, Benchmark

CUTOFF_FLOPS: Final = 8.4e22
"""Training compute of Llama-2-7B: models up to it are for fitting (arXiv:2405.10938, section 4.1)."""

ARITHMETIC_CUTOFF_FLOPS: Final = CUTOFF_FLOPS / 4
"""The cut-off for arithmetic, which emerges earlier (same source)."""

WITHOUT_GSM8K: Final = tuple(benchmark for benchmark in BENCHMARKS if benchmark.column != "gsm8k")
"""Benchmarks that forecast arithmetic: not the one that is arithmetic itself (same source)."""


@dataclass(frozen=True)
class Task:
    """One task with scores between chance and a ceiling.

    Attributes
    ----------
    column : str
        Column of its scores, shares of one.
    chance : float
        Score that guessing gets: the lower end of the link.
    n_items : int
        Questions behind a score: a score is a count out of so many.
    ceiling : float
        Best possible score: the upper end of the link.
    cutoff_flops : float
        Models with at most so much training compute are for fitting.
    benchmarks : tuple of Benchmark
        What the capabilities are read from.

    Raises
    ------
    InputError
        ``bad_argument``, unless 0 <= chance < ceiling <= 1, and items and cut-off are positive.
    """

    column: str
    chance: float
    n_items: int
    ceiling: float = 1.0
    cutoff_flops: float = CUTOFF_FLOPS
    benchmarks: tuple[Benchmark, ...] = BENCHMARKS

    def __post_init__(self) -> None:
        if not 0.0 <= self.chance < self.ceiling <= 1.0:
            raise InputError(
                f"chance {self.chance:g} and ceiling {self.ceiling:g}",
                "0 <= chance < ceiling <= 1",
                "Scores are shares of one.",
                code="bad_argument",
            )
        if self.n_items < 1 or not self.cutoff_flops > 0:
            raise InputError(
                f"{self.n_items} items and a cut-off of {self.cutoff_flops:g} FLOPs",
                "at least one item, and a positive cut-off",
                "Check the description of the task.",
                code="bad_argument",
            )

    def normalised(self, scores: np.ndarray) -> np.ndarray:
        """Scores on the scale on which the paper gives errors: 0 is chance and 1 the ceiling."""
        return (np.asarray(scores, dtype=float) - self.chance) / (self.ceiling - self.chance)


WORD_UNSCRAMBLE: Final = Task("word_unscramble", 0.0, 2000)
PERSIAN_QA: Final = Task("persian_qa", 0.25, 1050)
SUBTRACTION: Final = Task(
    "subtraction_3_digit", 0.0, 2000, cutoff_flops=ARITHMETIC_CUTOFF_FLOPS, benchmarks=WITHOUT_GSM8K
)
MULTIPLICATION: Final = Task(
    "multiplication_2_digit", 0.0, 2000, cutoff_flops=ARITHMETIC_CUTOFF_FLOPS, benchmarks=WITHOUT_GSM8K
)

TASKS: Final = (WORD_UNSCRAMBLE, PERSIAN_QA, SUBTRACTION, MULTIPLICATION)
"""The four emergent abilities for which the paper prints test errors.

Items are the smallest step between the scores in the data: every score is a whole number of them.
"""
