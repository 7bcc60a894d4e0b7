"""The unit in which a family's loss meets the population: nats per token, or a rough size where it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.names import FAMILY, LOSS, METRIC, METRIC_NATS, N_PARAMS
from bayes_scaling.runs import RunTable


@dataclass(frozen=True, eq=False)
class FamilyUnits:
    """Units of loss of F families.

    Attributes
    ----------
    log_unit : ndarray of shape (F,)
        In nats.
    is_rough : ndarray of shape (F,)
        Whether it is a guess from the family's own rows.
    is_foreign : ndarray of shape (F,)
        Whether, besides, no other family has the metric: the population has never met it.
    """

    log_unit: NDArray[np.float64]
    is_rough: NDArray[np.bool_]
    is_foreign: NDArray[np.bool_]


def family_units(runs: RunTable, known: Mapping[str, float] | None = None) -> FamilyUnits:
    """Unit of loss of each family, in the sorted order of families.

    One for nats per token. A family of another metric that has several sizes is measured by half of its own lowest
    loss. The lowest loss of a single size says little: of a small model, it may lie at a multiple of what larger ones
    reach. Such a family takes the metric's unit, the middle one of the families that have several sizes, if there is
    any, for what it is: of its own it can say nothing better. A unit of a family's own is rough:
    the lowest loss at hand may be what larger models reach, or a multiple of it.

    Parameters
    ----------
    runs : RunTable
    known : mapping of str to float, optional
        Log units of metrics known from elsewhere; see :func:`metric_log_units`.
    """
    families = _families(runs.frame)
    own = np.log(families["lowest"] / 2.0)
    shared = families[METRIC].map({**(known or {}), **metric_log_units(runs.frame)})
    units = own.where(families["n_sizes"] > 1, shared.fillna(own))
    is_own = (families["n_sizes"] > 1) | shared.isna()
    is_nats = families[METRIC] == METRIC_NATS
    is_rough = is_own & ~is_nats
    is_alone = ~families[METRIC].duplicated(keep=False) & ~families[METRIC].isin(list(known or {}))
    log_unit = units.mask(is_nats, 0.0).to_numpy(dtype=float)
    return FamilyUnits(log_unit, is_rough.to_numpy(), (is_rough & is_alone).to_numpy())


def metric_log_units(rows: pd.DataFrame) -> dict[str, float]:
    """Log unit of each metric in which the loss of a family of several sizes is known."""
    families = _families(rows)
    telling = families[(families["n_sizes"] > 1) & (families[METRIC] != METRIC_NATS)]
    middle = telling.groupby(METRIC)["lowest"].quantile(0.5, interpolation="lower")
    return {str(metric): float(np.log(lowest / 2.0)) for metric, lowest in middle.items()}


def _families(rows: pd.DataFrame) -> pd.DataFrame:
    families = rows.groupby(FAMILY)
    columns = {
        METRIC: families[METRIC].first(),
        "lowest": families[LOSS].min(),
        "n_sizes": families[N_PARAMS].nunique(),
    }
    return pd.DataFrame(columns).sort_index()
