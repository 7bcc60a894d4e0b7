"""What the benchmarks say of their own targets."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.runs import RunTable
from bayes_scaling.study import make_spec
from tests.baselines.families import family_rows

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def speed(monkeypatch):
    """The benchmark as it is when it runs as a script, its own folder on the path."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("speed")


@pytest.mark.parametrize("number", [float, np.float64])
def test_a_figure_that_misses_its_target_is_named(speed, number, capsys):
    rows = [
        speed.at_most("too slow", number(1.05), 1.0),
        speed.at_most("in time", number(1.0), 1.0),
        speed.at_least("too few", number(399.0), 400.0),
    ]

    assert speed.print_rows(iter(rows)) == ["too slow", "too few"]
    assert "| too slow |" in capsys.readouterr().out


@pytest.fixture
def posterior_findings(monkeypatch):
    """What the findings take from a joint fit, as they run as a script."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("study_posterior")


def test_shares_of_variance_between_groups_are_those_of_the_simulation(posterior_findings):
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 5)
    found = [
        posterior_findings.between_share(
            rng.normal(0.0, between, 60)[groups] + rng.normal(0.0, 1.0, 300), groups
        )
        for between in (0.0, 1.0, 3.0)
    ]

    np.testing.assert_allclose(found, [0.0, 0.5, 0.9], atol=0.12)


def test_directions_without_spread_do_not_count(posterior_findings):
    line = np.random.default_rng(0).normal(size=(500, 1)) * np.array([1.0, -2.0, 3.0])
    plane = np.random.default_rng(1).normal(size=(500, 2))

    assert posterior_findings.effective_dimension(posterior_findings.shares(line)) == pytest.approx(1.0)
    assert posterior_findings.effective_dimension(posterior_findings.shares(plane)) == pytest.approx(
        2.0, abs=0.05
    )


def test_runs_of_one_configuration_are_found_and_repeated_data_is_another(posterior_findings):
    rows = family_rows("f", sizes=(1e8, 3e8)).assign(n_unique_tokens=1e12)
    again = rows.assign(run=rows["run"] + "-again", loss=rows["loss"] * 1.02)
    repeated = rows.assign(run=rows["run"] + "-repeated", n_unique_tokens=1e9)
    runs = RunTable.from_frame(pd.concat([rows, again, repeated], ignore_index=True))

    pairs = posterior_findings.near_replicates(runs)

    assert pairs["n_params"].tolist() == [1e8, 3e8]
    np.testing.assert_allclose(pairs["difference"], np.log(1.02))


def test_every_question_of_the_findings_is_a_grid(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    questions = importlib.import_module("study_questions")

    for question in questions.QUESTIONS:
        assert make_spec(questions.spec_content(question)).axes["train_share"]
