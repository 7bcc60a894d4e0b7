r"""Batch size, steps and compute in Kaplan's theory: what goes into his laws, and what comes out of them.

Kaplan et al. 2020, arXiv:2001.08361, sec. 5 and 6; the trade-off between steps and examples is that of
McCandlish et al. 2018, arXiv:1812.06162.
"""

from __future__ import annotations

from dataclasses import dataclass

from bayes_scaling.laws.base import Array

FLOPS_PER_PF_DAY = 8.64e19
"""Floating-point operations of a day at 1e15 a second."""

CRITICAL_BATCH_TOKENS = 2.1e8
"""B*: critical batch in tokens, extrapolated to a loss of one nat."""

CRITICAL_BATCH_EXPONENT = 0.21
"""alpha_B of the critical batch."""


def critical_batch_tokens(
    loss: Array, scale: float = CRITICAL_BATCH_TOKENS, exponent: float = CRITICAL_BATCH_EXPONENT
) -> Array:
    r"""Batch at which twice the fewest steps and twice the fewest tokens are needed, in tokens; eq. 1.4.

    .. math:: B_{crit}(L) = B_* / L^{1/\alpha_B}

    Parameters
    ----------
    loss : array
        Nats per token.
    scale, exponent : float
        B* in tokens and alpha_B; defaults are the published ones.
    """
    return scale * loss ** (-1.0 / exponent)


def minimal_steps(n_steps: Array, batch_tokens: Array, critical_tokens: Array) -> Array:
    """Steps that a batch far above the critical one would have needed, S / (1 + B_crit / B); eq. 5.4."""
    return n_steps / (1.0 + critical_tokens / batch_tokens)


def minimal_compute(compute: Array, batch_tokens: Array, critical_tokens: Array) -> Array:
    """Compute that a batch far below the critical one would have needed, C / (1 + B / B_crit); eq. 5.5."""
    return compute / (1.0 + batch_tokens / critical_tokens)


def examples_for_steps(n_steps: Array, least_steps: Array, least_examples: Array) -> Array:
    """Examples needed to reach a loss in a number of steps, from (S/S_min - 1)(E/E_min - 1) = 1; eq. 5.1.

    Parameters
    ----------
    n_steps : array
        Above `least_steps`.
    least_steps, least_examples : array
        S_min and E_min of that loss; their ratio E_min / S_min is the critical batch.
    """
    return least_examples * (1.0 + 1.0 / (n_steps / least_steps - 1.0))


def compute_exponent(alpha_s: float, alpha_b: float, alpha_n: float) -> float:
    """Exponent of the loss in minimal compute that the laws of size, steps and batch imply; eq. 6.4."""
    return 1.0 / (1.0 / alpha_s + 1.0 / alpha_b + 1.0 / alpha_n)


@dataclass(frozen=True)
class KaplanAllocation:
    """How a budget is spent best by the published power laws; sec. 6.

    Attributes
    ----------
    n_params : array
        Parameters without embeddings.
    batch_tokens : array
        Batch in tokens; the critical one.
    least_steps : array
        S_min, steps at a batch far above it.
    n_tokens : array
        Tokens seen; at the critical batch, twice ``batch_tokens * least_steps``.
    """

    n_params: Array
    batch_tokens: Array
    least_steps: Array
    n_tokens: Array


def kaplan_allocation(pf_days: Array) -> KaplanAllocation:
    """Size, batch, steps and tokens of the best use of minimal compute, in PF-days.

    The size grows far faster than the data, which later work traces to the schedules and the count of FLOPs (Porian et
    al. 2024, arXiv:2406.19146): a record of what was published, not advice.
    """
    return KaplanAllocation(
        n_params=1.3e9 * pf_days**0.73,
        batch_tokens=2.0e6 * pf_days**0.24,
        least_steps=5.4e3 * pf_days**0.03,
        n_tokens=2e10 * pf_days**0.27,
    )
