"""Which rows a group holds, that its figures are those of its rows, and that a bad group is told from a good one."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.baselines import BestSeen, Forecast
from bayes_scaling.evaluation import coverage_of, run_backtest, score_groups, write_backtest
from bayes_scaling.evaluation.groups import ALL_FAMILIES, GROUPS
from bayes_scaling.evaluation.macro import macro_mean
from tests.baselines.families import family_rows, table
from tests.evaluation.fakes import NOISE_SD, GivesUpOn, KnowsTheTruth, many_families

ROWS = pd.DataFrame(
    [
        ("two-fold", 2.0, 1, "final points", False, False),
        ("three-fold", 3.0, 2, "trajectories", True, False),
        ("three-fold", 1.5, 2, "trajectories", True, True),
        ("five-fold", 5.0, 3, "trajectories", False, False),
        ("ten-fold", 10.0, 4, "final points", False, True),
        ("many", 1.2, 6, "final points", True, False),
        ("new", np.nan, 0, "trajectories", False, False),
    ],
    columns=["family", "size_ratio", "n_train_sizes", "data_kind", "is_schedule", "is_repeated"],
)


@pytest.fixture(scope="module")
def mixed():
    """Forty families of five sizes, and forty of two with a bigger step, whose loss is off by 2 %."""
    wide = (family_rows(f"wide-{n:02d}", noise_sd=NOISE_SD, seed=n) for n in range(40))
    few = (family_rows(f"few-{n:02d}", (1e8, 1e9), noise_sd=NOISE_SD, seed=90 + n) for n in range(40))
    return table(*wide, *few)


@pytest.fixture(scope="module")
def too_sure_of_few(mixed):
    """A forecaster that is honest about families of five sizes, and much too sure of those of two."""

    class TooSureOfFew(KnowsTheTruth):
        def forecast(self, train, points, *, seed):
            honest, sure = (KnowsTheTruth(width).forecast(train, points, seed=seed) for width in (1.0, 0.2))
            is_few = points["family"].str.startswith("few").to_numpy()
            return Forecast(np.where(is_few, sure.draws, honest.draws))

    return run_backtest(mixed, TooSureOfFew(), [BestSeen()])


def test_each_group_holds_the_rows_with_its_property():
    held = {group.label: sorted(set(ROWS.loc[group.holds(ROWS), "family"])) for group in GROUPS}

    assert held == {
        "all families": ["five-fold", "many", "new", "ten-fold", "three-fold", "two-fold"],
        "up to 2x in size": ["many", "two-fold"],
        "2x to 5x in size": ["five-fold", "three-fold"],
        "over 5x in size": ["ten-fold"],
        "no training size": ["new"],
        "1 training size": ["two-fold"],
        "2 training sizes": ["three-fold"],
        "3 training sizes": ["five-fold"],
        "at most 3 training sizes": ["five-fold", "three-fold", "two-fold"],
        "4-5 training sizes": ["ten-fold"],
        "6+ training sizes": ["many"],
        "trajectories": ["five-fold", "new", "three-fold"],
        "final points": ["many", "ten-fold", "two-fold"],
        "schedules": ["many", "three-fold"],
        "repeated epochs": ["ten-fold", "three-fold"],
    }


def test_reach_is_the_family_s_largest_and_repetition_the_row_s_own():
    label_to_rows = {group.label: ROWS[group.holds(ROWS)] for group in GROUPS}

    assert label_to_rows["2x to 5x in size"]["size_ratio"].tolist() == [3.0, 1.5, 5.0]
    assert label_to_rows["repeated epochs"]["size_ratio"].tolist() == [1.5, 10.0]


def test_labels_are_unique():
    assert len({group.label for group in GROUPS}) == len(GROUPS)


def test_the_group_of_all_has_the_figures_of_the_whole(too_sure_of_few):
    everything = too_sure_of_few.groups.set_index("group").loc[ALL_FAMILIES]
    summary = too_sure_of_few.summary

    names = ("crps_mean", "interval_score_mean", "log_score_mean", "are_mean", "log_bias_mean", "width_mean")
    assert [everything[name] for name in ("crps", "interval_score", "log_score", "are", "bias", "width")] == [
        pytest.approx(summary[name]) for name in names
    ]
    assert {level: everything[f"coverage{level}"] for level in ("50", "80", "90", "95")} == summary[
        "coverage"
    ]
    assert (everything["n_families"], everything["n_rows"]) == (80, summary["n_rows"])


def test_a_group_s_figures_are_those_of_its_rows_alone(too_sure_of_few):
    rows = too_sure_of_few.table.query("n_train_sizes == 1")
    group = score_groups(too_sure_of_few.table).set_index("group").loc["1 training size"]

    assert (group["n_families"], group["n_rows"]) == (40, len(rows))
    assert group["crps"] == pytest.approx(macro_mean(rows, "log_crps"))
    assert group["interval_score"] == pytest.approx(macro_mean(rows, "log_interval_score_90"))
    assert group["are"] == pytest.approx(macro_mean(rows, "are"))
    assert group["bias"] == pytest.approx(macro_mean(rows, "log_bias"))
    for level in coverage_of(rows).table.to_dict("records"):
        name = f"coverage{100 * level['nominal']:.0f}"
        assert [group[name], group[f"{name}_low"], group[f"{name}_high"]] == [
            level["observed"],
            level["band_low"],
            level["band_high"],
        ]


def test_every_family_counts_the_same_in_a_group():
    long = family_rows("long", n_checkpoints=40, noise_sd=NOISE_SD, seed=0)
    short = family_rows("short", n_checkpoints=4, noise_sd=NOISE_SD, seed=1)
    result = run_backtest(table(long, short), KnowsTheTruth())
    trajectories = result.groups.set_index("group").loc["trajectories"]

    assert result.table["family"].value_counts().to_dict() == {"long": 4, "short": 1}
    for name, column in {
        "are": "are",
        "bias": "log_bias",
        "crps": "log_crps",
        "log_score": "log_score",
        "interval_score": "log_interval_score_90",
    }.items():
        of_families = result.table.groupby("family")[column].mean().mean()
        assert of_families != pytest.approx(result.table[column].mean(), rel=0.01)
        assert trajectories[name] == pytest.approx(of_families)


def test_the_width_is_that_of_the_90_percent_interval_on_log_loss(too_sure_of_few):
    """A normal's central 90 % is 2 x 1.645 standard deviations wide."""
    width = too_sure_of_few.groups.set_index("group")["width"]

    assert width["4-5 training sizes"] == pytest.approx(3.29 * NOISE_SD, rel=0.05)
    assert width["1 training size"] == pytest.approx(3.29 * 0.2 * NOISE_SD, rel=0.05)


