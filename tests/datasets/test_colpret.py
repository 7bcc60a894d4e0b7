"""ColPret, file by file: each trap of the data is a test."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.datasets import load_learning_curves, load_table


def test_every_file_is_used(load):
    frame = load("colpret").frame

    assert (frame["family"].nunique(), frame.groupby(["family", "run"]).ngroups, len(frame)) == (
        56,
        681,
        17340,
    )


# --- trajectories of released models ----------------------------------------------------------


def test_opt_tokens_are_undone_logarithms_and_losses_logs_of_perplexities(load, raw):
    theirs = raw("aggregated_eval/opt_trajectories.csv")
    frame = load("colpret", "opt").frame
    first = frame[(frame["run"] == "125m") & (frame["n_tokens"] == 1e9)]

    assert len(frame) == len(theirs) == 142
    assert first["loss"].tolist() == [pytest.approx(np.log(67.52265444265277))]
    assert frame.groupby("run")["n_params"].first().to_dict() == {
        "125m": 125e6,
        "1.3b": 1.3e9,
        "6.7b": 6.7e9,
        "13b": 13e9,
        "30b": 30e9,
        "175b": 175e9,
    }
    upstream_flops = 10.0 ** theirs["flops"].max()
    assert frame["flops"].max() == pytest.approx(upstream_flops, rel=1e-9)


def test_opt_runs_go_beyond_the_corpus_of_180_billion_tokens(load):
    ends = load("colpret", "opt").frame.groupby("run")["n_tokens"].max()

    assert ends.max() == 280e9
    assert ends.gt(180e9).all()


def test_gpt3_tokens_are_billions_and_sizes_come_from_the_sheet(load):
    frame = load("colpret", "gpt3").frame

    assert frame.groupby("run")["n_params"].first().to_dict() == {
        "small": 125e6,
        "medium": 350e6,
        "large": 760e6,
        "xl": 1.3e9,
        "2.7b": 2.7e9,
        "6.7b": 6.7e9,
        "13b": 13e9,
        "175b": 175e9,
    }
    assert frame["n_tokens"].min() == pytest.approx(9.55e9, rel=1e-3)
    assert frame.groupby("run")["n_tokens"].max().between(299e9, 301e9).all()


def test_gpt3_has_validation_losses_only_and_ties_averaged(load, raw):
    theirs = raw("raw_data/gpt3/extracted.csv")
    validation = theirs.dropna(subset="val_loss")
    frame = load("colpret", "gpt3").frame

    assert validation["train_loss"].isna().all()
    assert (len(theirs), len(validation), len(frame)) == (12097, 6506, 4011)
    assert frame["n_averaged"].sum() == 6506
    largest = validation[validation["model"] == "175b"]
    at_end = largest[largest["step"] == largest["step"].max()]
    assert frame[frame["run"] == "175b"]["loss"].iloc[-1] == pytest.approx(at_end["val_loss"].mean())


def test_gpt3_points_can_be_had_as_they_were_digitised(mirror, raw):
    points = load_table("colpret", "gpt3-points", mirror)
    validation = raw("raw_data/gpt3/extracted.csv").dropna(subset="val_loss")

    assert points["loss"].tolist() == validation["val_loss"].tolist()
    assert np.allclose(points["n_tokens"], validation["step"] * 1e9)
    assert list(points.columns) == ["family", "run", "n_params", "n_tokens", "loss"]


def test_olmo_sizes_report_different_validation_columns(load, raw):
    frame = load("colpret", "olmo").frame

    assert frame.groupby("family")["run"].unique().map(sorted).to_dict() == {
        "olmo-1b": ["OLMo-1B"],
        "olmo-7b": ["OLMo-7B", "OLMo-7B-Twin-2T"],
    }
    assert set(zip(frame["family"], frame["eval_set"], strict=True)) == {
        ("olmo-1b", "v2-small-c4_en"),
        ("olmo-7b", "c4_en"),
    }
    theirs = raw("aggregated_eval/olmo.csv")
    counts = theirs.groupby("model_name")[
        ["v2-small-c4_en-validation/CrossEntropyLoss", "c4_en-validation/CrossEntropyLoss"]
    ].count()
    assert counts.loc["OLMo-1B "].tolist() == [735, 0]
    assert counts.loc["OLMo-7B"].tolist() == [0, 529]
    assert counts.loc["OLMo-7B-Twin-2T"].tolist() == [0, 0]


def test_the_twins_loss_is_the_log_of_its_perplexity(load):
    twin = load("colpret", "olmo").frame.query("run == 'OLMo-7B-Twin-2T'")

    assert twin["loss"].iloc[0] == pytest.approx(np.log(90.23265075683594))
    assert len(twin) == 444


def test_olmo_saw_about_four_million_tokens_a_step(load, raw):
    theirs = raw("aggregated_eval/olmo.csv").query("model_name == 'OLMo-7B'")
    labels = theirs["checkpoint"].str.extract(r"step(?P<step>\d+)-tokens(?P<billions>\d+)B").astype(float)
    frame = load("colpret", "olmo").frame
    ours = frame.loc[frame["run"] == "OLMo-7B", "n_tokens"].to_numpy()

    assert len(labels.dropna()) == len(ours) == 529
    assert np.allclose(ours, labels["billions"].sort_values() * 1e9, atol=0.51e9)
    assert np.allclose(ours / labels["step"].sort_values(), 4.42e6, rtol=1e-3)
    # What their makers state: 2T for the twin, 3T for 1B.
    ends = frame.groupby("run")["n_tokens"].max()
    assert ends["OLMo-7B-Twin-2T"] == pytest.approx(2e12, rel=0.01)
    assert ends["OLMo-1B"] == pytest.approx(3.1e12, rel=0.01)


def test_spikes_and_doubled_values_of_the_twin_are_marked(load, raw):
    frame = load("colpret", "olmo").frame
    steps = frame.loc[frame["suspect"], "n_tokens"] / (2160 * 2048)

    assert set(frame.loc[frame["suspect"], "run"]) == {"OLMo-7B-Twin-2T"}
    assert steps.tolist() == [7e3, 47e3, 121e3, 150e3, *np.arange(158e3, 169e3, 1e3)]
    twin = raw("aggregated_eval/olmo.csv").query("model_name == 'OLMo-7B-Twin-2T'").set_index("Step")
    mc4 = twin["mc4_en-validation/CrossEntropyLoss"]
    assert mc4[158_000] == pytest.approx(2.0 * mc4[157_000], rel=0.01)


def test_t5_has_a_metric_of_its_own(load, raw):
    frame = load("colpret", "t5-pile").frame

    assert set(frame["metric"]) == {"ln_val_perplexity_span_corruption"}
    assert frame["loss"].max() < 0.1
    assert frame.groupby("run")["n_params"].first().to_dict() == {
        "base": 247_586_304,
        "large": 783_173_632,
        "xl": 2_849_804_288,
        "xxl": 11_135_426_560,
    }


def test_t5_leaves_out_the_untrained_step_and_counts_tokens_as_configured(load, raw):
    theirs = raw("aggregated_eval/t5_pile.csv", usecols=["steps", "config"])
    frame = load("colpret", "t5-pile").frame
    (config, *_) = theirs["config"].dropna()

    assert (len(theirs), len(frame)) == (807, 803)
    assert "BATCH_SIZE = 2048" in config
    assert "'inputs': 512" in config
    assert frame["n_tokens"].max() == 2_000_000 * 2048 * 512


# --- noisy logs of single runs ----------------------------------------------------------------


def test_k2_is_thinned_to_bins_of_its_training_log(load, raw):
    theirs = raw("aggregated_eval/K2.csv", usecols=["tokens_seen", "k2 training - lm loss"])
    frame = load("colpret", "k2").frame

    assert theirs["tokens_seen"].iloc[0] == 0.0  # left out
    assert (len(theirs), len(frame), frame["n_averaged"].sum()) == (9986, 57, 9978)  # seven spikes
    assert set(frame["n_tokens_total"]) == {1.4e12}
    assert frame["n_params"].unique().tolist() == [65e9]
    assert frame["loss"].iloc[1:].lt(frame["loss"].iloc[:-1].to_numpy()).mean() > 0.9
    assert frame["loss_se"].iloc[-20:].max() < 0.003 < theirs["k2 training - lm loss"].iloc[-1000:].std()


def test_mamba3b_is_thinned_and_marked_for_its_assumed_tokens(load, raw):
    frame = load("colpret", "mamba3b").frame

    assert frame["n_averaged"].sum() == len(raw("aggregated_eval/llm360Mamba3B.csv")) == 44174
    assert len(frame) == 59
    assert frame["suspect"].all()
    assert set(frame["n_params"]) == {3e9}


# --- figures and final losses -----------------------------------------------------------------


def test_lamda_points_are_given_once_and_keep_the_training_flag(load, raw):
    theirs = raw("aggregated_eval/revisiting_lang.csv").query("Domain == 'LM'")
    frame = load("colpret", "lamda").frame

    assert (len(theirs), len(frame)) == (916, 229)
    assert sorted(frame["n_params"].unique()) == [1.68e7, 1.34e8, 2.62e8, 4.53e8, 1.07e9]
    assert frame.groupby("run")["is_training"].sum().to_dict() == {
        "LaMDA-17M": 59,
        "LaMDA-134M": 12,
        "LaMDA-262M": 39,
        "LaMDA-453M": 11,
        "LaMDA-1070M": 11,
    }


def test_lamda_runs_each_begin_at_the_same_value_and_are_marked(load):
    frame = load("colpret", "lamda").frame

    assert frame.groupby("run")["loss"].first().tolist() == [pytest.approx(0.999)] * 5
    assert set(frame["metric"]) == {"loss_relative_to_first_checkpoint"}
    assert frame["suspect"].all()


def test_redpajama_rows_are_put_in_order_and_strays_marked(load, raw):
    frame = load("colpret", "redpajama").frame
    strays = frame[frame["suspect"]]

    assert not raw("raw_data/redPajama/2.4B.csv", header=None)[0].is_monotonic_increasing
    assert frame.groupby("run").size().to_dict() == {"2.4B": 72, "6.7B": 63}
    assert strays.groupby("run").size().to_dict() == {"2.4B": 6, "6.7B": 1}
    assert frame[~frame["suspect"]].groupby("run")["loss"].last().between(1.93, 2.08).all()


def test_sparse_models_have_word_perplexities_and_rows_without_figures_are_left_out(load, raw):
    theirs = raw("raw_data/IBM_MoE.csv")
    frame = load("colpret", "moe").frame

    assert theirs["Model"].notna().sum() == 67
    assert theirs["tokens_seen"].isin(["Pile", "IBM Pile"]).sum() == 5
    assert (len(frame), frame["family"].nunique()) == (61, 7)
    assert set(frame["metric"]) == {"nats_per_word"}
    usable = theirs.dropna(subset="wikitext ppl")
    bytes_per_word = np.log2(usable["wikitext ppl"]) / usable["wikitext bpb"]
    assert bytes_per_word.between(5.33, 5.36).all()  # one word, not one token


def test_sparse_models_tell_all_from_active_parameters(load):
    sizes = load("colpret", "moe").frame.groupby("family")[["n_params", "n_params_active"]].first()

    assert sizes.loc["moe-obsidian-17b-pile"].tolist() == [16.7e9, 4e9]
    assert sizes.loc["moe-st-h1-pile"].tolist() == [4e9, 350e6]
    assert np.isnan(sizes.loc["moe-st-k2-pile", "n_params_active"])


def test_overtrain_has_the_final_losses_of_104_models_by_training_set(load, raw):
    frame = load("colpret", "overtrain").frame
    theirs = raw("raw_data/overtrain/overtrain_downstreams.csv").set_index("name")

    assert frame.groupby("family").size().to_dict() == {
        "overtrain-c4": 34,
        "overtrain-redpajama": 35,
        "overtrain-refinedweb": 35,
    }
    assert frame["loss"].tolist() == theirs.loc[frame["run"], "loss_c4_val"].tolist()
    assert frame["n_tokens"].tolist() == theirs.loc[frame["run"], "D"].tolist()


def test_chinchilla_tokens_come_from_compute_and_five_outliers_are_marked(load):
    frame = load("colpret", "chinchilla").frame

    assert (len(frame), frame["suspect"].sum()) == (245, 5)
    assert frame["n_tokens"].between(2e8, 4e11).all()


# --- what is no training run ------------------------------------------------------------------


def test_learning_curves_are_the_92_of_the_benchmark(mirror):
    curves = load_learning_curves(mirror)
    counts = curves.groupby("domain")[["task", "model"]].apply(lambda rows: len(rows.drop_duplicates()))

    assert counts.to_dict() == {"IC": 72, "NMT": 5, "LM": 5, "BB": 10}
    assert list(curves.columns) == ["domain", "task", "model", "x", "loss", "is_training"]
    assert not curves.duplicated(["domain", "task", "model", "x"]).any()


def test_learning_curves_extrapolate_to_more_examples(mirror):
    ends = (
        load_learning_curves(mirror)
        .groupby(["domain", "task", "model", "is_training"])["x"]
        .agg(["min", "max"])
    )
    fitted = ends.xs(True, level="is_training")
    held_out = ends.xs(False, level="is_training")

    assert len(fitted) == len(held_out) == 92
    assert fitted["max"].lt(held_out["min"]).all()


def test_opt_scores_are_percentages_without_a_loss(mirror):
    scores = load_table("colpret", "opt-scores", mirror)
    tasks = scores.filter(like="bigbench__")

    assert (len(scores), tasks.shape[1]) == (147, 6)
    assert tasks.to_numpy().min() > 1.0
    assert tasks.to_numpy().max() < 100.0
    assert "loss" not in scores
    assert set(scores["n_params"]) == {125e6, 1.3e9, 6.7e9, 13e9, 30e9, 175e9}
