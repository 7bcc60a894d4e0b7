"""Which rows a back-test learns from and which it is scored on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from bayes_scaling.errors import BayesScalingError, InputError, require_one_of
from bayes_scaling.names import (
    FAMILY,
    HOLDOUT_FAMILY,
    HOLDOUT_LARGEST_MODEL,
    HOLDOUT_TOP_COMPUTE,
    HOLDOUTS,
    LOSS_SE,
    N_PARAMS,
    N_TOKENS,
    N_TOKENS_TOTAL,
    OPTIONAL_COLUMNS,
    RUN,
)
from bayes_scaling.runs import RunTable
from bayes_scaling.runs.compute import training_flops

SCORED_FROM = 0.7
"""A held-out run is scored at its checkpoints from this share of its tokens on."""

TOP_COMPUTE_SHARE = 0.25
"""A run belongs to the top in compute when its 6 N D is at least this share of the family's largest."""

_POINT_COLUMNS = (FAMILY, RUN, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL)
_FURTHER_INPUTS = tuple(name for name in OPTIONAL_COLUMNS if name not in (*_POINT_COLUMNS, LOSS_SE))


class LeakError(BayesScalingError):
    """A run that is scored is also among the runs that are learned from."""


@dataclass(frozen=True, eq=False)
class Split:
    """Rows to learn from and rows to be scored on; no run is in both.

    Attributes
    ----------
    holdout : str
        The rule that made the split, one of :data:`bayes_scaling.names.HOLDOUTS`.
    train : RunTable
        Everything that a method may see.
    test : RunTable
        The scored checkpoints of held-out runs. Their other checkpoints are in neither table.
    skipped : mapping of str to str
        Families that are too small to hold anything out, with the reason. All their rows are in `train`.

    Raises
    ------
    LeakError
        When a run is in both tables.
    """

    holdout: str
    train: RunTable
    test: RunTable
    skipped: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert_no_leak(self)

    @property
    def points(self) -> pd.DataFrame:
        """The scored checkpoints without what was measured; see :func:`points_of`."""
        return points_of(self.test)


def points_of(runs: RunTable) -> pd.DataFrame:
    """Checkpoints without what was measured: labels, sizes, tokens, other inputs of laws.

    Only columns whose meaning is fixed are handed on, since an unknown one may hold the loss under another name.
    """
    frame = runs.frame
    return frame[[*_POINT_COLUMNS, *(name for name in _FURTHER_INPUTS if name in frame)]].copy()


def assert_no_leak(split: Split) -> None:
    """Raise :class:`LeakError` when a run is both learned from and scored; hand back nothing otherwise."""
    both = sorted(_runs_of(split.train) & _runs_of(split.test))
    if both:
        names = ", ".join(f"{family}/{run}" for family, run in both[:5])
        raise LeakError(f"{len(both)} held-out runs are among the training rows: {names}")


def split_runs(runs: RunTable, holdout: str, n_given: int = 1) -> list[Split]:
    """The splits of a hold-out rule: one for all families together, or one for each family held out as new.

    Parameters
    ----------
    runs : RunTable
        All runs.
    holdout : {"largest-model", "top-compute", "family"}
        ``largest-model``: in each family every run of the largest size is held out. ``top-compute``: every
        run whose largest 6 N D is at least a quarter of the family's. ``family``: of one family at a time
        only the smallest runs are given.
    n_given : int, default 1
        For ``family``: how many of the family's runs are given, from the smallest size up (ties: by label).

    Returns
    -------
    list of Split
        Held-out runs are scored from 70 % of their last token count on. A family too small to hold anything
        out keeps all its rows in training and is listed in ``skipped``.

    Raises
    ------
    InputError
        When the rule is unknown, `n_given` is negative, or no family is large enough.
    """
    require_one_of(holdout, HOLDOUTS, f"holdout {holdout!r}", "unknown_holdout")
    if n_given < 0:
        raise InputError(
            f"n_given = {n_given}", "zero or more runs", "Give a number of runs.", code="bad_n_given"
        )
    held_out, skipped = _hold_out(runs, _rule(holdout, n_given))
    if not held_out:
        reasons = (
            "; ".join(f"{family}: {reason}" for family, reason in skipped.items()) or "the table is empty"
        )
        advice = "Add larger runs, or choose another holdout."
        raise InputError(
            f"nothing to hold out ({reasons})",
            "a family that can be split",
            advice,
            code="nothing_to_hold_out",
        )
    together = [pd.MultiIndex.from_tuples([run for chosen in held_out.values() for run in chosen])]
    one_by_one = [pd.MultiIndex.from_tuples(chosen) for chosen in held_out.values()]
    return [
        _split(runs, holdout, chosen, skipped)
        for chosen in (one_by_one if holdout == HOLDOUT_FAMILY else together)
    ]


_Rule = Callable[[pd.DataFrame], "pd.Index[str] | str"]
"""Given a family's runs (index: run; n_params and last n_tokens), those to hold out, or why none can be."""


def _rule(holdout: str, n_given: int) -> _Rule:
    rules: dict[str, _Rule] = {
        HOLDOUT_LARGEST_MODEL: _largest_model,
        HOLDOUT_TOP_COMPUTE: _top_compute,
        HOLDOUT_FAMILY: lambda last: _all_but_smallest(last, n_given),
    }
    return rules[holdout]


def _largest_model(last: pd.DataFrame) -> pd.Index[str] | str:
    largest = last[N_PARAMS] == last[N_PARAMS].max()
    return "all runs have one size" if largest.all() else last.index[largest]


def _top_compute(last: pd.DataFrame) -> pd.Index[str] | str:
    compute = training_flops(last[N_PARAMS], last[N_TOKENS])
    top = compute >= TOP_COMPUTE_SHARE * compute.max()
    return "all runs are within a factor of four in compute" if top.all() else last.index[top]


def _all_but_smallest(last: pd.DataFrame, n_given: int) -> pd.Index[str] | str:
    ordered = last.sort_index().sort_values(N_PARAMS, kind="stable").index
    return (
        f"{len(ordered)} runs, of which {n_given} are given" if len(ordered) <= n_given else ordered[n_given:]
    )


def _hold_out(runs: RunTable, rule: _Rule) -> tuple[dict[str, list[tuple[str, str]]], dict[str, str]]:
    """(family, run) labels held out in each family, and the reason for each family in which none is."""
    held_out, skipped = {}, {}
    for family, rows in runs.frame.groupby(FAMILY):
        chosen = rule(rows.groupby(RUN)[[N_PARAMS, N_TOKENS]].max())
        if isinstance(chosen, str):
            skipped[str(family)] = chosen
        else:
            held_out[str(family)] = [(str(family), run) for run in chosen]
    return held_out, skipped


def _split(runs: RunTable, holdout: str, held_out: pd.MultiIndex, skipped: Mapping[str, str]) -> Split:
    frame = runs.frame
    is_held_out = pd.MultiIndex.from_frame(frame[[FAMILY, RUN]]).isin(held_out)
    last = frame.groupby([FAMILY, RUN])[N_TOKENS].transform("max")
    is_scored = is_held_out & (frame[N_TOKENS] >= SCORED_FROM * last).to_numpy()
    return Split(holdout, runs.subset(~is_held_out), runs.subset(np.asarray(is_scored)), skipped)


def _runs_of(runs: RunTable) -> set[tuple[str, str]]:
    return set(zip(runs.frame[FAMILY], runs.frame[RUN], strict=True))
