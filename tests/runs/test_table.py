from __future__ import annotations

import copy
import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.errors import InputError
from bayes_scaling.runs import RunTable, concat_runs, read_runs, require_spread
from tests.runs.example_tables import family_of_runs, three_rows


@pytest.fixture
def runs() -> RunTable:
    return RunTable.from_frame(pd.concat([family_of_runs(family="b"), family_of_runs(family="a")]))


# --- content ----------------------------------------------------------------------------------


def test_rows_are_sorted_and_known_columns_come_first():
    frame = three_rows(note="x", seed=[1, 2, 3]).iloc[::-1][
        ["note", "seed", "loss", "n_tokens", "run", "n_params", "family"]
    ]

    table = RunTable.from_frame(frame).frame

    assert list(table.columns) == [
        "family", "run", "n_params", "n_tokens", "loss", "seed", "metric", "n_tokens_total", "note",
    ]  # fmt: skip
    assert list(table["run"]) == ["large", "medium", "small"]
    assert list(table.index) == [0, 1, 2]


def test_defaults_are_the_last_checkpoint_and_nats():
    frame = family_of_runs(sizes=(1e8,), n_checkpoints=4)

    table = RunTable.from_frame(frame).frame

    assert (table["n_tokens_total"] == frame["n_tokens"].max()).all()
    assert (table["metric"] == "nats_per_token").all()


def test_a_planned_length_given_once_holds_for_the_whole_run():
    frame = family_of_runs(sizes=(1e8, 2e8), n_checkpoints=2).assign(
        n_tokens_total=[np.nan, 9e9, np.nan, np.nan]
    )

    table = RunTable.from_frame(frame).frame

    assert table["n_tokens_total"].tolist() == [9e9, 9e9, 4e9, 4e9]


def test_counts_and_metrics(runs):
    other = RunTable.from_frame(three_rows(family="c", metric="bits_per_byte", loss=[0.9, 0.8, 0.7]))

    joined = concat_runs([runs, other])

    assert (len(joined), joined.n_runs) == (83, 11)
    assert joined.families == ("a", "b", "c")
    assert dict(joined.metrics) == {"a": "nats_per_token", "b": "nats_per_token", "c": "bits_per_byte"}


def test_labels_of_any_kind_become_text():
    frame = three_rows(family=7, run=[1.0, 2.5, "x"], seed=[1, None, 2**60])

    table = RunTable.from_frame(frame).frame.set_index("run")

    assert set(table["family"]) == {"7"}
    assert set(table.index) == {"1", "2.5", "x"}
    assert table.loc["1", "seed"] == "1"
    assert table["seed"].isna().sum() == 1


def test_a_loss_in_a_unit_of_its_own_is_left_alone():
    losses = [30.0, 20.0, 0.5]

    runs = RunTable.from_frame(three_rows(metric="word perplexity, WikiText", loss=losses))

    assert sorted(runs.frame["loss"]) == sorted(losses)
    assert set(runs.metrics.values()) == {"word perplexity, WikiText"}


# --- frozen -----------------------------------------------------------------------------------


def write_cell(frame):
    frame.loc[0, "loss"] = 99.0


def add_column(frame):
    frame["extra"] = 1.0


def rename_in_place(frame):
    frame.columns = list("abcdefg")


def write_through_array(frame):
    frame["loss"].to_numpy()[0] = 99.0


def write_through_values(frame):
    frame["loss"].values[0] = 99.0


@pytest.mark.parametrize("change", [write_cell, add_column, rename_in_place])
def test_changing_the_frame_leaves_the_table_as_it_was(runs, change):
    before = pickle.dumps(runs.frame)

    change(runs.frame)

    assert pickle.dumps(runs.frame) == before


@pytest.mark.parametrize("change", [write_through_array, write_through_values])
def test_arrays_of_the_frame_are_read_only(runs, change):
    with pytest.raises(ValueError, match="read-only"):
        change(runs.frame)


