"""Laws on the same rows: the one that made the data wins."""

from __future__ import annotations

import numpy as np
import pytest

import bayes_scaling as bs
from bayes_scaling.errors import InputError
from bayes_scaling.laws import CHINCHILLA
from bayes_scaling.priors import ScalarPrior
from tests.laws.kaplan import Kaplan
from tests.simulate import simulate


@pytest.fixture(scope="module")
def without_floor():
    """A registered law without an irreducible loss."""
    law = Kaplan()
    priors = {
        "log_a": ScalarPrior(0.5, 1.0, 0.3, 1.3, "wide"),
        "log_ratio": ScalarPrior(0.0, 1.0, 0.5, 1.3, "wide"),
        "x": ScalarPrior(0.08, 0.05, 0.03, 1.3, "wide"),
        "y": ScalarPrior(0.08, 0.05, 0.03, 1.3, "wide"),
    }
    bs.register_law(law)
    bs.register_weak_priors(law, priors)
    yield law
    bs.laws.registry._LAWS.pop(law.name)
    bs.priors.weak.registry._BY_LAW.pop(law.name)


@pytest.fixture(scope="module")
def compared(without_floor):
    return bs.compare_laws(simulate(6, seed=2).runs, ["chinchilla", without_floor])


def test_the_law_that_made_the_data_wins(compared):
    assert compared.best == "chinchilla"
    assert compared.table.loc["chinchilla", "weight"] > 0.5
    assert compared.table["weight"].sum() == pytest.approx(1.0)
    assert compared.table["log_score"].is_monotonic_decreasing


def test_both_opinions_and_the_back_tests_are_there(compared):
    assert list(compared.table.columns) == [
        "log_score",
        "crps",
        "are_median",
        "coverage_50",
        "coverage_90",
        "weight",
        "elpd_loo",
        "elpd_loo_se",
        "pareto_k_max",
        "seconds",
    ]
    assert np.isfinite(compared.table.to_numpy()).all()
    rows = [back.table[["family", "run", "n_tokens"]] for back in compared.backtests.values()]
    assert rows[0].equals(rows[1])
    assert "chinchilla" in repr(compared)
    assert "<table" in compared._repr_html_()


@pytest.mark.parametrize("laws", [[], ["chinchilla"], ["chinchilla", CHINCHILLA]])
def test_one_law_is_no_comparison(laws):
    with pytest.raises(InputError, match="at least two"):
        bs.compare_laws(simulate(2).runs, laws)
