"""What a family's final losses say: runs far off its trend, and a scale that fits no loss in nats."""

from __future__ import annotations

from typing import Final

import numpy as np

from bayes_scaling.errors import Finding, Severity
from bayes_scaling.names import LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.runs.checks.family import FamilyCheck, FamilyRuns
from bayes_scaling.runs.checks.trend import fit_trend
from bayes_scaling.runs.rows import listed

OUTLIER_SCALES: Final = 6.0
OUTLIER_LOG: Final = 0.05
OUTLIER_SPARE: Final = 4
HIGH_LOSS_NATS: Final = 5.0


def outlier(family: FamilyRuns) -> Finding | None:
    """Runs whose final loss stands far off a smooth trend through the family."""
    loss = family.finals_of(LOSS)
    trend = fit_trend(family.finals_of(N_PARAMS), family.finals_of(N_TOKENS), loss)
    is_far = np.abs(trend.residuals) > max(OUTLIER_LOG, OUTLIER_SCALES * trend.scale)
    if trend.n_spare < OUTLIER_SPARE or not is_far.any():
        return None
    far = [
        f"{run!r} {np.expm1(off):+.0%}" for run, off in zip(family.finals[RUN], trend.residuals, strict=True)
    ]
    return Finding(
        "outlier",
        Severity.WARNING,
        f"final loss far off the family's smooth trend: run {listed(list(np.array(far)[is_far]))}"
        f" (typical distance {trend.scale:.1%})",
        "Check these runs for divergence, another recipe or a wrong label; drop them only for a reason.",
        family.name,
    )


def perplexity_suspected(family: FamilyRuns) -> Finding | None:
    """Losses said to be in nats of which even the best is high."""
    lowest = float(family.finals_of(LOSS).min())
    if not family.in_nats or lowest < HIGH_LOSS_NATS:
        return None
    return Finding(
        "perplexity_suspected",
        Severity.WARNING,
        f"the best run ends at {lowest:.3g} nats per token, a perplexity of {np.exp(lowest):.3g}",
        'If these are perplexities, read them with units={"loss": "perplexity"} (--units loss=perplexity).',
        family.name,
    )


LOSS_CHECKS: Final[tuple[FamilyCheck, ...]] = (outlier, perplexity_suspected)
