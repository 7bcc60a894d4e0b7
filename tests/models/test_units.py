"""In which unit a family's loss meets the population."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.models import family_units, metric_log_units
from bayes_scaling.runs import RunTable

BITS = "bits_per_byte"


def family(name, sizes, lowest, metric=BITS) -> pd.DataFrame:
    """A family whose largest model reaches `lowest`, with twice that for the smallest."""
    loss = lowest * np.linspace(2.0, 1.0, len(sizes)) if len(sizes) > 1 else [lowest]
    return pd.DataFrame(
        {
            "family": name,
            "run": [f"{size:g}" for size in sizes],
            "n_params": sizes,
            "n_tokens": 1e10,
            "loss": loss,
            "metric": metric,
        }
    )


def table(*families) -> RunTable:
    return RunTable.from_frame(pd.concat(families, ignore_index=True))


def test_nats_are_no_matter_of_opinion():
    runs = table(family("a", [1e8, 1e9], 3.0, "nats_per_token"), family("b", [1e8], 5.0, "nats_per_token"))
    np.testing.assert_array_equal(family_units(runs).log_unit, [0.0, 0.0])
    assert metric_log_units(runs.frame) == {}


def test_a_family_of_several_sizes_has_half_its_own_lowest_loss():
    runs = table(family("a", [1e8, 1e9], 0.8), family("b", [1e8, 1e9], 7.0))
    np.testing.assert_allclose(family_units(runs).log_unit, np.log([0.4, 3.5]))


def test_a_single_size_takes_the_middle_unit_of_its_metric():
    known = [family(name, [1e8, 1e9], lowest) for name, lowest in (("a", 0.8), ("b", 1.0), ("c", 9.0))]
    other = family("d", [1e8, 1e9], 40.0, "error_rate")
    runs = table(*known, other, family("small", [1e7], 4.0))
    np.testing.assert_allclose(family_units(runs).log_unit[-1], np.log(0.5))
    assert metric_log_units(runs.frame) == pytest.approx({BITS: np.log(0.5), "error_rate": np.log(20.0)})


def test_of_two_units_the_smaller_is_the_better_trained():
    runs = table(family("a", [1e8, 1e9], 0.8), family("b", [1e8, 1e9], 3.0), family("small", [1e7], 4.0))
    np.testing.assert_allclose(family_units(runs).log_unit[-1], np.log(0.4))


def test_what_is_known_from_elsewhere_serves_where_the_table_tells_nothing():
    alone = table(family("small", [1e7], 4.0))
    np.testing.assert_allclose(family_units(alone).log_unit, np.log(2.0))
    np.testing.assert_allclose(family_units(alone, {BITS: -1.0}).log_unit, -1.0)
    with_others = table(family("a", [1e8, 1e9], 0.8), family("small", [1e7], 4.0))
    np.testing.assert_allclose(family_units(with_others, {BITS: -1.0}).log_unit[-1], np.log(0.4))


def test_a_unit_is_rough_where_it_is_a_family_s_own_guess():
    several, single = family("a", [1e8, 1e9], 0.8), family("b", [1e7], 4.0)
    in_nats = family("c", [1e8, 1e9], 3.0, "nats_per_token")

    assert family_units(table(several, single, in_nats)).is_rough.tolist() == [True, False, False]
    assert family_units(table(single)).is_rough.tolist() == [True]
    assert family_units(table(single), {BITS: -1.0}).is_rough.tolist() == [False]


def test_a_metric_is_foreign_where_no_other_family_has_it():
    one, other = family("a", [1e8, 1e9], 0.8), family("b", [1e8, 1e9], 7.0)
    errors = family("c", [1e8, 1e9], 40.0, "error_rate")
    in_nats = family("d", [1e8, 1e9], 3.0, "nats_per_token")

    assert family_units(table(one, other, errors, in_nats)).is_foreign.tolist() == [False, False, True, False]
    assert family_units(table(one, in_nats)).is_foreign.tolist() == [True, False]
    assert family_units(table(one, in_nats), {BITS: -1.0}).is_foreign.tolist() == [False, False]
