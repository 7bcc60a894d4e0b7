"""Labels and intervals of the over-train models, which three repositories publish in different forms."""

from __future__ import annotations

from typing import Final

import pandas as pd

TRAINING_SETS: Final = {"c4_original": "c4", "rpj": "redpajama", "rw_original": "refinedweb"}
"""Training sets by their label in the files."""

SIZES: Final = {
    "d=96_l=8_h=4": 10_569_312,
    "d=512_l=8_h=4": 78_914_048,
    "d=576_l=24_h=8": 153_677_376,
    "d=1024_l=24_h=8": 411_616_256,
}
"""All parameters, embeddings included, of the architectures whose trajectories are published."""

TOKENS_PER_PARAM: Final = 20
"""Tokens a parameter at multiplier 1, the last part of a model's name."""

_NORMAL_95 = 1.959964


def standard_error(interval_width: pd.Series) -> pd.Series:
    """Standard errors behind 95 % intervals of these widths, taken to be normal."""
    return interval_width / (2.0 * _NORMAL_95)
