from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.evaluation import coverage_of
from bayes_scaling.evaluation.predictions import INTERVAL_COLUMNS, QUANTILE_COLUMNS


def predictions(hits: dict[str, list[bool | None]]) -> pd.DataFrame:
    """Every interval is (1, 2); the loss is inside (True), outside (False), or there is none (None)."""
    rows = [(family, hit) for family, all_hits in hits.items() for hit in all_hits]
    frame = pd.DataFrame({"family": [family for family, _ in rows], "loss": 1.5})
    for column, probability in QUANTILE_COLUMNS.items():
        frame[column] = 1.0 if probability < 0.5 else 2.0
    outside, missing = ([hit is value for _, hit in rows] for value in (False, None))
    frame.loc[outside, "loss"] = 3.0
    frame.loc[missing, list(QUANTILE_COLUMNS)] = np.nan
    return frame


def test_each_family_counts_the_same_however_many_rows_it_has():
    coverage = coverage_of(predictions({"long": [True] * 98 + [False] * 2, "short": [False, False]}))

    assert coverage.observed(0.9) == pytest.approx((0.98 + 0.0) / 2)
    assert coverage.table["n_families"].tolist() == [2] * 4
    assert coverage.table["n_rows"].tolist() == [102] * 4


def test_the_levels_are_those_of_the_contract_and_each_has_its_own_interval():
    table = predictions({"a": [True]}).assign(q05=1.8, q95=1.9)

    coverage = coverage_of(table)

    assert coverage.table["nominal"].tolist() == [0.5, 0.8, 0.9, 0.95]
    assert coverage.table["observed"].tolist() == [1.0, 1.0, 0.0, 1.0]


@pytest.mark.parametrize("level", INTERVAL_COLUMNS)
def test_the_columns_of_a_level_are_the_ends_of_its_central_interval(level):
    lower, upper = (QUANTILE_COLUMNS[name] for name in INTERVAL_COLUMNS[level])

    assert (lower, upper) == pytest.approx((0.5 - level / 2, 0.5 + level / 2))


def test_the_band_is_jeffreys_with_families_as_trials():
    row = coverage_of(predictions({f"family-{index}": [False] * 50 for index in range(10)})).table.iloc[0]

    assert row["observed"] == row["band_low"] == 0.0
    assert row["band_high"] == pytest.approx(0.2172, abs=1e-4)  # 0 of 10


def test_the_band_narrows_with_families_and_not_with_rows():
    def width(n_families, n_rows):
        hits = {f"{index}": [index % 2 == 0] * n_rows for index in range(n_families)}
        row = coverage_of(predictions(hits)).table.iloc[0]
        return row["band_high"] - row["band_low"]

    assert width(10, 100) == width(10, 1)
    assert width(100, 1) < 0.5 * width(10, 1)


def test_the_bootstrap_is_over_families():
    row = coverage_of(predictions({"a": [True] * 9 + [False], "b": [True] * 7 + [False] * 3})).table.iloc[0]

    assert (row["boot_low"], row["boot_high"]) == pytest.approx((0.7, 0.9))


def test_a_group_has_its_own_rows():
    table = predictions({"a": [True, False], "b": [False, False]}).assign(is_final=[True, False, True, False])

    by_end = coverage_of(table, by="is_final").table.query("nominal == 0.9").set_index("is_final")["observed"]

    assert by_end.to_dict() == {True: 0.5, False: 0.0}
    with pytest.raises(ValueError, match="split by 'is_final'"):
        coverage_of(table, by="is_final").observed(0.9)


def test_rows_without_intervals_are_left_out_and_without_any_there_is_no_coverage():
    some, none = predictions({"a": [True, None], "b": [None]}), predictions({"a": [None]})

    assert coverage_of(some).observed(0.9) == 1.0
    assert coverage_of(some).table["n_rows"].tolist() == [1] * 4
    assert np.isnan(coverage_of(none).observed(0.9))
    assert coverage_of(none).table["band_low"].isna().all()
