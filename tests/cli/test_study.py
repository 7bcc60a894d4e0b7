from __future__ import annotations

import json

import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.study import Cluster, StudyStoppedError

SPEC = """
[data]
table = "{table}"
[grid]
n_sizes = [2, 3]
pooling = ["none"]
method = ["least-squares", "laplace"]
[settings.laplace]
chains = 32
draws = 32
"""


@pytest.fixture
def spec(tiny_csv, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(SPEC.format(table=tiny_csv))
    return path


def test_a_study_writes_its_cells_and_summary_and_prints_a_table(run, spec, tmp_path):
    out = tmp_path / "new" / "out"

    result = run("study", spec, "--out", out, "--workers", 1)

    assert result.exit_code == 0
    assert len(pd.read_parquet(out / "cells")) == 8
    assert json.loads((out / "summary.json").read_text())["n_workers"] == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "8 cells on 1 worker"
    assert any(line.startswith("least-squares") for line in lines)
    assert max(len(line) for line in lines if str(tmp_path) not in line) <= 80  # a path is not broken
    assert any(line.startswith("6 done, 2 undetermined, 0 failed") for line in lines)
    assert "\r" not in result.stdout + result.stderr  # no bar where there is no terminal

    again = run("study", spec, "--out", out)

    assert again.exit_code == 0
    assert again.stdout.splitlines()[0] == "8 cells, 8 of them there already"


@pytest.mark.parametrize(
    ("text", "named"),
    [("[data]\n", "neither"), ("[data]\ntable='absent.csv'\n", "absent.csv"), ("data =", "study.toml")],
)
def test_a_bad_spec_is_refused_and_nothing_written(run, tmp_path, text, named):
    (tmp_path / "study.toml").write_text(text)

    result = run("study", tmp_path / "study.toml", "--out", tmp_path / "out")

    assert result.exit_code == 2
    assert named in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


class Finished:
    """What a study hands back, as far as the command looks at it."""

    table = pd.DataFrame({"status": ["failed"], "reason": ["why"]})

    failures = pd.DataFrame(
        [{"family": "f", "n_sizes": 2, "pooling": "none", "method": "laplace", "reason": "why"}]
    )
    is_trusted = False
    summary = {"means_on_same": [], "status": {"done": 1, "failed": 1}, "n_untrusted": 1}  # noqa: RUF012


def test_failed_cells_are_listed_and_the_exit_code_is_3(run, spec, tmp_path, monkeypatch):
    monkeypatch.setattr("bayes_scaling.cli.study.run_study", lambda *arguments, **options: Finished())

    result = run("study", spec, "--out", tmp_path / "out")

    assert result.exit_code == 3
    assert "failed: f, 2 sizes, none, laplace: why" in result.stdout
    assert "1 cell should not be trusted" in result.stdout


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "run the same command to go on"),
        (StudyStoppedError("The study stopped: disk full"), 1, "disk full"),
        (InputError("no scheduler", "one", "Start one.", code="no_scheduler"), 2, "no scheduler"),
    ],
)
def test_a_study_that_ends_early_says_so_with_an_exit_code(
    run, spec, tmp_path, monkeypatch, error, code, said
):
    def ends_early(*_arguments, **_options):
        raise error

    monkeypatch.setattr("bayes_scaling.cli.study.run_study", ends_early)

    result = run("study", spec, "--out", tmp_path / "out")

    assert result.exit_code == code
    assert said in result.stderr


def test_the_options_reach_the_cluster(run, spec, tmp_path, monkeypatch):
    asked = []

    def remember(_spec, _out, cluster, **_options):
        asked.append(cluster)
        raise InputError("enough", "nothing", "Stop.", code="stop")

    monkeypatch.setattr("bayes_scaling.cli.study.run_study", remember)
    run("study", spec, "--out", tmp_path / "out", "--workers", 3, "--scheduler", "tcp://host:8786")

    assert asked == [Cluster("tcp://host:8786", 3)]


def test_what_the_data_do_not_allow_is_said_with_its_reason(run, spec, tmp_path):
    spec.write_text(spec.read_text().replace("n_sizes = [2, 3]", "n_sizes = [1]"))

    result = run("study", spec, "--out", tmp_path / "out", "--workers", 1)

    table = pd.read_parquet(tmp_path / "out" / "cells")
    commonest = table["reason"].value_counts().index[0]
    assert (table["status"] == "undetermined").all()
    assert commonest[:40] in result.stdout