def test_changing_the_source_leaves_the_table_as_it_was():
    source = three_rows()
    runs = RunTable.from_frame(source)

    source.loc[:, "loss"] = 9.0
    source["n_params"].array[:] = 5e8

    assert runs == RunTable.from_frame(three_rows())


def test_a_table_does_not_change_its_source():
    source = three_rows(seed=[1, 2, 3])
    before = source.copy()

    RunTable.from_frame(source)

    pd.testing.assert_frame_equal(source, before)


def test_attributes_cannot_be_set(runs):
    with pytest.raises(dataclasses.FrozenInstanceError):
        runs._valid = None
    with pytest.raises(TypeError):
        runs.metrics["a"] = "other"


def test_copies_and_pickles_are_equal(runs):
    assert pickle.loads(pickle.dumps(runs)) == runs
    assert copy.deepcopy(runs) == runs


# --- equality ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        three_rows(loss=[3.1, 2.7, np.nextafter(2.4, 3)]),
        three_rows(note=[1, 2, 3]),
        three_rows(seed=["0", "0", "0"]),
        three_rows(family="other"),
        three_rows().head(2),
    ],
    ids=["one bit", "a column", "a label column", "a label", "a row"],
)
def test_tables_that_differ_are_not_equal(other):
    assert RunTable.from_frame(three_rows()) != RunTable.from_frame(other)


def test_equality_is_by_value_and_only_among_tables():
    whole, floats = (RunTable.from_frame(three_rows(note=note)) for note in ([1, 2, 3], [1.0, 2.0, 3.0]))

    assert whole == floats
    assert whole != "a table"
    assert RunTable.from_frame(three_rows(note=["1", "2", "3"])) != whole
    with pytest.raises(TypeError, match="unhashable"):
        hash(whole)


# --- parts ------------------------------------------------------------------------------------


def test_a_subset_keeps_the_planned_length_of_its_runs(runs):
    early = runs.subset(runs.frame["n_tokens"] <= 0.5 * runs.frame["n_tokens_total"])

    assert len(early) == len(runs) // 2
    assert (early.frame["n_tokens"].max() < early.frame["n_tokens_total"].max()).all()
    assert list(early.frame.index) == list(range(len(early)))


@given(mask=st.lists(st.booleans(), min_size=40, max_size=40).filter(any))
@settings(max_examples=30, deadline=None)
def test_every_part_of_a_valid_table_is_valid(mask):
    frame = family_of_runs()
    frame.loc[frame.groupby("run")["n_tokens"].idxmin(), "loss"] = 50.0  # before training took hold
    part = RunTable.from_frame(frame).subset(mask)

    assert RunTable.from_frame(part.frame) == part


def test_a_part_may_be_empty(runs, tmp_path):
    nothing = runs.subset(np.zeros(len(runs), dtype=bool))

    assert (len(nothing), nothing.n_runs, nothing.families, dict(nothing.metrics)) == (0, 0, (), {})
    assert nothing.frame.dtypes.equals(runs.frame.dtypes)
    assert nothing.subset([]) == nothing
    assert len(nothing.check()) == 0
    assert "empty" in repr(nothing)


def test_a_mask_goes_by_position_whatever_its_index(runs):
    mask = runs.frame["family"] == "b"

    assert runs.subset(mask.set_axis(mask.index[::-1])).families == ("b",)


@pytest.mark.parametrize("mask", [[True], [0, 1], np.ones(80), np.ones((80, 1), dtype=bool), "a" * 80])
def test_anything_but_a_truth_value_for_each_row_is_refused(runs, mask):
    with pytest.raises(InputError) as caught:
        runs.subset(mask)

    assert caught.value.code == "bad_mask"


def test_families_are_selected_by_label(runs):
    assert runs.select("a").families == ("a",)
    assert runs.select(["b", "a"]) == runs
    assert len(runs.select([])) == 0
    with pytest.raises(InputError, match="no family 'c'") as caught:
        runs.select(["a", "c"])
    assert caught.value.code == "unknown_family"


