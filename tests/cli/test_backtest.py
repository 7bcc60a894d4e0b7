from __future__ import annotations

import json

import pandas as pd
import pytest

from bayes_scaling.api import load_fit
from bayes_scaling.evaluation.predictions import CONTRACT_COLUMNS
from bayes_scaling.inference import LaplaceSettings, NutsSettings


@pytest.mark.parametrize("holdout", ["largest-model", "top-compute", "family"])
def test_the_three_files_are_written_and_the_scores_printed(run, no_sampling, tiny_csv, tmp_path, holdout):
    out = tmp_path / "new" / "back"

    result = run("backtest", tiny_csv, "--holdout", holdout, "--out", out)

    assert result.exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["predictions.csv", "report.html", "summary.json"]
    predictions = pd.read_csv(out / "predictions.csv")
    assert list(predictions.columns[: len(CONTRACT_COLUMNS)]) == list(CONTRACT_COLUMNS)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["holdout"] == holdout
    assert set(summary["coverage"]) == {"50", "80", "90", "95"}
    assert "Calibration report: tiny.csv" in (out / "report.html").read_text(encoding="utf-8")
    methods = ["hierarchical", *summary["baselines"]]
    lines = result.stdout.splitlines()
    assert [name for name in methods if not any(line.startswith(f"{name} ") for line in lines)] == []
    assert sum(line.startswith(("50 %", "80 %", "90 %", "95 %")) for line in lines) == 4
    assert max(map(len, lines[:-2])) <= 80


def test_the_options_reach_the_split_and_the_sampler(run, monkeypatch, tiny_csv, tmp_path, fit_nc):
    asked = []

    def remember(spec, runs, settings, **options):
        asked.append((runs, settings))
        return load_fit(fit_nc)

    monkeypatch.setattr("bayes_scaling.api.forecaster.fit_posterior", remember)

    given = ("--holdout", "family", "--n-given", 2, "--draws", 9)
    run("backtest", tiny_csv, *given, "--out", tmp_path / "back")
    run("backtest", tiny_csv, *given, "--method", "nuts", "--out", tmp_path / "exact")

    assert [runs.n_runs for runs, _ in asked] == [6, 6, 6, 6]
    assert [settings for _, settings in asked] == [LaplaceSettings(draws=9)] * 2 + [NutsSettings(draws=9)] * 2


def test_what_should_not_be_trusted_is_written_and_exits_with_3(
    run, monkeypatch, untrusted_fit, tiny_csv, tmp_path
):
    monkeypatch.setattr("bayes_scaling.api.forecaster.fit_posterior", lambda *args, **options: untrusted_fit)

    result = run("backtest", tiny_csv, "--out", tmp_path / "back")

    assert result.exit_code == 3
    assert "error: r_hat" in result.stdout
    summary = json.loads((tmp_path / "back" / "summary.json").read_text(encoding="utf-8"))
    assert "error" in {note["severity"] for note in summary["notes"]}


def test_families_that_are_all_of_one_size_apart_from_one_can_be_split(run, no_sampling, tiny, tmp_path):
    path = tmp_path / "runs.csv"
    frame = tiny.frame
    tiny.subset((frame["family"] == "family-0") | (frame["n_params"] == 5e7)).to_csv(path)

    run("backtest", path, "--out", tmp_path / "back")

    summary = json.loads((tmp_path / "back" / "summary.json").read_text(encoding="utf-8"))
    assert summary["skipped_families"] == {"family-1": "all runs have one size"}
