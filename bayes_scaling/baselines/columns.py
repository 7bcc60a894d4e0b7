"""Columns of a table as arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd


def float_columns(rows: pd.DataFrame, *names: str) -> tuple[np.ndarray, ...]:
    """The named columns, each an ndarray of floats of shape (n_rows,)."""
    return tuple(rows[name].to_numpy(dtype=float) for name in names)
