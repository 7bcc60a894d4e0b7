"""What the checkpoints within a family's runs say: warm-up points, rising tails, runs that stopped early."""

from __future__ import annotations

from typing import Final

import numpy as np

from bayes_scaling.errors import Finding, Severity
from bayes_scaling.names import LOSS, N_TOKENS, N_TOKENS_TOTAL, RUN
from bayes_scaling.runs.checks.family import FamilyCheck, FamilyRuns

EARLY_SHARE: Final = 0.01
UNFINISHED_SHARE: Final = 0.9
RISE: Final = 0.01
RISE_IN_STANDARD_ERRORS: Final = 4.0

_TAIL_PARTS = 4
_FEWEST_CHECKPOINTS = 8


def early_checkpoints(family: FamilyRuns) -> Finding | None:
    """Checkpoints from the warm-up, where the loss has not settled on the law."""
    is_early = (family.frame[N_TOKENS] < EARLY_SHARE * family.frame[N_TOKENS_TOTAL]).to_numpy()
    if not is_early.any():
        return None
    return Finding(
        "early_checkpoints",
        Severity.WARNING,
        f"{is_early.sum()} of {len(is_early)} checkpoints lie in the first {EARLY_SHARE:.0%} of their run",
        "Scaling laws do not describe the warm-up: drop these rows"
        f" (runs.subset(runs.frame.{N_TOKENS} >= {EARLY_SHARE:g} * runs.frame.{N_TOKENS_TOTAL})).",
        family.name,
    )


def non_monotone(family: FamilyRuns) -> Finding | None:
    """Runs whose loss rises at the end by more than their noise."""
    log_loss = np.log(family.frame[LOSS].to_numpy())
    pieces = np.split(log_loss, family.blocks.starts[1:])
    rises = np.array([_rise_at_end(piece) for piece in pieces])
    n_rising = int((rises > 0.0).sum())
    if not n_rising:
        return None
    worst = family.finals[RUN].iloc[int(np.argmax(rises))]
    return Finding(
        "non_monotone",
        Severity.WARNING,
        f"{n_rising} of {len(rises)} runs end above their lowest stretch, run {worst!r} by {rises.max():.1%}",
        "Look for divergence, repeated data or a change of evaluation; drop the rise if it is a fault.",
        family.name,
    )


def _rise_at_end(log_loss: np.ndarray) -> float:
    """Rise of log loss from the lowest to the last quarter of a run's second half; 0 when within noise."""
    if len(log_loss) < _FEWEST_CHECKPOINTS:
        return 0.0
    parts = np.array_split(log_loss[len(log_loss) // 2 :], _TAIL_PARTS)
    means = np.array([part.mean() for part in parts])
    rise = float(means[-1] - means[:-1].min())
    # differences of neighbours keep the trend out of the noise
    noise = float(np.median(np.abs(np.diff(log_loss[len(log_loss) // 2 :])))) / 0.954
    standard_error = noise * np.sqrt(2.0 / len(parts[-1]))
    return rise if rise > RISE + RISE_IN_STANDARD_ERRORS * standard_error else 0.0


def unfinished_runs(family: FamilyRuns) -> Finding | None:
    """Runs whose last checkpoint is well before their planned end."""
    share = family.finals_of(N_TOKENS) / family.finals_of(N_TOKENS_TOTAL)
    n_unfinished = int((share < UNFINISHED_SHARE).sum())
    if not n_unfinished:
        return None
    return Finding(
        "unfinished_runs",
        Severity.INFO,
        f"{n_unfinished} of {len(share)} runs end before {UNFINISHED_SHARE:.0%} of their planned tokens"
        f" (the earliest at {share.min():.0%})",
        "Their last loss is above what the finished run will reach when the learning rate decays.",
        family.name,
    )


CURVE_CHECKS: Final[tuple[FamilyCheck, ...]] = (
    early_checkpoints,
    non_monotone,
    unfinished_runs,
)
