"""A back-test of forecasters whose honesty is known, and the files it leaves."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.baselines import BestSeen, Forecast, LeastSquares
from bayes_scaling.errors import InputError
from bayes_scaling.evaluation import backtest_files, run_backtest, write_backtest
from bayes_scaling.evaluation.predictions import CONTRACT_COLUMNS
from tests.baselines.families import family_rows, table
from tests.evaluation.fakes import NOISE_SD, GivesUpOn, KnowsTheTruth, Recorder, many_families

CONTRACT_SUMMARY = {
    "n_families",
    "coverage",
    "are_median",
    "are_mean",
    "crps_mean",
    "fit_seconds",
    "r_hat_max",
    "ess_min",
    "n_divergent",
    "baselines",
}


@pytest.fixture(scope="module")
def runs():
    return many_families()


@pytest.fixture(scope="module")
def honest(runs):
    return run_backtest(runs, KnowsTheTruth(), [BestSeen(), LeastSquares()])


@pytest.fixture(scope="module")
def too_sure(runs):
    return run_backtest(runs, KnowsTheTruth(width=0.4))


# --- honesty is told from conceit -------------------------------------------------------------


def test_honest_intervals_have_their_nominal_coverage(honest):
    coverage = honest.coverage().table

    assert coverage["observed"].to_numpy() == pytest.approx([0.5, 0.8, 0.9, 0.95], abs=0.07)
    assert coverage["nominal"].between(coverage["band_low"], coverage["band_high"]).all()


def test_intervals_too_narrow_are_found_out(too_sure):
    coverage = too_sure.coverage()

    assert coverage.observed(0.9) < 0.65
    assert (coverage.table["band_high"] < coverage.table["nominal"]).all()


def test_the_pit_of_an_honest_forecast_is_flat_and_of_one_too_sure_piles_up_at_the_ends(honest, too_sure):
    def share_at_the_ends(result):
        return np.mean((result.pit < 0.1) | (result.pit > 0.9))

    assert share_at_the_ends(honest) == pytest.approx(0.2, abs=0.08)
    assert share_at_the_ends(too_sure) > 0.45


def test_the_honest_forecast_scores_better_than_one_too_sure(honest, too_sure):
    assert honest.summary["crps_mean"] < too_sure.summary["crps_mean"]
    assert honest.summary["log_score_mean"] > too_sure.summary["log_score_mean"]


def test_crps_of_the_truth_is_that_of_its_noise(honest):
    """The expected CRPS of an honest normal forecast is sd / sqrt(pi)."""
    assert honest.summary["crps_mean"] == pytest.approx(NOISE_SD / np.sqrt(np.pi), rel=0.15)


# --- the table and the summary ----------------------------------------------------------------


def test_the_table_begins_with_the_columns_of_the_contract_and_has_one_row_for_each_scored_checkpoint(
    honest, runs
):
    largest = runs.frame.query("n_params == 1e10")
    scored = largest[largest["n_tokens"] >= 0.7 * largest["n_tokens"].max()]

    assert tuple(honest.table)[: len(CONTRACT_COLUMNS)] == CONTRACT_COLUMNS
    pd.testing.assert_frame_equal(
        honest.table[["family", "run", "n_params", "n_tokens", "loss"]],
        scored[["family", "run", "n_params", "n_tokens", "loss"]].reset_index(drop=True),
    )


def test_quantiles_rise(honest):
    quantiles = honest.table[["q025", "q05", "q10", "q25", "median", "q75", "q90", "q95", "q975"]]

    assert (quantiles.diff(axis=1).iloc[:, 1:] > 0).to_numpy().all()


def test_each_row_says_how_far_beyond_its_family_it_lies():
    rows = family_rows(sizes=(1e8, 1e9, 1e10), last_tokens=1e11)

    result = run_backtest(table(rows), Recorder()).table

    assert result["size_ratio"].tolist() == pytest.approx([10.0] * len(result))
    assert result.loc[result["is_final"], "extrapolation_decades"].tolist() == pytest.approx([1.0])
    assert result["is_final"].sum() == 1


def test_the_summary_has_the_fields_of_the_contract(honest):
    summary = honest.summary

    assert set(summary) >= CONTRACT_SUMMARY
    assert summary["n_families"] == 60
    assert list(summary["coverage"]) == ["50", "80", "90", "95"]
    assert set(summary["baselines"]) == {"best-seen", "least-squares"}
    assert all(set(each) >= {"are_mean", "crps_mean", "coverage"} for each in summary["baselines"].values())
    assert summary["fit_seconds"] > 0.0


def test_means_are_over_families(honest):
    by_family = honest.table.groupby("family")[["are", "log_crps"]].mean()

    assert honest.summary["are_mean"] == pytest.approx(by_family["are"].mean())
    assert honest.summary["are_median"] == pytest.approx(by_family["are"].median())
    assert honest.summary["crps_mean"] == pytest.approx(by_family["log_crps"].mean())


def test_the_final_error_is_that_of_last_checkpoints(honest):
    final = honest.table[honest.table["is_final"]]

    assert len(final) == 60
    assert honest.summary["are_final_mean"] == pytest.approx(final["are"].mean())


def test_a_point_forecast_has_errors_but_no_intervals(honest):
    points = honest.baseline_tables["least-squares"]

    assert points[["q05", "q25", "q75", "q95", "pit", "log_score"]].isna().all(axis=None)
    np.testing.assert_allclose(points["crps"], (points["median"] - points["loss"]).abs())
    assert honest.summary["baselines"]["least-squares"]["coverage"] == dict.fromkeys(["50", "80", "90", "95"])


def test_diagnostics_of_all_fits_are_joined_at_their_worst():
    figures = iter(
        [
            {"r_hat_max": 1.01, "ess_min": 300.0, "n_divergent": 2.0, "fit_seconds": 5.0},
            {"r_hat_max": 1.20, "ess_min": 900.0, "n_divergent": 0.0, "fit_seconds": 7.0},
            {"r_hat_max": 1.00, "ess_min": 100.0, "n_divergent": 1.0, "fit_seconds": 1.0},
        ]
    )

    class Sampled(KnowsTheTruth):
        def forecast(self, train, points, *, seed):
            return Forecast(super().forecast(train, points, seed=seed).draws, diagnostics=next(figures))

    summary = run_backtest(many_families(3), Sampled(), holdout="family").summary

    assert {name: summary[name] for name in ("r_hat_max", "ess_min", "n_divergent", "fit_seconds")} == {
        "r_hat_max": 1.20,
        "ess_min": 100.0,
        "n_divergent": 3.0,
        "fit_seconds": 13.0,
    }


# --- failures are counted ---------------------------------------------------------------------


def test_what_a_baseline_could_not_forecast_is_counted_and_told():
    result = run_backtest(many_families(3), KnowsTheTruth(), [GivesUpOn("family-001")])

    summary = result.summary["baselines"]["gives-up"]
    failed = result.baseline_tables["gives-up"]["median"].isna()

    assert set(result.table.loc[failed, "family"]) == {"family-001"}
    assert (summary["n_failed"], summary["n_failed_families"]) == (failed.sum(), 1)
    assert [(note["code"], note["family"]) for note in summary["notes"]] == [("gave_up", "family-001")]
    shared = result.table[~failed].groupby("family")["are"].mean().mean()
    assert summary["on_same_rows"]["are_mean"] == pytest.approx(shared)


@pytest.mark.parametrize("broken", [np.inf, 0.0, -1.0, np.nan])
def test_a_draw_that_is_no_loss_makes_the_point_a_failure(broken):
    class OneBrokenDraw(KnowsTheTruth):
        def forecast(self, train, points, *, seed):
            draws = np.array(super().forecast(train, points, seed=seed).draws)
            draws[7, 0] = broken
            return Forecast(draws)

    result = run_backtest(many_families(3), OneBrokenDraw())

    assert result.summary["n_failed"] == 1
    assert result.table["crps"].isna().tolist() == [True] + [False] * (len(result.table) - 1)


def test_families_too_small_are_listed():
    runs = table(family_rows("a"), family_rows("one-size", sizes=(1e9,)))

    result = run_backtest(runs, Recorder())

    assert result.summary["skipped_families"] == {"one-size": "all runs have one size"}
    assert set(result.table["family"]) == {"a"}


# --- running ----------------------------------------------------------------------------------


def test_equal_seeds_give_equal_results_and_other_seeds_others(runs, honest):
    again = run_backtest(runs, KnowsTheTruth())
    other = run_backtest(runs, KnowsTheTruth(), seed=1)

    pd.testing.assert_frame_equal(again.table, honest.table)
    assert (other.table["median"] != honest.table["median"]).all()


def test_each_split_has_its_own_seed_and_all_methods_the_same():
    first, second = Recorder(), Recorder(name="second")

    run_backtest(many_families(3), first, [second], holdout="family")

    seeds = [seed for *_, seed in first.seen]
    assert len(set(seeds)) == 3
    assert [seed for *_, seed in second.seen] == seeds


def test_progress_is_told_before_each_fit_and_at_the_end():
    told = []

    run_backtest(
        many_families(2), Recorder(), [BestSeen()], "family", progress=lambda *step: told.append(step)
    )

    assert told == [
        (0, 4, "recorder"),
        (1, 4, "recorder"),
        (2, 4, "best-seen"),
        (3, 4, "best-seen"),
        (4, 4, "done"),
    ]


def test_two_methods_of_one_name_are_refused():
    with pytest.raises(InputError) as problem:
        run_backtest(many_families(2), BestSeen(), [BestSeen()])

    assert problem.value.code == "method_names"


def test_a_forecast_of_another_number_of_points_is_refused():
    class OneTooMany(Recorder):
        def forecast(self, train, points, *, seed):
            return Forecast(np.ones((1, len(points) + 1)), is_point=True)

    with pytest.raises(InputError) as problem:
        run_backtest(many_families(2), OneTooMany())

    assert problem.value.code == "forecast_shape"


def test_the_result_prints_on_one_line(honest):
    assert repr(honest).startswith("<back-test largest-model of truth: 60 families, ")
    assert "\n" not in repr(honest)


# --- files ------------------------------------------------------------------------------------


def test_the_files_hold_the_table_and_the_summary(honest, tmp_path):
    predictions, summary = write_backtest(honest, tmp_path / "new" / "folder")

    assert predictions.name == "predictions.csv"
    assert summary.name == "summary.json"
    assert {path.name for path in predictions.parent.iterdir()} == {"predictions.csv", "summary.json"}
    pd.testing.assert_frame_equal(pd.read_csv(predictions), honest.table, check_dtype=False, check_exact=True)
    assert json.loads(summary.read_text(encoding="utf-8")) == honest.summary


def test_the_summary_file_is_strict_json_where_there_is_no_figure(tmp_path):
    _, summary = write_backtest(run_backtest(many_families(2), Recorder()), tmp_path)

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    figures = json.loads(summary.read_text(encoding="utf-8"), parse_constant=refuse)
    assert figures["r_hat_max"] is None
    assert figures["coverage"]["90"] is None


def test_a_file_that_cannot_be_finished_leaves_the_earlier_one(honest, too_sure, tmp_path, monkeypatch):
    write_backtest(honest, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def run_out_of_disk(*args, **options):
        raise OSError("no space left")

    monkeypatch.setattr(backtest_files.os, "fdopen", run_out_of_disk)

    with pytest.raises(OSError, match="no space left"):
        write_backtest(too_sure, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
