from __future__ import annotations

import pytest

from bayes_scaling.datasets import load_public_families


@pytest.fixture(scope="module")
def families(mirror):
    return load_public_families(mirror)


def test_every_family_has_two_sizes_and_no_suspect_row(families):
    frame = families.frame

    assert len(families.families) >= 40
    assert (frame.groupby("family")["n_params"].nunique() >= 2).all()
    assert not frame["suspect"].any()


def test_no_family_is_there_twice_under_two_labels(families):
    frame = families.frame
    keys = frame.assign(
        key=[
            f"{n:.2e} {d:.2e} {loss:.3e}" for n, d, loss in frame[["n_params", "n_tokens", "loss"]].to_numpy()
        ]
    )
    by_family = {family: set(rows["key"]) for family, rows in keys.groupby("family")}

    twins = [
        (one, two)
        for one, own in by_family.items()
        for two, others in by_family.items()
        if one != two and own <= others
    ]
    assert twins == []
