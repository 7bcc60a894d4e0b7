from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.evaluation.sbc import Calibration, calibrate, holm, ranks_of

N_SIMULATIONS = 300
N_DRAWS = 63


def simulate(rng):
    """A mean with a standard normal prior, and five observations with unit noise."""
    mean = rng.standard_normal()
    return mean + rng.standard_normal(5), {"mean": mean, "square": mean**2}


def conjugate(width=1.0, shift=0.0):
    """The exact posterior, or one that is too narrow or lies elsewhere."""

    def fit(data, seed):
        sd = 1 / np.sqrt(1 + len(data))
        draws = data.sum() / (1 + len(data)) + shift * sd
        draws = draws + width * sd * np.random.default_rng(seed).standard_normal(500)
        return {"mean": draws, "square": draws**2}

    return fit


def uniform_ranks(n_simulations, n_quantities, seed):
    ranks = np.random.default_rng(seed).integers(0, N_DRAWS + 1, (n_simulations, n_quantities))
    return Calibration(pd.DataFrame(ranks).add_prefix("q"), N_DRAWS)


@pytest.fixture(scope="module")
def exact():
    return calibrate(simulate, conjugate(), N_SIMULATIONS, n_draws=N_DRAWS)


def test_the_exact_posterior_passes(exact):
    table = exact.uniformity()

    assert exact.passed()
    assert table.index.tolist() == ["mean", "square"]
    assert table["mean_rank"].between(0.45, 0.55).all()
    assert table["rank_sd"].between(0.9, 1.1).all()
    assert (table["ecdf_deviation"] < 0.08).all()


@pytest.mark.parametrize(
    ("wrong", "column", "is_seen"),
    [
        ({"width": 0.6}, "rank_sd", lambda value: value > 1.1),
        ({"width": 1.8}, "rank_sd", lambda value: value < 0.9),
        ({"shift": 0.5}, "mean_rank", lambda value: value < 0.42),
        ({"shift": -0.5}, "mean_rank", lambda value: value > 0.58),
    ],
    ids=["too narrow", "too wide", "too high", "too low"],
)
def test_a_wrong_posterior_fails_and_the_ranks_say_how(wrong, column, is_seen):
    found = calibrate(simulate, conjugate(**wrong), N_SIMULATIONS, n_draws=N_DRAWS)

    assert not found.passed(level=0.001)
    assert is_seen(found.uniformity().loc["mean", column])


def test_either_test_alone_sees_a_narrow_posterior():
    table = calibrate(simulate, conjugate(width=0.6), N_SIMULATIONS, n_draws=N_DRAWS).uniformity()

    assert table.loc["mean", "p_chi2"] < 0.001
    assert table.loc["mean", "p_ecdf"] < 0.001


def test_uniform_ranks_fail_as_often_as_the_level_says():
    failed = [not uniform_ranks(100, 10, seed).passed(level=0.2) for seed in range(100)]

    assert 0.05 < np.mean(failed) < 0.30  # Holm and the two tests together are somewhat cautious


@pytest.mark.parametrize("column", ["p_chi2", "p_ecdf"])
def test_p_values_of_uniform_ranks_are_uniform(column):
    p_values = uniform_ranks(200, 400, 1).uniformity()[column]

    assert p_values.lt(0.1).mean() == pytest.approx(0.1, abs=0.05)
    assert p_values.lt(0.5).mean() == pytest.approx(0.5, abs=0.1)


def test_a_rank_counts_the_draws_below_the_truth():
    draws = {"a": np.arange(101.0)}

    assert ranks_of({"a": -1.0}, draws, 11) == {"a": 0}
    assert ranks_of({"a": 25.0}, draws, 11) == {"a": 3}  # 0, 10, 20 of 0, 10, ..., 100
    assert ranks_of({"a": 1000.0}, draws, 11) == {"a": 11}


@pytest.mark.parametrize(
    ("truth", "draws", "message"),
    [
        ({"a": 0.0}, {"b": np.zeros(9)}, "true values of"),
        ({"a": 0.0}, {"a": np.zeros(3)}, "at least 5"),
        ({"a": np.nan}, {"a": np.zeros(9)}, "not finite"),
        ({"a": 0.0}, {"a": np.full(9, np.inf)}, "not finite"),
    ],
)
def test_what_cannot_be_ranked_is_refused(truth, draws, message):
    with pytest.raises(ValueError, match=message):
        ranks_of(truth, draws, 5)


def test_the_same_seed_gives_the_same_ranks_and_another_seed_others():
    first, again, other = (
        calibrate(simulate, conjugate(), 20, n_draws=N_DRAWS, seed=seed).ranks for seed in (1, 1, 2)
    )

    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_progress_is_told_after_each_simulation():
    seen = []
    calibrate(simulate, conjugate(), 3, n_draws=N_DRAWS, progress=lambda *done: seen.append(done))

    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_holm_multiplies_the_smallest_most_and_keeps_the_order():
    assert holm(np.array([0.04, 0.01, 0.5])) == pytest.approx([0.08, 0.03, 0.5])
    assert holm(np.array([0.01, 0.012])) == pytest.approx([0.02, 0.02])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1.0, 1.0])
