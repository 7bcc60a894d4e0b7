"""What the choice of a family's runs leaves open: few sizes, one length, sizes and tokens in step."""

from __future__ import annotations

from typing import Final

import numpy as np

from bayes_scaling.errors import Finding, Severity
from bayes_scaling.names import N_PARAMS, N_TOKENS, N_UNIQUE_TOKENS
from bayes_scaling.runs.checks.family import FamilyCheck, FamilyRuns, factor

FEW_SIZES: Final = 3
NARROW_FACTOR: Final = 4.0
SAME_TOKENS_FACTOR: Final = 1.01
COLLINEAR_CORRELATION: Final = 0.98
MANY_EPOCHS: Final = 4.0


def too_few_sizes(family: FamilyRuns) -> Finding | None:
    """Fewer than three model sizes: a trend with size, but no curvature."""
    sizes = np.unique(family.finals_of(N_PARAMS))
    if len(sizes) >= FEW_SIZES:
        return None
    return Finding(
        "too_few_sizes",
        Severity.WARNING,
        f"{len(sizes)} model size{'s' if len(sizes) > 1 else ''} ({', '.join(f'{n:.3g}' for n in sizes)})",
        f"Below {FEW_SIZES} the size exponent rests on other families and the prior; five are a good start.",
        family.name,
    )


def narrow_range(family: FamilyRuns) -> Finding | None:
    """Sizes within a small factor: the exponent is barely seen."""
    sizes = np.unique(family.finals_of(N_PARAMS))
    if len(sizes) < 2 or factor(sizes) >= NARROW_FACTOR:
        return None
    return Finding(
        "narrow_range",
        Severity.WARNING,
        f"the largest model is {factor(sizes):.2g} times the smallest",
        "Runs at an eighth of the size or less cost little and pin the size exponent down.",
        family.name,
    )


def fixed_tokens(family: FamilyRuns) -> Finding | None:
    """Every run is one point at the same number of tokens: the data term cannot be seen."""
    tokens = family.finals_of(N_TOKENS)
    if family.has_curves or len(tokens) < 2 or factor(tokens) > SAME_TOKENS_FACTOR:
        return None
    return Finding(
        "fixed_tokens",
        Severity.WARNING,
        f"all {len(tokens)} runs are given at {tokens[0]:.3g} tokens only",
        "The data term rests on other families and the prior; add runs of another length, or checkpoints.",
        family.name,
    )


def collinear_n_d(family: FamilyRuns) -> Finding | None:
    """Final tokens follow size closely, as in compute-optimal suites: the two terms share their evidence."""
    sizes, tokens = np.log(family.finals_of(N_PARAMS)), np.log(family.finals_of(N_TOKENS))
    if len(np.unique(sizes)) < 3 or np.ptp(tokens) <= np.log(SAME_TOKENS_FACTOR):
        return None
    correlation = float(np.corrcoef(sizes, tokens)[0, 1])
    if abs(correlation) < COLLINEAR_CORRELATION:
        return None
    tail = "; only checkpoints within runs tell them apart" if family.has_curves else ""
    return Finding(
        "collinear_n_d",
        Severity.INFO if family.has_curves else Severity.WARNING,
        f"log n_params and final log n_tokens have correlation {correlation:.3f} in {len(sizes)} runs{tail}",
        "Add runs of one size at several lengths, to separate the size term from the data term.",
        family.name,
    )


def repeated_data(family: FamilyRuns) -> Finding | None:
    """Runs pass over their data more often than is harmless."""
    if N_UNIQUE_TOKENS not in family.frame:
        return None
    epochs = family.finals_of(N_TOKENS) / family.finals_of(N_UNIQUE_TOKENS)
    n_repeating = int((epochs > MANY_EPOCHS).sum())  # NaN, where unknown, counts as not repeating
    if not n_repeating:
        return None
    return Finding(
        "repeated_data",
        Severity.WARNING,
        f"{n_repeating} of {len(epochs)} runs see their data more than {MANY_EPOCHS:g} times"
        f" (up to {np.nanmax(epochs):.3g} times)",
        "A law without a term for repeated data expects too low a loss for them: use one that has it.",
        family.name,
    )


DESIGN_CHECKS: Final[tuple[FamilyCheck, ...]] = (
    too_few_sizes,
    narrow_range,
    fixed_tokens,
    collinear_n_d,
    repeated_data,
)
