from __future__ import annotations

import math

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.runs import RunTable, read_runs
from bayes_scaling.runs.units import COUNT_COLUMNS, LOSS_UNITS, MULTIPLIERS
from tests.runs.example_tables import three_rows

RUNS = RunTable.from_frame(three_rows())
LOSSES = RUNS.frame["loss"].to_numpy()


def loss_of(runs: RunTable) -> np.ndarray:
    return runs.frame["loss"].to_numpy()


@pytest.mark.parametrize(("letter", "value"), MULTIPLIERS.items())
@pytest.mark.parametrize("column", COUNT_COLUMNS)
def test_a_multiplier_is_one_for_the_whole_column(column, letter, value):
    counts = np.array([8e9, 16e9, 32e9])
    frame = three_rows(**{"n_tokens_total": 1e12, column: counts / value})

    table = read_runs(frame, units={column: letter}).frame.sort_values("n_params")

    np.testing.assert_array_equal(np.sort(table[column]), counts)


def test_a_suffix_is_read_value_by_value():
    frame = three_rows(n_params=["70M", " 1.3b", "7e8"], n_tokens=["2B", "0.5 T", "3e9"])

    table = read_runs(frame, units={"n_params": "suffix", "n_tokens": "suffix"}).frame.set_index("run")

    assert table["n_params"].to_dict() == {"small": 7e7, "medium": 1.3e9, "large": 7e8}
    assert table["n_tokens"].to_dict() == {"small": 2e9, "medium": 5e11, "large": 3e9}


def test_a_missing_optional_count_stays_missing():
    frame = three_rows(n_unique_tokens=["1B", None, "2B"])

    table = read_runs(frame, units={"n_unique_tokens": "suffix"}).frame

    assert table["n_unique_tokens"].isna().sum() == 1


@pytest.mark.parametrize(
    ("unit", "given"),
    [
        ("nats", LOSSES),
        ("bits", LOSSES / math.log(2)),
        ("perplexity", np.exp(LOSSES)),
        ("log2_perplexity", LOSSES / math.log(2)),
    ],
)
def test_losses_become_nats(unit, given):
    theirs = RUNS.frame.assign(loss=given)

    runs = read_runs(theirs, units={"loss": unit})

    np.testing.assert_allclose(loss_of(runs), LOSSES, rtol=1e-15)
    assert set(runs.metrics.values()) == {"nats_per_token"}


@pytest.mark.parametrize(("unit", "factor"), [("nats", 1.0), ("bits", math.log(2)), ("perplexity", 1 / 20.0)])
def test_the_standard_error_goes_along(unit, factor):
    frame = (
        three_rows(loss=[20.0, 20.0, 20.0], loss_se=0.01)
        if unit == "perplexity"
        else three_rows(loss_se=0.01)
    )

    table = read_runs(frame, units={"loss": unit}).frame

    np.testing.assert_allclose(table["loss_se"], 0.01 * factor, rtol=1e-15)


@pytest.mark.parametrize(("unit", "labels"), LOSS_UNITS.items())
def test_a_metric_that_only_named_the_old_unit_is_renamed(unit, labels):
    for label in labels:
        runs = read_runs(three_rows(metric=label.upper()), units={"loss": unit})

        assert set(runs.metrics.values()) == {"nats_per_token"}


def test_a_metric_with_a_name_of_its_own_is_kept():
    runs = read_runs(three_rows(metric="Pile test"), units={"loss": "bits"})

    assert set(runs.metrics.values()) == {"Pile test"}


def test_without_units_nothing_is_converted():
    assert read_runs(three_rows(), units={}) == read_runs(three_rows()) == RUNS


@pytest.mark.parametrize(
    "units",
    [
        "B",
        {"n_params": 1e9},
        {"n_params": "b"},
        {"n_params": "perplexity"},
        {"loss": "B"},
        {"learning_rate": "K"},
        {"flops": "T"},
        {"n_params": ["B"]},
    ],
    ids=str,
)
def test_units_that_make_no_sense_are_refused(units):
    with pytest.raises(InputError) as caught:
        read_runs(three_rows(), units=units)

    assert caught.value.code == "bad_units"


def test_a_multiplier_does_not_read_suffixes():
    with pytest.raises(InputError, match="suffix") as caught:
        read_runs(three_rows(n_params=["70M", "1.3B", "7B"]), units={"n_params": "B"})

    assert caught.value.code == "wrong_type"
