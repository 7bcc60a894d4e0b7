from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.datasets import load_table
from bayes_scaling.errors import InputError
from bayes_scaling.observational import CUTOFF_FLOPS, ScoreTable, choose_families, fit_components

AXES = np.array([[3.0, 0.0], [0.1, 0.0], [0.0, 3.0], [0.0, 0.1], [1.0, 1.0]])
NAMES = np.array(["wide x", "narrow x", "wide y", "narrow y", "diagonal"])


def test_the_families_that_span_most_are_chosen():
    chosen = choose_families(AXES, NAMES, 2)

    assert chosen.families == ("wide x", "wide y")
    assert chosen.n_models == 2
    assert chosen.variance == pytest.approx((AXES**2).sum() / 9.0)


def test_all_families_together_have_as_much_variance_as_components():
    assert choose_families(AXES, NAMES, 5).variance == pytest.approx(2.0)


def test_a_larger_budget_is_never_worse():
    values = np.random.default_rng(0).normal(size=(24, 3))
    families = np.repeat(np.arange(8), 3).astype(str)
    variances = [choose_families(values, families, budget).variance for budget in (3, 6, 9, 12)]

    assert variances == sorted(variances, reverse=True)


@pytest.mark.parametrize(
    ("budget", "n_models", "n_families", "variance"), [(4, 4, 3, 26.76), (8, 8, 5, 8.84), (12, 12, 7, 6.31)]
)
def test_the_published_choice_is_found(mirror, budget, n_models, n_families, variance):
    """The figures are those printed in the released notebook on choosing a subset of models (section 5)."""
    frame = load_table("obsscaling", "benchmarks", mirror)
    table = ScoreTable.from_frame(frame[(frame["cohort"] == "paper") & (frame["flops"] <= CUTOFF_FLOPS)])
    table = table.subset(~np.isnan(table.values).any(axis=1))

    chosen = choose_families(fit_components(table).project(table), table.families, budget)

    assert (chosen.n_models, len(chosen.families)) == (n_models, n_families)
    assert chosen.variance == pytest.approx(variance, abs=0.005)


@pytest.mark.parametrize(
    ("values", "names", "budget", "most", "code"),
    [
        (AXES, NAMES[:4], 3, 10, "bad_argument"),
        (AXES, NAMES, 1, 10, "bad_argument"),
        (AXES, NAMES, 3, 0, "bad_argument"),
        (AXES * np.nan, NAMES, 3, 10, "bad_argument"),
        (AXES * [1.0, 0.0], NAMES, 5, 10, "no_subset"),
        (np.ones((40, 1)), np.arange(40).astype(str), 40, 10, "too_many_subsets"),
    ],
)
def test_a_choice_that_there_is_not_is_refused(values, names, budget, most, code):
    with pytest.raises(InputError) as caught:
        choose_families(values, names, budget, max_families=most)
    assert caught.value.code == code
