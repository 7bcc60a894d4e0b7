from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.runs import RunTable, validate_frame
from tests.runs.example_tables import family_of_runs, three_rows

# --- what is allowed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [
        three_rows().head(1),
        three_rows(learning_rate=[0.0, 1e-3, np.nan]),
        three_rows(loss_se=[0.0, 0.01, np.nan]),
        three_rows(n_unique_tokens=[1e9, np.nan, np.nan]),
        three_rows(loss=[12.0, 11.9, 1e-6]),
        three_rows(loss=[23.0, 19.0, 5.0], metric="perplexity"),
        three_rows(n_params=[12, 50, 80], n_tokens=[10, 20, 30], metric="error rate"),
        three_rows(n_params=[1e3, 5e3, 1e15]),
        three_rows(family="模型 ё", run=["löß", "🚀", "a\u00a0b"]),
        three_rows(metric=[None, "", "nats_per_token"]),
    ],
    ids=lambda frame: "",
)
def test_unusual_tables_that_make_sense_pass(frame):
    assert len(validate_frame(frame)) == len(frame)


def test_the_first_checkpoints_may_be_worse_than_a_uniform_guess():
    frame = family_of_runs()
    frame.loc[frame["n_tokens"] < 0.5 * frame.groupby("run")["n_tokens"].transform("max"), "loss"] = 15.0

    assert (validate_frame(frame)["loss"] == 15.0).any()


def test_a_run_that_stopped_early_may_still_be_worse_than_a_uniform_guess():
    stopped = three_rows(loss=[15.0, 3.0, 2.0], n_tokens_total=[2e12, 6e9, 2e10])

    assert len(validate_frame(stopped)) == 3


def test_planned_lengths_are_the_same_up_to_rounding():
    total = 4.35e9
    frame = three_rows(n_tokens=[2e9, 6e9, np.nextafter(total, 1e12)], n_tokens_total=[2e9, 6e9, total])

    table = validate_frame(frame)

    assert (table["n_tokens"] <= table["n_tokens_total"]).all()


def test_the_same_run_label_may_stand_in_two_families():
    frame = pd.concat([three_rows(), three_rows(family="other", n_params=5e8)])

    assert RunTable.from_frame(frame).n_runs == 6


# --- what is refused, in frames ---------------------------------------------------------------


def code_of(frame: pd.DataFrame) -> str:
    with pytest.raises(InputError) as caught:
        validate_frame(frame)
    return caught.value.code


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"n_params": [True, False, True]}, "boolean"),
        ({"loss": [3.0, True, 2.0]}, "boolean"),
        ({"loss": [3.0, 2 + 1j, 2.0]}, "wrong_type"),
        ({"loss": pd.to_datetime(["2024-01-01"] * 3)}, "wrong_type"),
        ({"n_tokens": [1e9, [2e9], 3e9]}, "wrong_type"),
        ({"n_tokens": ["1_000_000", "2e9", "3e9"]}, "wrong_type"),
        ({"n_tokens": ["1,5", "2e9", "3e9"]}, "wrong_type"),
        ({"loss": [3.0, None, 2.0]}, "nan"),
        ({"loss": ["3.0", "NA", "2.0"]}, "nan"),
        ({"n_params": [10**400, 3e8, 1e9]}, "infinite"),
        ({"flops": [1e18, np.inf, 1e20]}, "infinite"),
        ({"flops": [1e18, 0.0, 1e20]}, "zero"),
        ({"loss_se": [0.1, -0.1, 0.1]}, "negative"),
        ({"run": ["a", None, "c"]}, "missing_label"),
        ({"run": ["a", "\t", "c"]}, "bad_text"),
        ({"run": [b"a", "b", "c"]}, "wrong_type"),
        ({"seed": [{"a": 1}, "b", "c"]}, "wrong_type"),
        ({"seed": ["\ud800", 1, None]}, "bad_text"),
        ({"note": ["\ud800", 1.5, None]}, "bad_text"),
        ({"note": ["a", "\x00", "c"]}, "bad_text"),
        ({"note": [{"a": 1}, "b", "c"]}, "nested_value"),
        ({"note": [["a"], None, None]}, "nested_value"),
    ],
    ids=str,
)
def test_cells_of_the_wrong_kind_are_refused(columns, code):
    assert code_of(three_rows(**columns)) == code


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"n_params": ["x", "3e8", "1e9"], "loss": [np.nan, 1, 2]}, "wrong_type"),
        ({"n_params": [np.nan, 3e8, -1e9], "loss": [0.0, 1, 2]}, "nan"),
        ({"n_params": [-7e7, 3e8, 1e9], "loss": [np.inf, 1, 2]}, "infinite"),
        ({"n_params": [0.07, 0.3, 1.0], "loss": [20.0, 15.0, 13.0]}, "mixed_units"),
    ],
)  # fmt: skip
def test_the_plainest_fault_is_reported_first(columns, code):
    assert code_of(three_rows(**columns)) == code


def test_rows_are_named_in_the_order_of_the_source_by_their_index():
    frame = three_rows(loss=[20.0, 16.0, 13.0]).set_axis(["z", "a", "m"], axis="index")

    with pytest.raises(
        InputError, match=r"^the table, index z, a and m: the run's final loss is 20, 16, 13,"
    ):
        validate_frame(frame)


def test_long_values_are_cut_in_the_message():
    with pytest.raises(InputError) as caught:
        validate_frame(three_rows(loss=["x" * 10_000, "y" * 10_000, 2.0]))

    assert len(str(caught.value)) < 300


def test_a_wrong_number_without_a_letter_gets_no_advice_about_letters():
    with pytest.raises(InputError, match="holds 'diverged'") as caught:
        validate_frame(three_rows(loss=[3.0, "diverged", 2.0]))

    assert "suffix" not in caught.value.advice
