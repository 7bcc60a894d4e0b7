"""The column ``suspect``: rows given as the source has them that should not be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from bayes_scaling.datasets.info import ALL_RUNS, Suspect
from bayes_scaling.names import FAMILY, LOSS, N_TOKENS, RUN

SUSPECT: Final = "suspect"
"""Column that is True for such rows."""

SPIKE_SHARE: Final = 0.04
"""How far above the lowest loss before it a checkpoint of a smooth curve must be to count as a spike."""


def stands_above_earlier(rows: pd.DataFrame, share: float = SPIKE_SHARE) -> pd.Series:
    """True for each row whose loss is more than this share above the lowest one before it in its run."""
    in_order = rows.sort_values(N_TOKENS, kind="stable")
    lowest_so_far = in_order.groupby([FAMILY, RUN], sort=False)[LOSS].cummin()
    return (in_order[LOSS] > (1.0 + share) * lowest_so_far).reindex(rows.index)


def mark_suspects(rows: pd.DataFrame, suspects: Sequence[Suspect]) -> pd.DataFrame:
    """Rows with the column ``suspect``: True where a reader's rule or the data set's list says so."""
    by_rule = rows[SUSPECT].eq(True) if SUSPECT in rows else pd.Series(False, index=rows.index)
    marked = by_rule.to_numpy(dtype=bool, copy=True)
    for suspect in suspects:
        if suspect.run is not None:
            marked |= _is_meant(rows, suspect).to_numpy(dtype=bool)
    return rows.assign(**{SUSPECT: marked})


def _is_meant(rows: pd.DataFrame, suspect: Suspect) -> pd.Series:
    meant = rows[FAMILY] == suspect.family
    if suspect.run != ALL_RUNS:
        meant &= rows[RUN] == suspect.run
    return meant if suspect.n_tokens is None else meant & (rows[N_TOKENS] == suspect.n_tokens)
