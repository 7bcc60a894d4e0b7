from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.study import error_ratios, summarise_ratios
from bayes_scaling.study.columns import as_table
from bayes_scaling.study.plan import PlannedCell
from bayes_scaling.study.run_cell import finished_row
from tests.study.test_cell import CELL

FINAL_TO_ALL = {"checkpoints": "final"}, {"checkpoints": "all"}


def row(are: float, rows: int = 10, status: str = "done", **changes):
    cell = replace(CELL, **changes)
    counts = {"n_train_rows": rows, "n_train_runs": 3, "train_flops": 1e18, "size_ratio": 2.0}
    return finished_row(PlannedCell(cell, str(cell)), {"status": status, "are": are, **counts})


@pytest.fixture
def table() -> pd.DataFrame:
    """Final checkpoints double the error of f, quadruple that of g at two numbers of sizes, and are all h has."""
    return as_table(
        [
            row(0.01),
            row(0.02, rows=3, checkpoints="final"),
            *(row(0.01, family="g", n_sizes=size) for size in (3, 4)),
            *(row(0.04, rows=3, family="g", n_sizes=size, checkpoints="final") for size in (3, 4)),
            row(0.01, family="h"),
            row(0.02, family="h", checkpoints="final"),
            row(np.nan, rows=3, family="i", status="undetermined", checkpoints="final"),
            row(0.05, family="i"),
        ]
    )


def test_pairs_differ_in_one_choice_that_changes_training_rows(table):
    pairs = error_ratios(table, *FINAL_TO_ALL)

    assert pairs["family"].tolist() == ["f", "g", "g"]
    np.testing.assert_allclose(np.exp(pairs["log_ratio"]), [2.0, 4.0, 4.0])
    assert "checkpoints" not in pairs


def test_families_count_alike_however_many_cells_they_have(table):
    summary = summarise_ratios(error_ratios(table, *FINAL_TO_ALL))

    (only,) = summary.to_dict("records")
    assert (only["n_families"], only["n_pairs"]) == (2, 3)
    assert only["ratio"] == pytest.approx(np.sqrt(2 * 4))
    assert (only["low"], only["high"]) == (pytest.approx(2.0), pytest.approx(4.0))
    assert only["are_before"] == pytest.approx(0.03)
    assert summary.index.tolist() == [("chinchilla", "none", "laplace")]


def test_ways_of_fitting_are_compared_on_equal_rows(table):
    pooled = [row(0.005, pooling="population"), row(0.02, family="h", pooling="population")]
    pairs = error_ratios(pd.concat([table, as_table(pooled)]), {"pooling": "none"}, {"pooling": "population"})

    summary = summarise_ratios(pairs, "family")

    np.testing.assert_allclose(summary["ratio"], [2.0, 0.5])
    np.testing.assert_allclose(summary["low"], [2.0, 0.5])
    assert summary.index.tolist() == ["f", "h"]


def test_within_a_family_the_interval_is_over_its_pairs():
    pairs = pd.DataFrame(
        {"family": "f", "are_before": 0.01, "are_after": 0.01, "log_ratio": [-1.0, 1.0] * 10}
    )

    (summary,) = summarise_ratios(pairs, "family").to_dict("records")

    assert summary["ratio"] == pytest.approx(1.0)
    assert summary["low"] < 0.8 < 1.2 < summary["high"]


def test_without_pairs_there_is_nothing_to_say(table):
    assert summarise_ratios(
        error_ratios(table, {"checkpoints": "all"}, {"checkpoints": "none of these"})
    ).empty


def test_a_choice_may_be_of_several_axes_at_once():
    own_part = row(0.005, rows=4, n_sizes=0, target_share=0.3)
    pairs = error_ratios(
        as_table([row(0.01), row(0.01, n_sizes=4), own_part]),
        {"n_sizes": 3, "target_share": 0.0},
        {"n_sizes": 0, "target_share": 0.3},
    )

    np.testing.assert_allclose(np.exp(pairs["log_ratio"]), [2.0])
