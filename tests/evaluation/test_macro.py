from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.evaluation.macro import family_means, macro_mean, macro_median

TABLE = pd.DataFrame(
    {
        "family": ["long"] * 8 + ["short", "gap", "gap", "nothing"],
        "are": [0.01] * 8 + [0.04, 0.10, np.nan, np.nan],
    }
)


def test_a_family_counts_once_however_many_rows_it_has():
    assert macro_mean(TABLE, "are") == pytest.approx((0.01 + 0.04 + 0.10) / 3)
    assert macro_median(TABLE, "are") == pytest.approx(0.04)


def test_rows_and_families_without_a_value_are_left_out():
    assert family_means(TABLE, "are").to_dict() == pytest.approx({"gap": 0.10, "long": 0.01, "short": 0.04})


def test_without_any_value_there_is_no_mean():
    nothing = TABLE[TABLE["family"] == "nothing"]

    assert np.isnan(macro_mean(nothing, "are"))
    assert np.isnan(macro_median(nothing, "are"))
