from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.datasets import load_dataset
from bayes_scaling.errors import InputError
from bayes_scaling.trajectories import tokens_at_equal_loss
from tests.trajectories.conftest import known_runs, law


def true_tokens(n_params, loss):
    return (1500.0 / (loss - 1.8 - 400.0 / n_params**0.33)) ** (1.0 / 0.35)


def test_smooth_curves_cross_where_their_law_does(smooth_runs):
    table = tokens_at_equal_loss(smooth_runs, [3.0, 2.5], n_draws=200)

    expected = true_tokens(table["n_params"], table["loss"])
    np.testing.assert_allclose(table["n_tokens_median"], expected, rtol=0.01)
    np.testing.assert_allclose(table["flops_median"], 6.0 * table["n_params"] * table["n_tokens_median"])
    assert table["loss"].is_monotonic_decreasing


def test_only_runs_that_start_above_and_reach_the_level_are_listed(smooth_runs):
    reached = {size: (law(size, 1e9), law(size, 3e11)) for size in (1e8, 1e9, 1e10, 1e11)}
    expected = [size for size, (first, last) in reached.items() if last <= 2.3 < first]

    table = tokens_at_equal_loss(smooth_runs, [2.3])

    assert table["n_params"].tolist() == expected
    assert len(expected) == 2


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    levels, inside = (3.2, 2.8, 2.5), []
    for seed in range(12):
        table = tokens_at_equal_loss(known_runs(0.01, seed), levels, n_draws=400, seed=seed)
        truth = true_tokens(table["n_params"], table["loss"])
        inside.extend((table["n_tokens_q05"] <= truth) & (truth <= table["n_tokens_q95"]))

    # the first crossing of a noisy curve is early, hence the wide band around 0.9
    assert 0.75 < np.mean(inside) <= 1.0
    assert len(inside) > 80


def test_same_seed_same_table():
    first, again = (tokens_at_equal_loss(known_runs(0.01), [2.8], seed=5) for _ in range(2))

    assert first.equals(again)


def test_a_level_near_the_end_is_not_surely_reached():
    runs = known_runs(0.02, seed=3)
    lowest = runs.frame.query("n_params == 1e9")["loss"].min()

    table = tokens_at_equal_loss(runs, [lowest * 1.001]).set_index("n_params")

    assert 0.3 < table.loc[1e9, "share_crossing"] <= 1.0


@pytest.mark.parametrize(
    ("levels", "code"), [([0.5], "never_reached"), ([-1.0], "bad_level"), ([], "bad_level")]
)
def test_levels_that_no_run_can_reach_are_input_errors(smooth_runs, levels, code):
    with pytest.raises(InputError) as error:
        tokens_at_equal_loss(smooth_runs, levels)

    assert error.value.code == code


def test_a_larger_opt_needs_fewer_tokens_and_more_compute_for_perplexity_15(mirror):
    table = tokens_at_equal_loss(load_dataset("colpret", mirror, ["opt"]), [np.log(15.0)])

    assert table["run"].tolist() == ["6.7b", "13b", "30b", "175b"]
    assert table["n_tokens_median"].is_monotonic_decreasing
    assert table["flops_median"].is_monotonic_increasing
    assert table["n_tokens_median"].to_numpy() / 1e9 == pytest.approx([90, 68, 54, 31], rel=0.05)
