from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.datasets import load_table
from bayes_scaling.errors import InputError
from bayes_scaling.observational import ScoreTable, family_trends, fit_components


def test_a_straight_family_is_found_exactly(made_up):
    table = made_up.table
    trends = family_trends(table, 0.3 * table.log_flops - 2.0)

    assert trends["slope"].tolist() == pytest.approx([0.3] * 9)
    assert trends["intercept"].tolist() == pytest.approx([-2.0] * 9)
    assert trends["r_squared"].tolist() == pytest.approx([1.0] * 9)


def test_r_squared_is_the_squared_correlation(made_up):
    table = made_up.table
    capability = np.random.default_rng(2).normal(size=len(table))
    trends = family_trends(table, capability).set_index("family")
    mine = table.families == "family 4"

    correlation = np.corrcoef(table.log_flops[mine], capability[mine])[0, 1]
    assert trends.loc["family 4", "r_squared"] == pytest.approx(correlation**2)


def test_small_families_and_unknown_compute_are_left_out(made_up):
    frame = made_up.table.frame.copy()
    frame.loc[frame["family"] == "family 0", "flops"] = np.nan
    table = ScoreTable(frame[~frame["run"].isin(["model 5", "model 6", "model 7"])], made_up.table.benchmarks)

    trends = family_trends(table, table.log_flops)

    assert trends["family"].tolist() == [f"family {index}" for index in range(2, 9)]


def test_capability_grows_with_log_compute_within_families_as_printed(mirror):
    frame = load_table("obsscaling", "benchmarks", mirror)
    table = ScoreTable.from_frame(frame[frame["cohort"] == "paper"])
    trends = family_trends(table, fit_components(table).project(table)[:, 0])

    # arXiv:2405.10938, section 3.3: R² above 0.9 in each family; StarCoder2, three models, is at 0.899
    assert len(trends) == 14
    assert trends["r_squared"].median() > 0.95
    assert (trends["r_squared"] > 0.9).sum() == 13
    assert trends["r_squared"].min() > 0.89


@pytest.mark.parametrize(("shape", "min_models"), [((3,), 3), ((45,), 2)])
def test_what_does_not_belong_together_is_refused(made_up, shape, min_models):
    with pytest.raises(InputError) as caught:
        family_trends(made_up.table, np.zeros(shape), min_models=min_models)
    assert caught.value.code == "bad_argument"
