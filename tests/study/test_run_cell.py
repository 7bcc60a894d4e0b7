from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_scaling.baselines import Forecast, NotFittableError
from bayes_scaling.priors.population import fingerprints, shipped_population
from bayes_scaling.study import run_cell as module
from bayes_scaling.study.columns import RESULT_COLUMNS
from bayes_scaling.study.plan import SHIPPED, PlannedCell
from bayes_scaling.study.run_cell import run_cell, score
from bayes_scaling.study.table import split_families
from tests.baselines.families import family_rows, table
from tests.study.test_cell import CELL

TABLES = split_families(
    table(
        *(
            family_rows(label, noise_sd=0.002, n_checkpoints=10, seed=place)
            for place, label in enumerate("abc")
        )
    )
)
QUICK = {"chains": 16, "draws": 16}
HERE = replace(CELL, family="a", n_sizes=4)


TOKENS = np.sort(TABLES["a"].frame["n_tokens"].unique())
"""At a share of 1 a run loses the last of them when it is among the longest."""


def run(cell=HERE, population=None, settings=QUICK, tables=TABLES, **plan):
    return run_cell(tables, population, PlannedCell(cell, "key", **plan), settings)


@pytest.mark.parametrize("method", ["least-squares", "huber", "variable-projection"])
def test_point_methods_recover_the_law_and_claim_no_interval(method):
    row = run(replace(HERE, method=method), settings={})

    assert list(row) == list(RESULT_COLUMNS)
    assert row["status"] == "done"
    assert row["are"] < 0.01
    assert row["crps"] == pytest.approx(abs(row["bias"]), rel=0.2)
    assert row["covered_90"] is row["pit_mean"] is row["width_90"] is None
    assert (row["n_train_sizes"], row["n_train_runs"], row["size_ratio"]) == (4, 4, pytest.approx(10 / 3))
    assert row["train_flops"] == pytest.approx(6 * (1e8 + 3e8 + 1e9 + 3e9) * TOKENS[-2])
    assert row["seconds"] > 0
    assert row["peak_memory_mb"] > 50


def test_a_posterior_covers_the_truth_and_says_how_it_converged():
    row = run()

    assert row["status"] == "done"
    assert row["are"] < 0.02
    assert row["covered_95"] == 1.0
    assert 0 < row["width_90"] < 0.2
    assert 0 < row["pit_mean"] < 1
    assert row["r_hat_max"] >= 1.0
    assert row["ess_min"] > 10
    assert row["n_divergent"] == 0


def test_equal_seeds_give_equal_rows():
    rows = [run(replace(HERE, seed=seed))["are"] for seed in (0, 0, 1)]

    assert rows[0] == rows[1] != rows[2]


def test_a_family_of_one_size_can_be_forecast_from_a_population_alone():
    one_size = replace(HERE, n_sizes=1)

    alone = run(one_size)
    pooled = run(replace(one_size, pooling="population"), prior=SHIPPED)

    assert alone["status"] == "undetermined"
    assert "one model size" in alone["reason"]
    assert pooled["status"] == "done"
    assert pooled["n_train_sizes"] == 1
    assert pooled["width_90"] > 0.1


def test_the_targets_first_part_alone_is_forecast_from_a_population():
    row = run(replace(HERE, n_sizes=0, target_share=0.5, pooling="population"), prior=SHIPPED)

    assert row["status"] == "done"
    assert row["size_ratio"] == 1.0
    assert row["train_flops"] == pytest.approx(6 * 1e10 * TOKENS[TOKENS < 0.5e11][-1])


def test_what_a_forecast_says_is_in_the_row_by_how_much_it_matters():
    row = run(settings={"chains": 4, "draws": 4, "tune": 1})

    assert {"ess", "r_hat"} & set(row["untrusted"].split(", "))
    assert "ess" not in row["warnings"]


def test_rows_of_other_families_narrow_a_joint_fit():
    two_sizes = replace(HERE, n_sizes=2)

    alone = run(two_sizes)
    joint = run(replace(two_sizes, pooling="joint"), others=("b", "c"))

    assert joint["status"] == "done"
    assert joint["width_90"] < alone["width_90"]
    assert joint["n_train_rows"] == alone["n_train_rows"]


def test_nuts_is_a_method_too():
    row = run(replace(HERE, method="nuts"), settings={"chains": 2, "draws": 50, "tune": 50})

    assert row["status"] == "done"
    assert row["are"] < 0.02


