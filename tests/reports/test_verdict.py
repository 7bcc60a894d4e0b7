from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.errors import Severity
from bayes_scaling.evaluation import run_backtest
from bayes_scaling.reports import judge_backtest
from bayes_scaling.reports.verdict import judge_groups
from tests.reports.made_up import Guess, make_backtest, make_runs

FAMILIES = [f"family {place}" for place in range(40)]


@pytest.mark.parametrize(
    ("claimed_sd", "meaning", "severity"),
    [
        (0.004, "too narrow", Severity.WARNING),
        (0.02, "keeps its promise", Severity.INFO),
        (0.2, "wider than it needs to be", Severity.INFO),
    ],
)
def test_the_words_follow_the_coverage(claimed_sd, meaning, severity):
    verdict = judge_backtest(make_backtest(make_runs(FAMILIES), error_sd=0.02, claimed_sd=claimed_sd))

    assert meaning in verdict.sentence
    assert verdict.severity is severity


def test_the_figures_are_the_result_s_own():
    result = make_backtest(make_runs(FAMILIES))
    row = result.coverage().table.set_index("nominal").loc[0.9]
    figures = [int(figure) for figure in re.findall(r"\d+", judge_backtest(result).sentence)]

    shares = [round(100 * row[name]) for name in ("observed", "band_low", "band_high")]
    assert figures == [90, shares[0], row["n_rows"], row["n_families"], *shares[1:]]


def test_few_families_are_not_enough_for_praise():
    verdict = judge_backtest(make_backtest(make_runs(FAMILIES[:2]), error_sd=0.01, claimed_sd=0.02))

    assert "too few families" in verdict.sentence


def test_the_best_baseline_is_named():
    result = make_backtest(make_runs(FAMILIES))

    assert "the best baseline, huber-lbfgs, was off by" in judge_backtest(result).detail


def test_without_baselines_none_is_named():
    verdict = judge_backtest(run_backtest(make_runs(FAMILIES[:3]), Guess("alone", 0.01, 0.01)))

    assert "baseline" not in verdict.detail


def test_families_without_a_forecast_spoil_the_verdict():
    runs = make_runs(FAMILIES)
    verdict = judge_backtest(run_backtest(runs, Guess("gave up once", 0.01, 0.01, fails_on=FAMILIES[7])))

    assert verdict.detail.startswith("1 family got no forecast at all")
    assert verdict.severity is Severity.WARNING


def test_a_method_without_intervals_is_told_so():
    verdict = judge_backtest(run_backtest(make_runs(FAMILIES[:3]), Guess("point", 0.01, 0.0, is_point=True)))

    assert "no intervals" in verdict.sentence
    assert verdict.severity is Severity.WARNING


def groups(**bands: tuple[float, float]) -> pd.DataFrame:
    """Groups whose 90 % coverage is in the middle of the given band."""
    low, high = (np.array(ends) for ends in zip(*bands.values(), strict=True))
    return pd.DataFrame(
        {
            "group": [name.replace("_", " ") for name in bands],
            "coverage90": (low + high) / 2,
            "coverage90_low": low,
            "coverage90_high": high,
        }
    )


def test_groups_are_named_where_their_band_leaves_the_promise_out():
    sentence = judge_groups(
        groups(
            all_families=(0.5, 0.6), few=(0.4, 0.89), many=(0.8, 0.95), points=(0.91, 1.0), curves=(0.2, 0.3)
        )
    )

    assert (
        sentence
        == "Too narrow in 2 of 4 groups: few and curves. Wider than they need to be in 1 of 4 groups: points."
    )


def test_where_all_groups_hold_none_is_named():
    sentence = judge_groups(groups(all_families=(0.8, 0.95), few=(0.5, 0.95), empty=(np.nan, np.nan)))

    assert sentence == "In no group do the intervals break their promise, as far as its families can tell."
