"""The steps that readers share, on small inputs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.datasets.info import Suspect
from bayes_scaling.datasets.readers.averaging import average_in_bins, average_ties
from bayes_scaling.datasets.readers.files import count_from_label, open_path
from bayes_scaling.datasets.readers.suspects import mark_suspects, stands_above_earlier


def rows(n_tokens, loss, run="a", family="f") -> pd.DataFrame:
    return pd.DataFrame({"family": family, "run": run, "n_params": 1e9, "n_tokens": n_tokens, "loss": loss})


@pytest.mark.parametrize(
    ("label", "count"),
    [("125m", 125e6), ("1.3B", 1.3e9), ("13.0B", 13e9), (" 64B ", 64e9), ("2T", 2e12), ("512", 512.0)],
)
def test_counts_are_read_from_labels(label, count):
    assert count_from_label(label) == pytest.approx(count, rel=1e-12)


@pytest.mark.parametrize("label", ["Pile", "IBM Pile", "", "B", np.nan, "1e9", "-1B"])
def test_other_labels_are_no_counts(label):
    assert count_from_label(label) is None


def test_files_are_found_whatever_the_case_of_their_names(tmp_path):
    (tmp_path / "Folder").mkdir()
    (tmp_path / "Folder" / "T5_pile.csv").write_text("x")

    assert open_path(tmp_path, "folder/t5_pile.csv") == tmp_path / "Folder" / "T5_pile.csv"
    with pytest.raises(FileNotFoundError):
        open_path(tmp_path, "folder/t6_pile.csv")


def test_ties_are_averaged_and_counted():
    averaged = average_ties(rows([1e9, 2e9, 1e9], [3.0, 2.0, 4.0]))

    assert averaged[["n_tokens", "loss", "n_averaged"]].to_numpy().tolist() == [
        [1e9, 3.5, 2.0],
        [2e9, 2.0, 1.0],
    ]


def test_bins_of_a_noisy_log_keep_its_mean_and_say_how_sure_they_are():
    tokens = np.geomspace(1e8, 1e12, 10_000)
    noise = np.random.default_rng(0).normal(0.0, 0.1, tokens.size)

    binned = average_in_bins(rows(tokens, 2.0 + noise), n_bins=20)

    assert len(binned) == 20
    assert binned["n_averaged"].sum() == 10_000
    assert np.average(binned["loss"], weights=binned["n_averaged"]) == pytest.approx(2.0 + noise.mean())
    assert binned["loss_se"].mean() == pytest.approx(0.1 / np.sqrt(500), rel=0.1)
    assert np.abs(binned["loss"] - 2.0).max() < 5.0 * 0.1 / np.sqrt(500)
    assert set(binned["n_tokens_total"]) == {tokens[-1]}
    assert binned["n_tokens"].is_monotonic_increasing


def test_empty_bins_give_no_row():
    binned = average_in_bins(rows([1.0e9, 1.1e9, 100e9], [3.0, 2.9, 2.0]), n_bins=10)

    assert binned["n_averaged"].tolist() == [2, 1]
    assert np.isnan(binned["loss_se"].iloc[1])


def test_a_spike_stands_above_what_came_before_and_a_decline_does_not():
    frame = rows([4e9, 1e9, 2e9, 3e9], [2.0, 3.0, 2.5, 2.65])  # in tokens: 3.0, 2.5, 2.65, 2.0

    assert stands_above_earlier(frame, share=0.05).tolist() == [False, False, False, True]
    assert not stands_above_earlier(frame, share=0.07).any()


def test_each_run_has_its_own_lowest_loss():
    frame = pd.concat([rows([1e9], [2.0], "a"), rows([2e9], [3.0], "b")], ignore_index=True)

    assert not stands_above_earlier(frame).any()


def test_suspects_are_marked_by_list_and_by_rule():
    frame = pd.concat(
        [rows([1e9, 2e9], [3.0, 2.5], "a"), rows([1e9, 2e9], [3.1, 2.6], "b")], ignore_index=True
    )
    by_rule = frame.assign(suspect=[True, np.nan, np.nan, False])

    one_checkpoint = mark_suspects(
        by_rule, [Suspect("f", "b", "why", n_tokens=2e9), Suspect("f", None, "rule")]
    )
    assert one_checkpoint["suspect"].tolist() == [True, False, False, True]
    assert mark_suspects(frame, [Suspect("f", "b", "why")])["suspect"].tolist() == [False, False, True, True]
    assert mark_suspects(frame, [Suspect("f", "*", "why")])["suspect"].all()
    assert not mark_suspects(frame, [Suspect("g", "*", "why")])["suspect"].any()
