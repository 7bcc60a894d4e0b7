from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.trajectories import compute_envelope, losses_at_equal_compute
from tests.trajectories.conftest import known_runs, law

BUDGETS = (3e19, 1e21, 1.5e22)


def test_smooth_curves_have_their_laws_loss(smooth_runs):
    table = losses_at_equal_compute(smooth_runs, BUDGETS, n_draws=200)

    np.testing.assert_allclose(6.0 * table["n_params"] * table["n_tokens"], table["flops"])
    np.testing.assert_allclose(table["loss_median"], law(table["n_params"], table["n_tokens"]), rtol=1e-3)


def test_runs_are_seen_only_between_their_first_and_last_checkpoint(smooth_runs):
    table = losses_at_equal_compute(smooth_runs, BUDGETS)

    assert table["n_tokens"].between(1e9, 3e11).all()
    assert table.groupby("flops")["n_params"].agg(list).to_dict() == {
        3e19: [1e8, 1e9],
        1e21: [1e9, 1e10, 1e11],
        1.5e22: [1e10, 1e11],
    }


def test_probabilities_of_being_best_sum_to_one_and_smooth_runs_leave_no_doubt(smooth_runs):
    sums = losses_at_equal_compute(known_runs(0.05), BUDGETS).groupby("flops")["prob_best"].sum()
    envelope = compute_envelope(smooth_runs, BUDGETS)

    np.testing.assert_allclose(sums, 1.0)
    assert envelope["prob_best"].tolist() == [1.0, 1.0, 1.0]
    assert envelope["n_seen"].tolist() == [2, 3, 2]
    for row in envelope.itertuples():
        seen = [size for size in (1e8, 1e9, 1e10, 1e11) if 1e9 <= row.flops / (6 * size) <= 3e11]
        assert row.n_params == min(seen, key=lambda size: law(size, row.flops / (6 * size)))


def test_intervals_hold_the_truth():
    inside = []
    for seed in range(16):
        table = losses_at_equal_compute(known_runs(0.01, seed), BUDGETS, n_draws=400, seed=seed)
        truth = law(table["n_params"], table["n_tokens"])
        inside.extend((table["loss_q05"] <= truth) & (truth <= table["loss_q95"]))

    assert 0.82 < np.mean(inside) < 0.98


@pytest.mark.parametrize("budgets", [[], [-1.0], [1e10], [np.nan]])
def test_budgets_that_no_run_has_spent_are_input_errors(smooth_runs, budgets):
    with pytest.raises(InputError) as error:
        losses_at_equal_compute(smooth_runs, budgets)

    assert error.value.code == "bad_budget"
