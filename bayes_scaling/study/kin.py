"""Families that must not teach about each other, and the folds in which they are left out together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.priors.population import fingerprints
from bayes_scaling.runs import RunTable

CROWDED: Final = 30
"""Families with rows of one size and token count up to which five digits of the loss tell one from another.

A common range of losses has some 30,000 numbers of five digits, so that of n losses at one point about n^2 / 60,000
pairs agree by chance: for 30 families one pair at 67 points, for 200 at nearly every second point, which would make kin
of strangers.
"""

DIGITS: Final = 7
"""Digits of a loss that are compared at most: what a 32-bit number holds."""


def kin_groups(runs: RunTable) -> tuple[tuple[str, ...], ...]:
    """Families by groups that share a row, directly or through others.

    A row is shared when size, tokens and five digits of the loss are equal. Where more than :data:`CROWDED` families
    have a row of that size and so many tokens, losses must also agree in the further digits that both have.

    Groups are in the order of their first label, labels within a group sorted.
    """
    leader = {family: family for family in runs.families}
    for one, other in _pairs(runs.frame):
        first, second = _leader_of(leader, one), _leader_of(leader, other)
        leader[max(first, second)] = min(first, second)
    groups: dict[str, list[str]] = defaultdict(list)
    for family in runs.families:
        groups[_leader_of(leader, family)].append(family)
    return tuple(tuple(group) for _, group in sorted(groups.items()))


def shares_row(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables have a row of equal size, tokens and, in all digits that both have, loss."""
    known: dict[str, list[float]] = defaultdict(list)
    for mark, loss in zip(fingerprints(one), one[LOSS], strict=True):
        known[mark].append(loss)
    rows = zip(fingerprints(other), other[LOSS], strict=True)
    return any(is_same_loss(loss, there) for mark, loss in rows for there in known.get(mark, ()))


def is_same_loss(one: float, other: float) -> bool:
    """Whether two losses agree in all digits that both have, at most :data:`DIGITS`."""
    digits = min(_n_digits(one), _n_digits(other), DIGITS)
    return f"{one:.{digits - 1}e}" == f"{other:.{digits - 1}e}"


def assign_folds(groups: tuple[tuple[str, ...], ...], n_folds: int) -> dict[str, int]:
    """The fold of each family, folds of about equal numbers of families.

    Neighbours in the order of labels share a fold, since kin that share no row are often called alike
    (``pythia``, ``pythia-v0``): what leaves one out then leaves out the other as well.

    Parameters
    ----------
    groups : tuple of tuple of str
        Families that must stay together.
    n_folds : int
        At most so many folds; fewer where there are fewer groups.
    """
    sizes = np.array([len(group) for group in groups])
    middles = np.cumsum(sizes) - sizes / 2.0
    folds = np.minimum(middles * n_folds / sizes.sum(), n_folds - 1).astype(int)
    return {family: int(fold) for group, fold in zip(groups, folds, strict=True) for family in group}


def _pairs(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Pairs of families that share a row."""
    # as many digits of size and tokens as a fingerprint has
    places = frame[N_PARAMS].map("{:.3e}".format) + frame[N_TOKENS].map("|{:.3e}".format)
    is_crowded = frame[FAMILY].groupby(places).transform("nunique") > CROWDED
    holders: dict[str, list[tuple[str, float, bool]]] = defaultdict(list)
    rows = zip(frame[FAMILY], frame[LOSS], is_crowded, strict=True)
    for mark, row in zip(fingerprints(frame), rows, strict=True):
        holders[mark].append(row)
    for alike in holders.values():
        for (one, loss, crowded), (other, another, _) in combinations(alike, 2):
            if one != other and (not crowded or is_same_loss(loss, another)):
                yield one, other


def _leader_of(leader: dict[str, str], family: str) -> str:
    """The first label of a family's group."""
    while leader[family] != family:
        family = leader[family]
    return family


def _n_digits(value: float) -> int:
    """Significant digits that a number was given with; twelve when they do not end before."""
    digits, _, _ = f"{value:.11e}".partition("e")
    return max(len(digits.replace(".", "").rstrip("0")), 1)
