"""What the benchmarks say of their own targets."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.runs import RunTable, read_runs
from bayes_scaling.study import make_spec
from bayes_scaling.study.columns import as_table
from bayes_scaling.study.plan import PlannedCell
from bayes_scaling.study.run_cell import finished_row
from tests.baselines.families import family_rows
from tests.study.test_cell import CELL

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def speed(monkeypatch):
    """The benchmark as it is when it runs as a script, its own folder on the path."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("speed")


@pytest.fixture
def simulated(monkeypatch):
    """The study of simulated families, as a script that processes of its own can follow."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.setenv("PYTHONPATH", str(BENCHMARKS.parent))
    return importlib.import_module("study_simulated")


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


@pytest.fixture
def findings(monkeypatch):
    """The tables of the findings, as they run as a script."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("study_findings")


@pytest.fixture
def three_windows() -> pd.DataFrame:
    """Cells of two families whose error doubles with each doubling of the distance; pooling halves it."""
    counts = {"n_train_runs": 3, "n_train_rows": 9, "status": "done", "covered_90": 1.0, "width_90": 0.1}
    rows = [
        finished_row(
            PlannedCell(
                replace(CELL, family=family, train_share=float("inf"), window=window, pooling=pooling),
                f"{family}-{window}-{pooling}",
            ),
            {
                **counts,
                "size_ratio": 2.0**window,
                "train_flops": 1e20 / 4**window,
                "are": error * 2.0**window,
            },
        )
        for family in ("f", "g")
        for window in (1, 2, 3)
        for pooling, error in (("none", 0.01), ("population", 0.005))
    ]
    return as_table(rows)


def test_the_price_of_distance_is_found(findings, three_windows):
    table = findings.per_doubling(three_windows)

    assert table["factor"].tolist() == ["2.00", "2.00"]
    assert table["families"].tolist() == [2, 2]


def test_what_pooling_is_worth_is_printed_by_family(findings, three_windows, capsys):
    findings.print_pooling(three_windows)

    printed = capsys.readouterr().out
    assert "| g | 1 | 3 | 4.67 | 2.33 | 2.00 | 2.00-2.00 |" in printed


def test_only_sets_of_runs_of_equal_cost_are_compared(findings, three_windows):
    more = three_windows.assign(n_sizes=5, size_ratio=8.5, are=0.08, key=lambda rows: rows["key"] + "-5")
    dear, equal = (
        pd.concat([three_windows, more.assign(train_flops=cost)]) for cost in (1e22, 1e20 / 4 * 1.5)
    )

    assert findings.equal_compute(dear).empty
    assert findings.equal_compute(equal)["ratio of errors"].tolist() == ["4.00", "8.00"]


# --- simulated families through a study -------------------------------------------------------


def test_simulated_tables_are_the_beginnings_of_the_largest(simulated, tmp_path):
    tables = {n: read_runs(str(path)) for n, path in simulated.write_tables(tmp_path, 8, 20).items()}

    assert list(tables) == [2, 4, 8]
    assert tables[8].n_runs == 8 * 20
    assert tables[8].select(tables[2].families) == tables[2]
    assert tables[8].frame.groupby("family")["loss"].nunique().eq(20 * 6).all()


def test_growth_is_the_slope_on_doubled_families_and_a_miss_is_named(simulated):
    quadratic = {n: {"seconds": n**2 / 100, "cpu_seconds": 3.0 * n, "gib": 5.0} for n in (50, 100, 200)}

    rows = {figure: measured for figure, measured, _ in simulated.target_rows(quadratic, quadratic)}

    assert rows["study, exponent of growth, seconds"] == "2.00 (*missed*)"
    assert rows["study, the same, processor seconds"] == "1.00"
    assert rows["joint fit, largest process, GiB"] == "5.00 (*missed*)"


def test_what_was_measured_is_not_measured_again(simulated, tmp_path):
    (tmp_path / "joint-2.json").write_text('{"seconds": 7.0}')

    assert simulated.Bench(tmp_path, {2: tmp_path / "absent.parquet"}).joint(2) == {"seconds": 7.0}


@pytest.mark.slow
def test_simulated_families_go_through_a_study_on_a_cluster_of_processes(simulated, tmp_path, monkeypatch):
    monkeypatch.setattr(simulated, "N_SIZES", (2,))
    monkeypatch.setattr(simulated, "POOLINGS", ("none",))
    table = simulated.write_tables(tmp_path, 2, 10)[2]

    with simulated.own_cluster() as cluster:
        record = simulated.measure_study(table, tmp_path / "out", cluster.address)

    assert record["status"] == {"done": 2, "undetermined": 0, "failed": 0}
    assert [line["n_cells"] for line in record["scores"]] == [2]
    assert 0.0 <= record["scores"][0]["covered_90"] <= 1.0
    assert 0.1 < record["worker_gib"] < 4.0
    assert cluster.usage["worker"].ru_utime > cluster.usage["scheduler"].ru_utime > 0.0
    assert not cluster.is_running


@pytest.mark.slow
def test_simulated_families_go_through_the_joint_fit(simulated, tmp_path):
    record = simulated.measure_joint(simulated.write_tables(tmp_path, 4, 10)[4])

    assert record["rows"] == 4 * 8 * 6
    assert record["are"] < 0.05
    assert record["r_hat_max"] < 1.2
    assert record["seconds"] > 0.0
