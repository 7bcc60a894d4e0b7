from __future__ import annotations

import pandas as pd

from bayes_scaling.study.kin import assign_folds, kin_groups
from tests.baselines.families import family_rows, table


def test_families_that_share_a_row_are_kin_directly_and_through_others():
    shared = family_rows("a", noise_sd=0.1, seed=1)
    other = family_rows("d", noise_sd=0.1, seed=2)
    b = pd.concat([shared.iloc[:1], other.iloc[5:6]]).assign(family="b", run=["b-1", "b-2"])
    runs = table(shared, b, family_rows("c", noise_sd=0.1, seed=3), other)

    assert kin_groups(runs) == (("a", "b", "d"), ("c",))


def test_kin_and_neighbours_share_a_fold_and_folds_are_of_about_equal_size():
    groups = (("a", "d"), ("b",), ("c",), ("e", "f"), ("g",), ("h",))

    folds = assign_folds(groups, 4)

    assert folds == {"a": 0, "d": 0, "b": 1, "c": 1, "e": 2, "f": 2, "g": 3, "h": 3}


def test_no_more_folds_than_groups():
    assert assign_folds((("a",), ("b",)), 8) != {"a": 0, "b": 0}
    assert set(assign_folds(tuple((label,) for label in "abcdefgh"), 8).values()) == set(range(8))
