"""Several metrics in one family: refused unless asked for, then a family for each."""

from __future__ import annotations

import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.errors import InputError

TWO_METRICS = pd.DataFrame(
    {
        "family": ["mine"] * 4 + ["other"] * 2,
        "run": ["a", "a", "b", "b", "a", "b"],
        "n_params": [1e8, 1e8, 1e9, 1e9, 1e8, 1e9],
        "n_tokens": 2e10,
        "loss": [3.1, 0.9, 2.6, 0.8, 3.3, 2.9],
        "metric": ["c4", "pile_bpb", "c4", "pile_bpb", "c4", "c4"],
    }
)


def test_metrics_of_one_family_are_not_mixed_silently():
    with pytest.raises(InputError, match=r"mixes the metrics.*split_metrics=True.*mine \(pile_bpb\)"):
        bs.read_runs(TWO_METRICS)


def test_each_metric_gets_a_family_when_asked_for():
    runs = bs.read_runs(TWO_METRICS, split_metrics=True)

    assert dict(runs.metrics) == {"mine (c4)": "c4", "mine (pile_bpb)": "pile_bpb", "other": "c4"}
    assert runs.select("mine (pile_bpb)").frame["loss"].tolist() == [0.9, 0.8]


def test_a_table_of_one_metric_stays_as_it_is():
    frame = TWO_METRICS[TWO_METRICS["metric"] == "c4"]

    assert bs.read_runs(frame, split_metrics=True) == bs.read_runs(frame)
    assert bs.read_runs(frame.drop(columns="metric"), split_metrics=True).families == ("mine", "other")


def test_metrics_are_fitted_together_and_predicted_apart():
    rows = [
        ("mine", f"{size:.0e}-{metric}", size, 20 * size, unit * (1.7 + 0.3 * (size / 1e9) ** -0.35), metric)
        for size in (5e7, 2e8, 1e9, 4e9)
        for metric, unit in (("nats_per_token", 1.0), ("pile_bpb", 0.4))
    ]
    columns = ["family", "run", "n_params", "n_tokens", "loss", "metric"]
    runs = bs.read_runs(pd.DataFrame(rows, columns=columns), split_metrics=True)
    fit = bs.ScalingModel(priors="weak").fit(runs, method="laplace", progress=False)

    nats, bits = (
        fit.predict(n_params=8e9, n_tokens=1.6e11, family=family).table["median"].item()
        for family in ("mine (nats_per_token)", "mine (pile_bpb)")
    )

    assert bits / nats == pytest.approx(0.4, rel=0.03)