def test_intervals_that_fail_in_one_group_only_are_found_there(too_sure_of_few):
    groups = too_sure_of_few.groups.set_index("group")

    assert groups.loc["1 training size", "coverage90_high"] < 0.6
    assert groups.loc["over 5x in size", "coverage90_high"] < 0.6  # the same families: 10 x beyond
    honest = groups.loc["4-5 training sizes"]
    assert honest["coverage90_low"] < 0.9 < honest["coverage90_high"]


def test_a_group_without_families_has_a_row_without_figures(too_sure_of_few):
    groups = too_sure_of_few.groups.set_index("group")

    assert len(groups) == len(GROUPS)
    assert groups.loc["schedules", ["n_families", "n_rows"]].tolist() == [0, 0]
    assert groups.loc["schedules", ["coverage90", "coverage90_low", "crps", "are"]].isna().all()


def test_families_that_got_no_forecast_are_counted_in_their_groups():
    result = run_backtest(many_families(3), GivesUpOn("family-001"))
    group = result.groups.set_index("group").loc["trajectories"]

    assert (group["n_families"], group["n_failed_families"]) == (3, 1)


def test_the_summary_has_every_group_by_its_label_for_every_method(too_sure_of_few, tmp_path):
    _, path = write_backtest(too_sure_of_few, tmp_path)
    summary = json.loads(path.read_text(encoding="utf-8"))

    few = too_sure_of_few.groups.set_index("group").loc["1 training size"]
    assert list(summary["groups"]) == [group.label for group in GROUPS]
    assert summary["groups"]["1 training size"]["coverage90"] == few["coverage90"]
    assert summary["groups"]["1 training size"]["n_families"] == 40
    assert summary["groups"]["schedules"]["crps"] is None
    best_seen = summary["baselines"]["best-seen"]["groups"]["1 training size"]
    assert best_seen["are"] > few["are"]
    assert best_seen["coverage90"] is None
