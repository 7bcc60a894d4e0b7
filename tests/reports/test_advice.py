"""Sentences of advice: their figures are those of the gains, and each situation finds its words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.planning import Gains, Situation, Target
from bayes_scaling.planning.gains import COLUMNS
from bayes_scaling.reports import advice_sentences, advice_table

SITUATION = Situation(
    family="mine",
    n_sizes=4,
    n_runs=5,
    n_repeated_sizes=1,
    checkpoints_per_run=6,
    smallest=1e8,
    largest=1.4e9,
    longest=2.8e10,
    extrapolation_decades=0.99,
    prior_share=0.03,
    median=2.0,
    lower=1.9,
    upper=2.12,
)


def row(kind: str, n_params: float, cost_share: float, narrowing: float, **changed) -> dict:
    found = {
        "label": "",
        "kind": kind,
        "n_params": n_params,
        "n_tokens": 20 * n_params,
        "flops": 1e21 * cost_share,
        "cost_share": cost_share,
        "width_before": 0.22,
        "width_after": 0.22 * (1 - narrowing),
        "narrowing": narrowing,
        "narrowing_mean": 1.1 * narrowing,
        "narrowing_final": narrowing,
        "narrowing_checkpoints": narrowing,
        "mc_error": 0.004,
        "is_measurable": narrowing > 0.01,
        "gain_per_flop": narrowing / cost_share if cost_share else np.nan,
    }
    return found | changed


ROWS = [
    row("size", 3e9, 0.2, 0.35, narrowing_final=0.22),
    row("seed", 4e8, 0.003, 0.08),
    row("longer", 1.4e9, 0.1, 0.07),
    row("part", 7e9, 0.1, 0.3),
    row("seed", 1e8, 0.0002, 0.004),
    row("size", 3e7, 0.0001, 0.001),
]


def gains(rows=ROWS, **situation) -> Gains:
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return Gains(Target("mine", 7e9, 1.4e11, 1e21), replace(SITUATION, **situation), 0.4, 0.9, table)


def test_forecast_and_runs_are_told_first():
    first, second, third, *_ = advice_sentences(gains())

    assert first == (
        "mine: a run of 7B on 140B tokens is forecast at 2.000, with a 90 % interval of 1.900 to 2.120 (±5.5 %)."
    )
    assert second.startswith(
        "The fit has 5 runs of 4 sizes (100M–1.4B), about 6 checkpoints of each; 1 size with"
    )
    assert third.startswith(
        "The target has 5 times the parameters of the largest model and 5 times the tokens"
    )


def test_the_most_and_the_best_value_are_named_with_gain_and_cost():
    text = "\n".join(advice_sentences(gains()))

    assert "The most: one run at 3B on 60B tokens narrows it by 35 %, for 20 % of the target's cost." in text
    assert "The best value: another seed at 400M narrows it by 8 %, for 0.3 % of the target's cost." in text
    assert "Then: 1.4B again, on 28B tokens 7 % (10 % of the target's cost)." in text
    assert (
        "Keep the intermediate checkpoints of one run at 3B on 60B tokens: 22 % by its end alone, 35 %"
        in text
    )
    assert "fit again on the way: after 10 % of its cost, 30 %." in text
    assert "Not worth doing for this target: another seed at 100M; a run at 30M" in text
    assert "narrow the interval by more than about 60 %" in text


def test_one_candidate_can_be_both():
    text = "\n".join(advice_sentences(gains(ROWS[:1])))

    assert "It is also the best value" in text
    assert "The best value:" not in text


def test_nothing_that_helps_is_said():
    sentences = advice_sentences(gains(ROWS[-2:]))

    assert "None of the runs looked at would narrow it measurably." in sentences


def test_what_the_draws_cannot_tell_is_not_called_worthless():
    rows = [*ROWS, row("seed", 2e8, 0.001, 0.12, mc_error=0.1, is_measurable=False)]

    unclear, worthless = advice_sentences(gains(rows))[-2:]

    assert unclear.startswith(
        "These draws are too few to tell what others would bring (another seed at 200M)"
    )
    assert "200M" not in worthless


def test_what_costs_nothing_comes_before_runs():
    rows = [row("checkpoints", np.nan, 0.0, 0.18), *ROWS]

    sentences = advice_sentences(gains(rows))

    (free,) = (place for place, text in enumerate(sentences) if text.startswith("At no training cost"))
    (most,) = (place for place, text in enumerate(sentences) if text.startswith("The most"))
    assert free < most
    assert "18 %" in sentences[free]


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        ({"extrapolation_decades": 1.7}, "Warning: the target is 1.7 powers of ten outside"),
        ({"largest": 5e6}, "The target has 1,400 times the parameters"),
        ({"prior_share": 0.8}, "80 % is left: the forecast is mostly borrowed from other families"),
        ({"prior_share": 0.2}, "20 % is left: other families still matter"),
        ({"prior_share": 0.03}, "3 % is left: it rests on the family's own runs"),
        ({"n_repeated_sizes": 0}, "no size with a second seed"),
        ({"checkpoints_per_run": 1}, "only the end of each run"),
        ({"n_runs": 0, "largest": np.nan}, "The fit has no run of this family"),
    ],
)
def test_each_situation_has_its_words(situation, words):
    assert words in "\n".join(advice_sentences(gains(**situation)))


def test_a_target_near_by_has_no_warning():
    assert "Warning" not in "\n".join(advice_sentences(gains()))


def test_a_fit_not_to_be_trusted_is_said_before_all_else():
    assert advice_sentences(gains(), "R-hat 1.4")[0] == "Do not act on this advice: R-hat 1.4."


def test_names_in_the_table_are_the_users_where_there_are_any():
    table = advice_table(gains([row("own", 1.3e9, 0.1, 0.2, label="wide"), row("own", 1.3e9, 0.1, 0.2)]))

    assert table["candidate"].tolist() == ["wide", "1.3B on 26B tokens"]
    assert list(table)[1:] == list(COLUMNS)[1:]
