"""Sizes of a model's parts against what they were made of."""

from __future__ import annotations

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.prediction import part_sizes
from bayes_scaling.runs import RunTable
from tests.simulate import simulate


@pytest.fixture(scope="module")
def fitted():
    runs = simulate(seed=5).runs
    return bs.ScalingModel(priors="weak").fit(runs, method="laplace", progress=False)


def test_each_part_has_a_typical_size(fitted):
    sizes = fitted.parts()

    assert list(sizes.columns) == ["meaning", "q05", "median", "q95"]
    assert {"law", "discrepancy", "runs"} <= set(sizes.index)
    assert np.all(sizes["q05"] <= sizes["median"]) and np.all(sizes["median"] <= sizes["q95"])
    assert sizes.index[sizes["median"].to_numpy().argmax()] == "law"


def test_the_law_part_is_the_spread_of_losses_within_families(fitted):
    rows = fitted.observed
    log_loss = np.log(rows["loss"])
    spread = np.sqrt(((log_loss - log_loss.groupby(rows["family"]).transform("mean")) ** 2).mean())

    assert fitted.parts().loc["law", "median"] == pytest.approx(spread, rel=0.15)


def test_the_run_part_is_the_scale_of_runs(fitted):
    amplitude = fitted.spec.run_amplitude(fitted.observed["n_params"])
    scale = fitted.draws["run_sd_family"].sel(family=fitted.observed["family"].to_numpy()).to_numpy()
    expected = np.median(np.sqrt(((amplitude * scale) ** 2).mean(axis=-1)))

    assert fitted.parts().loc["runs", "median"] == pytest.approx(expected, rel=0.05)


def test_what_is_switched_off_or_not_seen_has_no_line(fitted):
    plain = bs.ScalingModel(priors="weak", schedule=False, repeats=False)
    frame = fitted.observed[["family", "run", "n_params", "n_tokens", "loss"]]

    sizes = part_sizes(plain.fit(RunTable.from_frame(frame), method="laplace", progress=False))

    assert set(sizes.index) == {"law", "discrepancy", "runs"}


def test_repeated_tokens_show_as_a_part(fitted):
    rows = fitted.observed[["family", "run", "n_params", "n_tokens", "loss"]]
    repeated = RunTable.from_frame(rows.assign(n_unique_tokens=rows["n_tokens"] / 8))

    sizes = bs.ScalingModel(priors="weak").fit(repeated, method="laplace", progress=False).parts()

    assert sizes.loc["repeats", "median"] > 0.001
    assert "repeats" not in fitted.parts().index
