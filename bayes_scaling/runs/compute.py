"""Training compute of runs whose tables do not say."""

from __future__ import annotations

from typing import Any, Final

FLOPS_PER_PARAM_AND_TOKEN: Final = 6.0
"""Training operations of a dense transformer for each parameter and token (Kaplan et al. 2020, arXiv:2001.08361)."""


def training_flops(n_params: Any, n_tokens: Any) -> Any:
    """Training compute C = 6 N D in FLOPs, of numbers, arrays or columns."""
    return FLOPS_PER_PARAM_AND_TOKEN * n_params * n_tokens
