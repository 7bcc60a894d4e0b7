"""Effects put together: by event time, cohort or checkpoint, and the three kinds of memorisation of the paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError, require_one_of
from bayes_scaling.memorisation.bootstrap import DEFAULT_DRAWS, band_reach, largest_deviations
from bayes_scaling.memorisation.columns import (
    BAND_LOWER,
    BAND_UPPER,
    CHECKPOINT,
    COHORT,
    ESTIMATE,
    EVENT_TIME,
    LOWER,
    MODEL,
    N_INSTANCES,
    SE,
    UPPER,
)
from bayes_scaling.memorisation.effects import DEFAULT_LEVEL, Effects


@dataclass(frozen=True)
class Summary:
    """One way to put effects together.

    Attributes
    ----------
    label : str
        The column that tells the averages apart; empty for one average.
    includes : callable
        Keys of the cells to a mask of those that are averaged.
    """

    label: str
    includes: Callable[[pd.DataFrame], pd.Series]


SUMMARIES: Final[Mapping[str, Summary]] = {
    "event": Summary(EVENT_TIME, lambda keys: keys[EVENT_TIME].notna()),
    "cohort": Summary(COHORT, lambda keys: keys["is_post"]),
    "time": Summary(CHECKPOINT, lambda keys: keys["is_post"]),
    "overall": Summary("", lambda keys: keys["is_post"]),
    "instantaneous": Summary(COHORT, lambda keys: keys[EVENT_TIME] == 0),
    "persistent": Summary(COHORT, lambda keys: keys[EVENT_TIME] > 0),
    "residual": Summary(COHORT, lambda keys: keys["is_post"] & (keys[CHECKPOINT] == keys[CHECKPOINT].max())),
}
"""By name: averages over cohorts at each event time (placebos included), over checkpoints for each cohort, over cohorts
at each checkpoint, over all; at the cohort's own checkpoint (instantaneous memorisation), after it (persistent), at the
last checkpoint (residual)."""


def summary_weights(keys: pd.DataFrame, by: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Labels of the averages, one row each, and the weight of every cell in each.

    Cells weigh as their cohorts have instances.

    Parameters
    ----------
    keys : DataFrame
        ``model``, ``cohort``, ``checkpoint``, ``event_time``, ``is_post`` and ``n_instances`` of each cell.
    by : str
        A key of :data:`SUMMARIES`.

    Returns
    -------
    labels : DataFrame
        ``model``, the summary's label if it has one, and ``n_cells``.
    weights : ndarray of shape (n_labels, n_cells)
        Each row sums to one.

    Raises
    ------
    InputError
        With code ``"unknown_summary"``, or ``"no_cells"`` when there is nothing to average.
    """
    require_one_of(by, SUMMARIES, f"summary {by!r}", "unknown_summary")
    summary, keys = SUMMARIES[by], keys.reset_index(drop=True)
    names = [MODEL, summary.label] if summary.label else [MODEL]
    chosen = keys[summary.includes(keys)]
    if chosen.empty:
        raise InputError(
            f"no cell for the summary {by!r}",
            "cohorts with checkpoints of that kind",
            "Evaluate more checkpoints.",
            code="no_cells",
        )
    # models stay in the order given, which is that of their sizes
    models = pd.Categorical(chosen[MODEL], pd.unique(chosen[MODEL]))
    groups = chosen.assign(**{MODEL: models}).groupby(names, sort=True, observed=True)
    weights = np.zeros((groups.ngroups, len(keys)))
    weights[groups.ngroup().to_numpy(), chosen.index] = chosen[N_INSTANCES]
    labels = groups.size().rename("n_cells").reset_index().astype({MODEL: object})
    return labels, weights / weights.sum(axis=1, keepdims=True)


def aggregate_effects(
    effects: Effects,
    by: str,
    level: float = DEFAULT_LEVEL,
    *,
    n_draws: int = DEFAULT_DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Weighted averages of effects with intervals and simultaneous bands.

    Parameters
    ----------
    effects : Effects
    by : {"event", "cohort", "time", "overall", "instantaneous", "persistent", "residual"}
        See :data:`SUMMARIES`.
    level : float, default 0.9
        Of intervals and bands.
    n_draws, seed : int
        Of the multiplier bootstrap that the bands come from.

    Returns
    -------
    DataFrame
        ``model``, the label, ``n_cells``, ``estimate``, ``se``, ``lower``, ``upper`` (pointwise), ``band_lower``,
        ``band_upper`` (all rows at once). Cohort sizes are taken as given, not as random.
    """
    labels, weights = summary_weights(effects.keys, by)
    errors = effects.estimator.errors_of_sums(weights, effects.means)
    deviations = largest_deviations(
        lambda multipliers: effects.estimator.perturbed(effects.means, multipliers) @ weights.T,
        errors.se,
        len(effects.means.group),
        n_draws=n_draws,
        seed=seed,
    )
    estimate = weights @ effects.estimate
    reach, band = errors.reach(level), band_reach(deviations, errors, level)
    return labels.assign(
        **{
            ESTIMATE: estimate,
            SE: errors.se,
            LOWER: estimate - reach,
            UPPER: estimate + reach,
            BAND_LOWER: estimate - band,
            BAND_UPPER: estimate + band,
        }
    )
