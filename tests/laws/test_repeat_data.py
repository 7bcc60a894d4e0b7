from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.laws import CHINCHILLA, REPEAT_DATA, get_law
from bayes_scaling.models import with_inputs
from tests.laws.test_every_law import random_params

PUBLISHED = {
    "E": 1.87,
    "A": 521.0,
    "B": 1488.0,
    "alpha": 0.3526596,
    "beta": 0.3526596,
    "R_D": 15.387756,
    "R_N": 5.309743,
}
"""Muennighoff et al. 2023, arXiv:2305.16264."""

PARAMS = REPEAT_DATA.from_published(np, PUBLISHED)


def loss(n_params, n_tokens, n_unique_tokens, params=PARAMS):
    inputs = {"n_params": n_params, "n_tokens": n_tokens, "n_unique_tokens": n_unique_tokens}
    return np.exp(REPEAT_DATA.log_loss(np, params, inputs))


def test_without_repeats_and_excess_it_is_the_additive_law():
    params = {name: value[:, None] for name, value in random_params(REPEAT_DATA, (50,)).items()}
    tokens = np.geomspace(1e9, 1e13, 20)
    size = np.exp(REPEAT_DATA.log_optimal_n_params(np, params, np.log(tokens))) / 2

    found = REPEAT_DATA.log_loss(
        np, params, {"n_params": size, "n_tokens": tokens, "n_unique_tokens": tokens}
    )

    np.testing.assert_allclose(
        found, CHINCHILLA.log_loss(np, params, {"n_params": size, "n_tokens": tokens}), rtol=1e-12
    )


def test_an_excess_that_never_wears_counts_in_full():
    params = PARAMS | {"log_excess": 25.0}

    found = loss(1e12, 1e10, 1e10, params)

    plain = CHINCHILLA.log_loss(np, params, {"n_params": 1e12, "n_tokens": 1e10})
    assert found == pytest.approx(np.exp(plain), rel=1e-6)


def test_the_published_constants_give_the_published_formula():
    n, d, u = 2.8e9, 5.5e10, 3.9e9
    enough = min(n, (521.0 / 1488.0) ** (1 / PUBLISHED["alpha"]) * u)
    worth_d = u + u * 15.387756 * (1 - np.exp(-(d / u - 1) / 15.387756))
    worth_n = enough + enough * 5.309743 * (1 - np.exp(-(n / enough - 1) / 5.309743))

    expected = 1.87 + 521.0 * worth_n**-0.3526596 + 1488.0 * worth_d**-0.3526596

    assert loss(n, d, u) == pytest.approx(expected, rel=1e-12)
    # the authors' code has the optimal size as 0.051 of the unique tokens
    assert enough / u == pytest.approx(0.051, abs=0.0005)


def test_four_epochs_are_almost_as_good_as_fresh_tokens_and_forty_are_not():
    fresh = loss(1e9, 1e11, 1e11)

    assert loss(1e9, 1e11, 1e11 / 4) < 1.01 * fresh
    assert loss(1e9, 1e11, 1e11 / 40) > 1.02 * fresh


def test_more_unique_tokens_than_seen_are_as_many_as_seen():
    assert loss(1e9, 1e10, 1e12) == pytest.approx(loss(1e9, 1e10, 1e10), rel=1e-14)


def test_a_table_without_unique_tokens_repeats_none():
    points = pd.DataFrame({"n_params": [1e9], "n_tokens": [3e10]})

    assert with_inputs(get_law("repeat-data"), points)["n_unique_tokens"].tolist() == [3e10]


def test_published_constants_survive_the_round_trip():
    assert REPEAT_DATA.to_published(np, PARAMS) == pytest.approx(PUBLISHED, rel=1e-12)
