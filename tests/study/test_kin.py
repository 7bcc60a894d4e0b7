from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.priors.population import fingerprints
from bayes_scaling.runs import RunTable
from bayes_scaling.study.kin import CROWDED, assign_folds, is_same_loss, kin_groups, shares_row
from tests.baselines.families import family_rows, table


def test_families_that_share_a_row_are_kin_directly_and_through_others():
    shared = family_rows("a", noise_sd=0.1, seed=1)
    other = family_rows("d", noise_sd=0.1, seed=2)
    b = pd.concat([shared.iloc[:1], other.iloc[5:6]]).assign(family="b", run=["b-1", "b-2"])
    runs = table(shared, b, family_rows("c", noise_sd=0.1, seed=3), other)

    assert kin_groups(runs) == (("a", "b", "d"), ("c",))


@pytest.fixture(scope="module")
def crowd() -> RunTable:
    """Two hundred families on one grid of twelve points."""
    rng = np.random.default_rng(0)
    labels = [f"f{number:03d}" for number in range(200)]
    grid = pd.MultiIndex.from_product([labels, (1e8, 3e8, 1e9), (1e9, 2e9, 5e9, 1e10)])
    frame = grid.to_frame(index=False, name=["family", "n_params", "n_tokens"])
    frame["run"] = frame["n_params"].map("{:g}".format)
    return RunTable.from_frame(frame.assign(loss=rng.uniform(2.0, 4.0, len(frame))))


def test_a_crowd_on_one_grid_agrees_in_five_digits_by_chance_and_is_no_kin(crowd):
    chance = len(crowd) - len(set(fingerprints(crowd.frame)))

    assert chance > 10
    assert kin_groups(crowd) == tuple((family,) for family in crowd.families)


def test_a_copy_in_a_crowd_is_kin_also_when_its_losses_are_rounded(crowd):
    copied, rounded = crowd.select("f003").frame, crowd.select("f120").frame
    rounded["loss"] = rounded["loss"].round(4)
    copies = [copied.assign(family="twin"), rounded.assign(family="rounded-twin").iloc[:1]]

    groups = kin_groups(RunTable.from_frame(pd.concat([crowd.frame, *copies])))

    assert [group for group in groups if len(group) > 1] == [("f003", "twin"), ("f120", "rounded-twin")]


def test_few_families_are_kin_by_five_digits_alone(crowd):
    few = crowd.select(crowd.families[: CROWDED - 1]).frame
    near = few[few["family"] == "f000"].iloc[:1]
    near["loss"] = near["loss"].round(4) * (1 + 3e-6)
    near["family"] = "near"

    groups = kin_groups(RunTable.from_frame(pd.concat([few, near])))

    assert groups[0] == ("f000", "near")
    assert not shares_row(few, near)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (2.1234567, 2.1234567, True),
        (2.1234567, 2.12346, True),
        (2.1234567, 2.1235, True),
        (2.1234567, 2.1234601, False),
        (2.5, 2.5, True),
        (float(np.float32(2.123456789)), 2.123456789, True),
    ],
)
def test_losses_are_compared_in_the_digits_that_both_have(one, other, same):
    assert is_same_loss(one, other) is is_same_loss(other, one) is same


def test_kin_and_neighbours_share_a_fold_and_folds_are_of_about_equal_size():
    groups = (("a", "d"), ("b",), ("c",), ("e", "f"), ("g",), ("h",))

    folds = assign_folds(groups, 4)

    assert folds == {"a": 0, "d": 0, "b": 1, "c": 1, "e": 2, "f": 2, "g": 3, "h": 3}


def test_no_more_folds_than_groups():
    assert assign_folds((("a",), ("b",)), 8) != {"a": 0, "b": 0}
    assert set(assign_folds(tuple((label,) for label in "abcdefgh"), 8).values()) == set(range(8))