@pytest.mark.parametrize(
    ("cell", "plan", "reason"),
    [
        (replace(HERE, drop_tokens=1e15), {}, "no training row"),
        (replace(HERE, method="least-squares", n_sizes=1), {}, "One model size"),
        (HERE, {"obstacle": "3 other families"}, "3 other families"),
    ],
)
def test_what_cannot_be_fitted_is_undetermined_with_its_reason(cell, plan, reason):
    row = run(cell, **plan)

    assert row["status"] == "undetermined"
    assert reason in row["reason"]
    assert row["are"] is None


def test_what_breaks_has_failed_with_the_kind_of_error(monkeypatch):
    def broken(*_arguments):
        raise ZeroDivisionError("in a forecaster")

    monkeypatch.setattr(module, "forecaster_for", broken)

    assert (run()["status"], run()["reason"]) == ("failed", "ZeroDivisionError: in a forecaster")


# --- no scored row reaches a fit --------------------------------------------------------------


def test_a_prior_that_scored_rows_taught_is_refused():
    prior = shipped_population("chinchilla")
    known = fingerprints(TABLES["a"].frame)
    leaky = replace(prior, fingerprints={**prior.fingerprints, "twin": tuple(known)})

    row = run(replace(HERE, pooling="population"), population=leaky)

    assert row["status"] == "failed"
    assert row["reason"].startswith("LeakError")
    assert "twin" in row["reason"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda loss: loss, "failed"),
        (lambda loss: loss.map("{:.4e}".format).astype(float), "failed"),
        (lambda loss: loss.map("{:.4e}".format).astype(float) * (1 + 3e-6), "done"),
    ],
    ids=["the same rows", "the same rows, rounded", "five digits in common by chance"],
)
def test_a_teacher_that_is_at_hand_is_compared_in_all_digits(change, status):
    frame = TABLES["a"].frame
    tables = {**TABLES, "b": table(frame.assign(family="b", loss=change(frame["loss"])))}
    prior = shipped_population("chinchilla")
    taught = replace(prior, fingerprints={"b": tuple(fingerprints(tables["b"].frame))})

    row = run(replace(HERE, pooling="population"), population=taught, tables=tables, prior="lesson")

    assert taught.overlap(frame) == ("b",)
    assert row["status"] == status


def test_other_families_that_hold_scored_rows_are_refused():
    tables = {**TABLES, "twin": split_families(table(TABLES["a"].frame.assign(family="twin")))["twin"]}

    row = run(replace(HERE, pooling="joint"), tables=tables, others=("b", "twin"))

    assert row["status"] == "failed"
    assert row["reason"].startswith("LeakError")


def test_the_losses_of_scored_rows_change_the_scores_and_no_forecast():
    changed = TABLES["a"].frame
    changed.loc[changed["n_params"] == 1e10, "loss"] *= 1.5
    rows = [run(tables={"a": each}) for each in (TABLES["a"], table(changed))]

    # ln(predicted / observed) moves by exactly what the observed losses moved
    assert rows[0]["bias"] - rows[1]["bias"] == pytest.approx(np.log(1.5), abs=1e-9)
    assert rows[0]["width_90"] == rows[1]["width_90"]


# --- scores -----------------------------------------------------------------------------------


def test_scores_of_a_known_forecast():
    draws = np.exp(np.linspace(-0.1, 0.1, 2001))[:, None] * np.array([2.0, 3.0])

    figures = score(Forecast(draws), np.array([2.0, 3.0 * np.exp(0.092)]))

    assert figures["are"] == pytest.approx((1 - np.exp(-0.092)) / 2, abs=1e-6)
    assert figures["bias"] == pytest.approx(-0.046, abs=1e-6)
    assert figures["width_90"] == pytest.approx(0.18, abs=1e-4)
    assert [figures[f"covered_{level}"] for level in (50, 80, 90, 95)] == [0.5, 0.5, 0.5, 1.0]
    assert figures["pit_mean"] == pytest.approx((0.5 + 0.96) / 2, abs=1e-3)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -1.0])
def test_a_forecast_that_is_no_loss_is_none(value):
    with pytest.raises(NotFittableError, match="no finite positive loss"):
        score(Forecast(np.array([[2.0, value]]), is_point=True), np.array([2.0, 2.0]))
