"""The 192 curves: what their names say, and the units they are in."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bayes_scaling.datasets import load_table
from bayes_scaling.datasets.readers.curve_names import parse_curve_name


@pytest.fixture(scope="module")
def archive(mirror):
    with np.load(mirror / "nslpfn" / "colpret.npz") as opened:
        return {name: opened[name] for name in opened.files}


@pytest.fixture(scope="module")
def curves(load):
    return load("curves").frame


def test_every_name_is_understood(archive):
    parts = Counter(parse_curve_name(name).part for name in archive)

    assert parts == {
        "pythia": 40,
        "overtrain": 59,
        "amber": 1,
        "pythia-branches": 4,
        "repeats": 76,
        "mixtures": 12,
    }
    assert sum(parts.values()) == 192


@pytest.mark.parametrize(
    ("name", "family", "n_params"),
    [
        ("pythia-1.4b", "curves-pythia", 1.4e9),
        ("pythia-410m-deduped-5shot-v0", "curves-pythia-deduped-5shot-v0", 410e6),
        ("pythia-350m-deduped", "curves-pythia-deduped-legacy", 350e6),
        ("pythia-bf16-1b", "curves-pythia-bf16", 1e9),
        ("pythia-long-intervention-1.3b-deduped", "curves-pythia-long-intervention", 1.3e9),
        ("OPT-0.17T", "curves-opt", 175e9),
        ("OPT-0.12B", "curves-opt", 125e6),
        ("GPT-3 Large", "curves-gpt3", 760e6),
        ("GPT2-8.70B-oscar-44.0", "curves-gpt2-oscar-44ep", 8.7e9),
        ("OLMo-1B ", "curves-olmo-1b", 1e9),
        ("lambda-16.80M", "curves-lamda", 16.8e6),
        ("pile-t5-xxl", "curves-t5-pile", 11_135_426_560),
        ("redPajama2.4", "curves-redpajama", 2.4e9),
        ("chin1790000000", "curves-chinchilla", 1.79e9),
        ("Amber", "curves-amber", 6.7e9),
        ("c4_original-d=576_l=24_h=8-4.0", "curves-overtrain-c4", 153_677_376),
        ("SlimPajama_DoReMi_mix", "curves-mixtures", None),
    ],
)
def test_names_tell_family_and_size(name, family, n_params):
    label = parse_curve_name(name)

    assert (label.family, label.n_params) == (family, n_params)


def test_an_unknown_name_is_an_error():
    with pytest.raises(ValueError, match="no rule for the curve 'llama-7b'"):
        parse_curve_name("llama-7b")


def test_every_run_with_a_size_can_be_loaded(load, archive):
    everything = load("curves", "pythia", "overtrain", "amber", "pythia-branches", "repeats").frame

    assert set(everything["run"]) == {
        name.strip() for name in archive if parse_curve_name(name).part != "mixtures"
    }
    assert everything.groupby(["family", "run"]).ngroups == 180


def test_runs_that_colpret_gives_are_not_loaded_unless_asked_for(curves):
    asked_for_only = {
        "curves-pythia-intervention",
        "curves-gpt3",
        "curves-opt",
        "curves-lamda",
        "curves-chinchilla",
    }

    assert set(curves["family"]).isdisjoint(asked_for_only)
    assert (curves["family"].nunique(), curves.groupby(["family", "run"]).ngroups, len(curves)) == (
        12,
        100,
        17129,
    )


def test_values_become_natural_logarithms(load, archive):
    last = load("curves", "pythia", "repeats").frame.groupby("run")["loss"].last()

    assert last["pythia-12b"] == pytest.approx(archive["pythia-12b"][1, -1] * np.log(2.0))
    assert last["OPT-0.17T"] == pytest.approx(np.log(9.768875130499486))
    assert last["GPT2-2.80B-c4-1.0"] == 2.5760576725006104
    assert last["pile-t5-base"] == pytest.approx(0.0716181499162921 * np.log(2.0))


def test_opt_and_t5_agree_with_colpret(load):
    ours = load("curves", "repeats").frame.set_index(["family", "n_params"])["loss"]
    theirs = load("colpret", "opt", "t5-pile").frame

    for family in ("opt", "t5-pile"):
        for n_params, rows in theirs[theirs["family"] == family].groupby("n_params"):
            assert np.allclose(ours[f"curves-{family}", n_params], rows["loss"]), (family, n_params)


def test_early_pythia_versions_have_all_their_tokens(curves, archive):
    pythia = curves[curves["family"].str.startswith("curves-pythia")]
    ends = pythia.groupby("run")["n_tokens"].max()

    assert set(ends) == {143_000 * 2_097_152}
    assert archive["pythia-410m-v0"][0].max() == 71_500 * 2_097_152
    assert archive["pythia-12b-v0"][0].max() == 143_000 * 2_097_152


def test_points_given_twice_are_averaged(curves, archive):
    run = curves[curves["run"] == "pythia-6.9b-deduped"]
    tokens, log2 = archive["pythia-6.9b-deduped"]

    assert (len(tokens), len(run)) == (35, 20)
    assert run["loss"].iloc[-1] == pytest.approx(log2[tokens == tokens.max()].mean() * np.log(2.0))
    assert run["n_averaged"].sum() == 35


def test_over_train_sizes_have_several_planned_lengths(curves):
    runs = curves[curves["family"] == "curves-overtrain-c4"].groupby("run").last()
    medium = runs[runs["n_params"] == 153_677_376].sort_values("n_tokens_total")

    assert runs.groupby("n_params").size().to_dict() == {
        10_569_312: 4,
        78_914_048: 6,
        153_677_376: 7,
        411_616_256: 4,
    }
    assert (medium["n_tokens_total"] / medium["n_params"] / 20).round(2).tolist() == [
        0.25,
        0.5,
        1,
        2,
        4,
        8,
        16,
    ]


def test_a_curve_that_stops_early_keeps_its_planned_length(curves):
    stopped = curves[curves["run"] == "c4_original-d=576_l=24_h=8-16.0"].iloc[-1]

    assert stopped["n_tokens"] / stopped["n_tokens_total"] == pytest.approx(0.252, abs=1e-3)


def test_an_odd_last_window_is_marked(curves):
    run = curves[curves["run"] == "c4_original-d=512_l=8_h=4-0.25"]

    assert run["suspect"].tolist() == [False] * 15 + [True]
    assert run["loss"].iloc[-1] > 1.15 * run["loss"].iloc[-2]
    assert curves["suspect"].sum() == 9


def test_mixtures_have_no_size_and_are_a_plain_table(mirror):
    mixtures = load_table("curves", "mixtures", mirror)

    assert (mixtures["mixture"].nunique(), len(mixtures)) == (12, 240)
    assert list(mixtures.columns) == ["mixture", "n_tokens", "loss"]
