from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bayes_scaling.errors import InputError
from bayes_scaling.random_features import TEST_LOSS, TRAIN_LOSS, PowerLawTask, simulate_losses

TASK = PowerLawTask(1.6, 1.5, n_modes=256)


@pytest.fixture(scope="module")
def losses() -> xr.Dataset:
    return simulate_losses(TASK, [1.0, 30.0, 1000.0], [8, 32, np.inf], [16, 64, np.inf], n_seeds=12, seed=3)


def test_labels_are_what_was_asked_for(losses):
    assert losses[TEST_LOSS].dims == ("seed", "width", "samples", "time")
    assert losses["width"].to_numpy().tolist() == [8, 32, np.inf]
    assert losses["samples"].to_numpy().tolist() == [16, 64, np.inf]
    assert (losses.attrs["a"], losses.attrs["b"]) == (1.6, 1.5)


def test_same_seed_same_losses_and_more_seeds_keep_the_first(losses):
    again = simulate_losses(TASK, [1.0, 30.0, 1000.0], [8, 32, np.inf], [16, 64, np.inf], n_seeds=2, seed=3)

    xr.testing.assert_identical(again, losses.isel(seed=slice(2)))


def test_another_seed_is_another_draw(losses):
    other = simulate_losses(TASK, [1.0], [8], n_seeds=1, seed=4)[TEST_LOSS].item()

    assert other != losses[TEST_LOSS].isel(seed=0).sel(time=1.0, width=8, samples=np.inf).item()


def test_fresh_data_has_no_gap_between_test_and_training(losses):
    fresh = losses.sel(samples=np.inf)

    np.testing.assert_array_equal(fresh[TEST_LOSS], fresh[TRAIN_LOSS])


def test_the_gap_builds_up_with_reuse_of_data(losses):
    gap = (losses[TEST_LOSS] - losses[TRAIN_LOSS]).mean("seed").sel(samples=16, width=32)

    assert (gap.diff("time") > 0).all()


@pytest.mark.parametrize("dim", ["width", "samples"])
def test_more_of_a_resource_helps_on_average_where_the_other_is_unlimited(losses, dim):
    other = {"width": "samples", "samples": "width"}[dim]
    mean = losses[TEST_LOSS].mean("seed").sel({other: np.inf, "time": 1000.0})

    assert (mean.diff(dim) < 0).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"times": []},
        {"times": [0.0, 1.0]},
        {"times": [np.nan]},
        {"widths": [8, 8]},
        {"widths": [2.5]},
        {"samples": [-4]},
        {"n_seeds": 0},
    ],
)
def test_a_design_that_makes_no_sense_is_an_input_error(wrong):
    with pytest.raises(InputError) as error:
        simulate_losses(TASK, **{"times": [1.0]} | wrong)

    assert error.value.code == "bad_design"
