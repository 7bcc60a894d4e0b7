"""ColPret's data-constrained runs: each trap of these files is a test."""

from __future__ import annotations

import numpy as np
import pytest


def test_planned_epochs_and_data_name_the_family(load, raw):
    frame = load("colpret", "datablations").frame

    assert len(frame) == len(raw("aggregated_eval/datablations_losses.csv")) == 9261
    assert set(frame["family"]) == {
        f"datablations-{data}-{epochs}ep" for data in ("c4", "oscar") for epochs in (1, 2, 3, 4, 5, 7, 14, 44)
    }
    assert frame.groupby("family")["n_params"].nunique().eq(3).all()


def test_size_and_planned_tokens_move_together(load):
    planned = load("colpret", "datablations").frame.groupby("n_params")["n_tokens_total"].unique()

    assert {size: list(tokens) for size, tokens in planned.items()} == {
        2.8e9: [55e9],
        4.2e9: [84e9],
        8.7e9: [178e9],
    }


def test_unique_tokens_are_one_epochs_tokens(load):
    frame = load("colpret", "datablations").frame

    assert np.allclose(frame["n_unique_tokens"] * frame["epochs"], frame["n_tokens_total"], rtol=1e-6)


def test_flops_grow_with_tokens_although_upstreams_fall(load, raw):
    theirs = raw("aggregated_eval/datablations_losses.csv")
    one_run = theirs[theirs["model_args"] == theirs["model_args"].iloc[0]]
    assert one_run["flops"].is_monotonic_decreasing

    ours = load("colpret", "datablations").frame.groupby(["family", "run"])["flops"]
    assert ours.apply(lambda flops: flops.is_monotonic_increasing).all()


def test_a_copied_trajectory_is_marked(load):
    runs = load("colpret", "datablations").frame
    small = runs[
        (runs["run"] == "2.8B") & runs["family"].isin(["datablations-oscar-3ep", "datablations-oscar-4ep"])
    ]
    copy, original = (small[small["family"] == family] for family in sorted(small["family"].unique()))

    assert copy["loss"].tolist() == original["loss"].tolist()
    assert copy["suspect"].all()
    assert not original["suspect"].any()


def test_code_mixes_are_scored_on_two_sets_not_trained_with_two_seeds(load):
    frame = load("colpret", "datablations-code").frame
    final = frame.groupby("family")["loss"].last()
    shares = range(10, 100, 10)

    assert frame["family"].nunique() == 18
    assert frame.groupby("family")["run"].nunique().eq(1).all()
    on_c4 = [final[f"datablations-c4py-{share}pct-on-c4"] for share in shares]
    on_python = [final[f"datablations-c4py-{share}pct-on-python"] for share in shares]
    # More C4 in the mix: better on C4, worse on Python.
    assert on_c4 == sorted(on_c4, reverse=True)
    assert on_python == sorted(on_python)
    assert "seed" not in frame


def test_contour_runs_split_into_fresh_and_repeated_tokens(load):
    frame = load("colpret", "datablations-contour").frame
    fresh = frame["family"] == "datablations-contour-fresh"

    assert frame.groupby("family")["run"].nunique().to_dict() == {
        "datablations-contour-fresh": 33,
        "datablations-contour-repeated": 196,
    }
    assert (frame.loc[fresh, "n_unique_tokens"] == frame.loc[fresh, "n_tokens"]).all()
    assert frame.loc[~fresh, "n_unique_tokens"].lt(frame.loc[~fresh, "n_tokens"]).all()


def test_contour_unique_tokens_are_in_the_names_not_in_upstreams_constant(load, raw):
    assert set(raw("aggregated_eval/datablations_contour_losses.csv")["tokens_per_epoch"]) == {1.5e9}
    unique = load("colpret", "datablations-contour").frame.set_index("run")["n_unique_tokens"]

    for label, tokens in {"100m": 100e6, "400m": 400e6, "12b": 12e9, "178b": 178e9}.items():
        named = unique[unique.index.str.endswith(label)]
        assert len(named) > 0
        assert np.allclose(named, tokens, rtol=1e-9), label


def test_a_run_whose_name_upstream_misread_is_put_right(load):
    run = load("colpret", "datablations-contour").frame.set_index("run").loc["2b855b1b25"]
    trajectory = load("colpret", "datablations").frame
    same = trajectory[(trajectory["family"] == "datablations-c4-44ep") & (trajectory["run"] == "2.8B")].iloc[
        -1
    ]

    assert (run["n_tokens"], run["n_unique_tokens"], run["epochs"]) == (55e9, 1.25e9, 44.0)
    assert run["loss"] == pytest.approx(same["loss"], rel=2e-3)


def test_losses_far_off_their_neighbours_are_marked(load):
    frame = load("colpret", "datablations-contour").frame

    assert set(frame.loc[frame["suspect"], "run"]) == {"3b926b26b", "8b712b12b"}
