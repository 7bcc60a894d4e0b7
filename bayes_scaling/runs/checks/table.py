"""What the families together leave open: repeated seeds, curves within runs, learning-rate schedules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bayes_scaling.errors import Finding, Severity
from bayes_scaling.names import LEARNING_RATE, N_PARAMS, N_TOKENS_TOTAL
from bayes_scaling.runs.checks.family import FamilyRuns, TableCheck
from bayes_scaling.runs.rows import listed


def no_seed_replicates(families: Sequence[FamilyRuns]) -> Finding | None:
    """No configuration in any family was trained twice: the spread between seeds is not seen."""
    if any(family.finals.duplicated([N_PARAMS, N_TOKENS_TOTAL]).any() for family in families):
        return None
    return Finding(
        "no_seed_replicates",
        Severity.INFO,
        f"none of the {_n_runs(families)} runs repeats another's size and length",
        "The spread between seeds rests on the prior; two seeds of one small run would show it.",
    )


def single_checkpoint_runs(families: Sequence[FamilyRuns]) -> Finding | None:
    """Every run in every family is one point: nothing is known about the way there."""
    if any(family.has_curves for family in families):
        return None
    return Finding(
        "single_checkpoint_runs",
        Severity.INFO,
        f"each of the {_n_runs(families)} runs has one checkpoint",
        "Intermediate checkpoints, where they were logged, cost nothing and tell about the data term.",
    )


def schedule_unknown(families: Sequence[FamilyRuns]) -> Finding | None:
    """Intermediate checkpoints without the learning rate at which they were taken."""
    unknown = [family.name for family in families if family.has_curves and not _has_schedule(family)]
    if not unknown:
        return None
    return Finding(
        "schedule_unknown",
        Severity.INFO,
        f"intermediate checkpoints lack a learning_rate in {len(unknown)} of {len(families)} families"
        f" ({listed(unknown)})",
        "On a decaying schedule they lie above a run that ends there; a column learning_rate tells how far.",
    )


def _n_runs(families: Sequence[FamilyRuns]) -> int:
    return sum(len(family.finals) for family in families)


def _has_schedule(family: FamilyRuns) -> bool:
    return LEARNING_RATE in family.frame and bool(family.frame[LEARNING_RATE].notna().all())


TABLE_CHECKS: Final[tuple[TableCheck, ...]] = (no_seed_replicates, single_checkpoint_runs, schedule_unknown)
