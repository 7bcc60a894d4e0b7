"""Loss curves under nine learning-rate schedules."""

from __future__ import annotations

import pytest

from bayes_scaling.datasets.readers.multipower import TOKENS_PER_STEP


@pytest.fixture(scope="module")
def curves(load):
    return load("multipower").frame


def test_a_family_is_a_schedule_with_three_sizes(curves):
    families = curves.groupby("family")

    assert len(families) == 9
    assert families["n_params"].unique().map(sorted).tolist() == [[25e6, 100e6, 400e6]] * 9
    assert families["run"].nunique().tolist() == [3] * 9
    assert len(curves) == 6265


def test_the_learning_rate_of_each_step_is_kept(curves):
    cosine = curves[(curves["family"] == "mpl-cosine_72000") & (curves["run"] == "400M")]
    constant = curves[curves["family"] == "mpl-constant_24000"]

    assert cosine["learning_rate"].iloc[0] == pytest.approx(3e-4, rel=1e-4)
    assert cosine["learning_rate"].iloc[-1] == pytest.approx(3e-5, rel=1e-4)
    assert cosine["learning_rate"].is_monotonic_decreasing
    assert set(constant["learning_rate"]) == {3e-4}


def test_last_losses_are_those_of_the_files(curves):
    last = curves.groupby(["family", "run"])["loss"].last()

    assert last["mpl-cosine_72000", "25M"] == 3.2038
    assert last["mpl-cosine_72000", "400M"] == 2.6154
    assert last["mpl-wsdcon_9", "100M"] == 3.0588


def test_the_planned_length_comes_from_the_schedules_name(curves):
    planned = curves.groupby("family")["n_tokens_total"].first() / TOKENS_PER_STEP

    assert planned["mpl-cosine_72000"] == 72_000
    assert planned["mpl-wsd_20000_24000"] == 24_000
    assert (curves["n_tokens"] <= curves["n_tokens_total"]).all()
    assert (curves["n_tokens"] == curves["step"] * TOKENS_PER_STEP).all()


def test_runs_with_a_stable_stretch_share_checkpoints(curves):
    small = curves[curves["run"] == "25M"].set_index("family")[["step", "loss"]]
    shared = small.loc["mpl-wsd_20000_24000"].merge(small.loc["mpl-constant_72000"], on=["step", "loss"])

    assert len(shared) == 139  # of the 170 rows of the branch: families are not independent