def test_joined_parts_are_the_whole(runs):
    assert concat_runs(runs.select(family) for family in runs.families) == runs
    assert concat_runs([runs, runs.select([])]) == runs
    assert len(concat_runs([runs.select([])])) == 0


def test_joining_fills_columns_that_only_some_have():
    repeated = RunTable.from_frame(three_rows(n_unique_tokens=1e9, seed="1"))
    plain = RunTable.from_frame(three_rows(family="plain"))

    frame = concat_runs([repeated, plain]).frame

    assert frame.groupby("family")["n_unique_tokens"].count().to_dict() == {"base": 3, "plain": 0}
    assert frame.groupby("family")["seed"].count().to_dict() == {"base": 3, "plain": 0}


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ([], "empty_table"),
        ([three_rows(), three_rows()], "duplicate_checkpoint"),
        ([three_rows(), three_rows(run="x", n_params=1e9, metric="bits")], "mixed_metrics"),
    ],
)
def test_tables_that_do_not_go_together_are_not_joined(tables, code):
    with pytest.raises(InputError) as caught:
        concat_runs([RunTable.from_frame(table) for table in tables])

    assert caught.value.code == code


# --- sizes ------------------------------------------------------------------------------------


def test_two_sizes_in_some_family_are_enough(runs):
    one = RunTable.from_frame(family_of_runs(sizes=(1e9,), family="single"))

    require_spread(concat_runs([one, runs]))


@pytest.mark.parametrize("families", [["only"], ["first", "second"]])
def test_one_size_in_each_family_is_an_error_for_fitting_only(families):
    sizes = {"only": (1e9,), "first": (1e9,), "second": (2e9,)}
    runs = RunTable.from_frame(pd.concat(family_of_runs(sizes=sizes[name], family=name) for name in families))

    with pytest.raises(InputError, match="one model size") as caught:
        require_spread(runs)

    assert caught.value.code == "one_size"


# --- display ----------------------------------------------------------------------------------


def test_a_table_shows_itself_in_one_line(runs):
    assert (
        repr(runs)
        == "RunTable(2 families, 8 runs, 80 checkpoints; n_params 7e+07-3e+09, n_tokens 1.4e+08-6e+10)"
    )


def test_the_html_has_a_row_for_each_family_and_escapes_labels():
    labels = ["<script>alert(1)</script>", *(f"family {i:02}" for i in range(24))]
    runs = RunTable.from_frame(pd.concat(three_rows(family=label) for label in labels))

    shown = runs._repr_html_()

    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert shown.count("<tr>") == 21  # twenty families and the line with the index's name
    assert "and 5 more families" in shown


def test_the_summary_has_the_ranges_of_each_family(runs):
    summary = runs.summary

    assert list(summary.index) == ["a", "b"]
    assert summary.loc["a", ["n_runs", "n_checkpoints", "n_sizes"]].tolist() == [4, 40, 4]
    assert summary.loc["a", ["n_params_min", "n_params_max"]].tolist() == [7e7, 3e9]


def test_reading_a_frame_is_the_same_as_reading_a_file(runs, tmp_path):
    runs.to_csv(tmp_path / "runs.csv")

    assert read_runs(runs.frame) == read_runs(tmp_path / "runs.csv") == read_runs(str(tmp_path / "runs.csv"))


def test_a_law_without_size_needs_two_values_of_what_it_takes():
    one = {"family": "f", "run": "a", "n_params": 1e9, "loss": [3.0, 2.9]}
    curve = RunTable.from_frame(pd.DataFrame({**one, "n_tokens": [1e9, 2e9]}))
    point = RunTable.from_frame(pd.DataFrame({**one, "run": ["a", "b"], "n_tokens": 1e9}))

    require_spread(curve, ("n_tokens",))
    with pytest.raises(InputError, match=r"two values of n_tokens") as error:
        require_spread(point, ("n_tokens",))
    assert error.value.code == "one_value"
