from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.inference.centring import prepare
from bayes_scaling.inference.family_modes import FamilyObjective
from bayes_scaling.models import ModelSpec
from tests.simulate import DRIFTING, NOISY, STEADY, Design, simulate

SPEC = ModelSpec()


@pytest.mark.parametrize(("path", "name"), [(STEADY, "steady"), (DRIFTING, "drifting"), (NOISY, "noisy")])
def test_each_family_gets_the_path_shape_that_it_was_simulated_with(path, name):
    runs = simulate(4, path=path, design=Design(n_seeds=3, n_checkpoints=8), seed=5).runs

    layout, _ = prepare(FamilyObjective(SPEC), runs)

    assert [SPEC.shapes[number].name for number in layout.shape_index] == [name] * 4


def test_families_of_one_table_may_have_different_shapes():
    design = Design(n_seeds=3, n_checkpoints=8)
    noisy = simulate(1, path=NOISY, design=design, seed=5).frame.assign(family="noisy")
    steady = simulate(1, path=STEADY, design=design, seed=5)
    both = pd.concat([noisy, steady.frame.assign(family="steady")], ignore_index=True)

    layout, _ = prepare(FamilyObjective(SPEC), replace(steady, frame=both).runs)

    assert layout.families == ("noisy", "steady")
    assert [SPEC.shapes[number].name for number in layout.shape_index] == ["noisy", "steady"]


def test_coordinates_are_finite_for_families_that_say_next_to_nothing():
    small = simulate(2, design=Design(sizes=(1e8, 1e9), n_seeds=1, n_checkpoints=1)).runs

    layout, centring = prepare(FamilyObjective(SPEC), small)

    assert layout.n_obs.tolist() == [2, 2]
    assert all(np.all(np.isfinite(values)) for values in vars(centring).values())
