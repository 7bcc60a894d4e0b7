from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling import RunTable
from bayes_scaling.trajectories import checkpoint_noise
from bayes_scaling.trajectories.checkpoint_noise import noise_sd


def curve(noise: float, count: int = 400, seed: int = 0) -> np.ndarray:
    x = np.sort(np.random.default_rng(seed).uniform(20.0, 26.0, count))
    smooth = np.log(2.0 + np.exp(-0.3 * (x - 20.0)))
    return np.array([x, smooth + noise * np.random.default_rng(seed + 1).standard_normal(count)])


@pytest.mark.parametrize("noise", [0.002, 0.05])
def test_the_noise_of_simulated_checkpoints_comes_back(noise):
    assert noise_sd(curve(noise)) == pytest.approx(noise, rel=0.12)


def test_a_spike_counts_little():
    spiked = curve(0.01)
    spiked[1, 100] += 3.0

    assert noise_sd(spiked) == pytest.approx(0.01, rel=0.15)


def test_a_straight_line_has_no_noise_and_two_points_no_estimate():
    x = np.array([1.0, 2.0, 4.0, 7.0])

    assert noise_sd(np.array([x, 3.0 - 0.1 * x])) == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(noise_sd(np.array([x, x])[:, :2]))


def test_each_run_is_a_row_whatever_the_order_of_its_checkpoints():
    x, y = np.exp(curve(0.01, 30))
    frame = pd.DataFrame({"family": "f", "run": "a", "n_params": 1e8, "n_tokens": x, "loss": y})
    short = frame.head(2).assign(run="b")
    runs = RunTable.from_frame(pd.concat([frame.sample(frac=1.0, random_state=1), short], ignore_index=True))

    table = checkpoint_noise(runs).set_index("run")

    assert table.loc["a", "noise_sd"] == pytest.approx(noise_sd(np.log([x, y])))
    assert table["n_checkpoints"].to_dict() == {"a": 30, "b": 2}
    assert np.isnan(table.loc["b", "noise_sd"])
