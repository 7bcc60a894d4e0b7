"""What repeated tokens are worth, in fresh ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.names import N_TOKENS, N_UNIQUE_TOKENS

HALF_LIFE_EPOCHS = 15.387756
"""R*_D of Muennighoff et al. 2023, arXiv:2305.16264, eq. 6: repeats after which a token has taught most it can."""


def effective_tokens(frame: pd.DataFrame) -> NDArray[np.float64]:
    r"""Fresh tokens that teach as much as those seen, shape (n_rows,).

    Muennighoff et al. 2023, arXiv:2305.16264, eq. 5: with U unique tokens seen R = D / U - 1 times more,

    .. math:: D' = U + U R^* (1 - e^{-R / R^*}).

    Rows without ``n_unique_tokens``, or with more of them than tokens, saw every token once.
    """
    tokens = frame[N_TOKENS].to_numpy(dtype=float)
    if N_UNIQUE_TOKENS not in frame:
        return tokens
    unique = np.fmin(frame[N_UNIQUE_TOKENS].to_numpy(dtype=float), tokens)
    repeats = tokens / unique - 1.0
    return unique * (1.0 - HALF_LIFE_EPOCHS * np.expm1(-repeats / HALF_LIFE_EPOCHS))
