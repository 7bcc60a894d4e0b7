from __future__ import annotations

import pandas as pd
import pytest

from bayes_scaling.names import FAMILY


@pytest.fixture
def without_colpret(monkeypatch, tmp_path):
    """A machine on which only the shipped runs are to be had."""
    monkeypatch.delenv("BAYES_SCALING_MIRROR", raising=False)
    monkeypatch.setenv("BAYES_SCALING_CACHE", str(tmp_path / "cache"))


def test_each_family_is_predicted_and_the_hits_are_counted(run, no_sampling, without_colpret, tmp_path):
    result = run("demo", "--out", tmp_path / "out")

    assert result.exit_code == 0
    predictions = pd.read_csv(tmp_path / "out" / "predictions.csv")
    families = predictions[FAMILY].nunique()
    answers = [line.split()[-1] for line in result.stdout.splitlines() if line.endswith((" yes", " no"))]
    assert len(answers) == families
    assert f"\n{answers.count('yes')} of {families} fell inside their 90 % interval." in result.stdout
    assert f"The calibration report is {tmp_path / 'out' / 'report.html'}" in result.stdout
    assert (tmp_path / "out" / "report.html").is_file()
    assert "bayes-scaling datasets fetch colpret" in result.stdout
    assert max(map(len, result.stdout.splitlines()[:-1])) <= 80
    assert "…" not in result.stdout


def test_colpret_is_used_where_a_mirror_has_it(run, no_sampling, mirror, tmp_path):
    result = run("demo", "--out", tmp_path / "out", "--mirror", mirror)

    assert result.exit_code == 0
    assert "    colpret: " in result.stdout
    assert "gpt3 " in result.stdout
