"""Families that must not teach about each other, and the folds in which they are left out together."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from bayes_scaling.names import FAMILY
from bayes_scaling.priors.population import fingerprints
from bayes_scaling.runs import RunTable


def kin_groups(runs: RunTable) -> tuple[tuple[str, ...], ...]:
    """Families by groups that share a row (equal size, tokens and loss), directly or through others.

    Groups are in the order of their first label, labels within a group sorted.
    """
    frame = runs.frame
    holders: dict[str, set[str]] = defaultdict(set)
    for family, print_ in zip(frame[FAMILY], fingerprints(frame), strict=True):
        holders[print_].add(family)
    leader = {family: family for family in runs.families}
    for together in (families for families in holders.values() if len(families) > 1):
        leaders = {leader[family] for family in together}
        first = min(leaders)
        leader.update({family: first for family, found in leader.items() if found in leaders})
    groups: dict[str, list[str]] = defaultdict(list)
    for family in runs.families:
        groups[leader[family]].append(family)
    return tuple(tuple(group) for _, group in sorted(groups.items()))


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
