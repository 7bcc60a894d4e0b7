"""Scores of public models: who is in which cohort, what the columns are, which rows cannot be right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.datasets import dataset_available, load_table
from bayes_scaling.errors import DataUnavailableError

BENCHMARKS = ["mmlu", "arc_c", "hellaswag", "winogrande", "truthfulqa", "gsm8k", "xwinograd", "humaneval"]


@pytest.fixture(scope="module")
def tables(mirror):
    names = ("benchmarks", "emergent", "post-training", "leaderboard-v2", "agents")
    return {name: load_table("obsscaling", name, mirror) for name in names}


def test_each_part_has_the_models_that_its_summary_counts(tables):
    assert {name: len(table) for name, table in tables.items()} == {
        "benchmarks": 148,
        "emergent": 84,
        "post-training": 96,
        "leaderboard-v2": 72,
        "agents": 27,
    }
    assert all(not table["run"].duplicated().any() for table in tables.values())


def test_the_papers_models_are_77_of_21_families_and_47_lie_below_llama_2_7b(tables):
    paper = tables["benchmarks"].query("cohort == 'paper'")

    assert (len(paper), paper["family"].nunique()) == (77, 21)
    assert (paper["flops"] <= 8.4e22).sum() == 47


def test_twenty_models_came_after_the_forecasts(tables):
    assert tables["benchmarks"]["cohort"].value_counts()["later"] == 20
    assert tables["emergent"]["cohort"].value_counts().to_dict() == {"paper": 65, "later": 19}


def test_columns_have_this_projects_names_and_counts_are_plain(tables):
    table = tables["emergent"]
    llama = table.set_index("run").loc["meta-llama/Llama-2-7b-hf"]

    about = ["family", "run", "n_params", "n_tokens", "flops", "cohort", "suspect"]
    assert list(table.columns[:15]) == about + BENCHMARKS
    assert (llama["n_params"], llama["n_tokens"]) == (7e9, 2e12)
    assert llama["flops"] == pytest.approx(8.4e22)
    assert llama["word_unscramble"] == 0.089


def test_compute_is_six_n_d_and_missing_where_the_tokens_are(tables):
    table = tables["benchmarks"]
    known = table["n_tokens"].notna()

    assert np.allclose(table["flops"][known], 6 * table["n_params"][known] * table["n_tokens"][known])
    assert table["flops"][~known].isna().all()


def test_scores_are_those_of_the_file(tables, mirror):
    theirs = pd.read_csv(mirror / "obsscaling" / "base_llm_benchmark_eval.csv")

    assert tables["benchmarks"]["winogrande"].tolist() == theirs["Winograd"].tolist()
    scores = tables["benchmarks"][BENCHMARKS]
    assert scores.min().min() >= 0.0
    assert scores.max().max() <= 1.0


def test_printed_figures_that_cannot_be_right_are_marked(tables):
    table = tables["benchmarks"].set_index("run")

    assert table.index[table["suspect"]].tolist() == [
        "openlm-research/open_llama_7b_v2",
        "cerebras/btlm-3b-8k-base",
    ]
    assert table.loc["cerebras/btlm-3b-8k-base", "n_tokens"] > 1e14  # more than any corpus
    assert table.loc["openlm-research/open_llama_7b_v2", "n_params"] == 13e9  # the name says 7b


def test_the_table_of_small_models_is_a_repeat(tables, mirror):
    small = pd.read_csv(mirror / "obsscaling" / "base_llm_benchmark_eval_sub_10b.csv").set_index("Model")
    same = tables["benchmarks"].set_index("run").loc[small.index]

    assert (same["n_params"] < 1e10).all()
    np.testing.assert_allclose(same["mmlu"], small["MMLU"], rtol=1e-12)  # written with other digits


def test_a_mirror_with_one_file_gives_the_part_that_needs_no_other(mirror, tmp_path):
    folder = tmp_path / "obsscaling"
    folder.mkdir()
    name = "base_llm_benchmark_eval.csv"
    (folder / name).write_bytes((mirror / "obsscaling" / name).read_bytes())

    assert len(load_table("obsscaling", "benchmarks", tmp_path)) == 148
    assert not dataset_available("obsscaling", tmp_path)
    assert dataset_available("obsscaling", mirror)
    with pytest.raises(DataUnavailableError, match="emergent"):
        load_table("obsscaling", "emergent", tmp_path)
