"""The shipped figures, against what the sources print."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.datasets import load_dataset
from bayes_scaling.datasets.readers.published import read_losses
from bayes_scaling.datasets.registry import shipped_data


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return load_dataset("published").frame


def test_it_needs_neither_mirror_nor_network(published):
    assert (len(published), published["family"].nunique()) == (142, 25)


def test_losses_are_nats_of_what_is_printed(published):
    to_nats = {"nats": lambda x: x, "ppl": np.log, "bpb": lambda x: x * np.log(2.0)}

    for unit, rows in published.groupby("value_unit"):
        assert np.allclose(rows["loss"], to_nats[unit](rows["value_printed"]), atol=1e-6), unit
    assert set(published["value_unit"]) == set(to_nats)


def test_the_metric_says_per_what(published):
    per_byte = published[published["metric"] == "nats_per_byte"]

    assert set(per_byte["family"]) == {"nanochat miniseries v1"}
    assert set(published["metric"]) == {"nats_per_token", "nats_per_byte"}


@pytest.mark.parametrize("column", ["tokenizer", "eval_set", "metric", "tier"])
def test_no_family_mixes_units_or_evaluations(published, column):
    assert published.groupby("family")[column].nunique(dropna=False).max() == 1


def test_one_checkpoint_scored_by_two_papers_stays_in_two_families(published):
    pythia = published[published["run"] == "Pythia-1.4B"].set_index("family")["loss"]

    assert pythia["Pythia (scored by Cerebras)"] == 1.793
    assert pythia["Pythia (Mamba paper ppl)"] == pytest.approx(np.log(7.51))


def test_suspect_printed_figures_are_marked_or_left_out(published):
    suspects = published[published["suspect"]]

    assert set(suspects["family"]) == {
        "Pythia (Mamba paper ppl)",
        "Data-Parallel (C4, 20 tok/param)",
        *(f"DiLoCo M={count} (C4, 20 tok/param)" for count in (1, 2, 4, 8)),
    }
    assert len(suspects) == 10
    assert "Pythia-deduped-1.4B" not in set(published["run"])
    mamba_paper = published[published["family"].isin(["Pythia (Mamba paper ppl)", "Mamba (Pile)"])]
    assert not np.isclose(mamba_paper["value_printed"], 29.64).any()


def test_the_smallest_diloco_models_have_the_tokens_of_the_text(published):
    smallest = published[published["n_params"] == 35e6]

    assert len(smallest) == 5
    assert set(smallest["n_tokens"]) == {700e6}


def test_sources_stay_text_and_are_given_for_every_row(published):
    assert published["arxiv"].dropna().str.fullmatch(r"arXiv:\d{4}\.\d{5}").all()
    assert published[["paper", "source_table", "n_tokens_how"]].notna().all(axis=None)


def test_a_row_without_a_token_count_is_left_out(tmp_path):
    name = "published_losses.csv"
    shutil.copyfile(shipped_data() / "published" / name, tmp_path / name)
    losses = pd.read_csv(tmp_path / name)
    losses.loc[3, "n_tokens"] = np.nan
    losses.to_csv(tmp_path / name, index=False)

    assert len(read_losses(tmp_path)) == 141
