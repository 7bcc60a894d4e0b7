from __future__ import annotations

from bayes_scaling.errors import Findings
from tests.runs.example_tables import family_of_runs


def test_each_family_and_each_finding_is_shown(run, tmp_path):
    path = tmp_path / "runs.csv"
    family_of_runs(sizes=(1e8, 2e8)).to_csv(path, index=False)

    result = run("check", path)

    assert result.exit_code == 0
    assert "runs.csv: 1 family, 2 runs, 20 checkpoints" in result.stdout
    assert "100M–200M" in result.stdout
    assert "warning: too_few_sizes\n" in result.stdout
    assert "base: 2 model sizes" in result.stdout
    assert result.stdout.count("-> ") == result.stdout.count("\nwarning: ") + result.stdout.count("\ninfo: ")
    assert result.stderr == ""


def test_a_table_with_nothing_to_remark_says_so(run, tmp_path, monkeypatch):
    path = tmp_path / "runs.csv"
    family_of_runs().to_csv(path, index=False)
    monkeypatch.setattr("bayes_scaling.runs.RunTable.check", lambda runs: Findings())

    assert run("check", path).stdout.endswith("\nNothing to remark.\n")
