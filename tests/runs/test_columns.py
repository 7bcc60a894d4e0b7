from __future__ import annotations

import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.names import REQUIRED_COLUMNS
from bayes_scaling.runs import parse_mapping, read_runs
from bayes_scaling.runs.columns import USUAL_NAMES, suggest_columns
from tests.runs.example_tables import three_rows

# --- items of the command line ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "mapping"),
    [
        ([], {}),
        (["n_params=N"], {"n_params": "N"}),
        (["n_params = N", "loss=val loss"], {"n_params": "N", "loss": "val loss"}),
        (["loss=a=b"], {"loss": "a=b"}),
    ],
)
def test_items_are_our_name_then_theirs(items, mapping):
    assert parse_mapping(items) == mapping


@pytest.mark.parametrize("items", [["n_params"], ["=N"], ["n_params="], [""], ["loss=a", "loss=b"]])
def test_items_that_are_no_pairs_are_refused(items):
    with pytest.raises(InputError, match="--units") as caught:
        parse_mapping(items, option="--units")

    assert caught.value.code == "bad_mapping"


# --- mapping ----------------------------------------------------------------------------------


def test_other_names_are_mapped():
    theirs = three_rows().rename(columns={"n_params": "N", "loss": "val loss"})

    assert read_runs(theirs, columns={"n_params": "N", "loss": "val loss"}) == read_runs(three_rows())


def test_nothing_is_mapped_that_was_not_asked_for():
    with pytest.raises(InputError) as caught:
        read_runs(three_rows().rename(columns={"n_params": "N"}))

    assert caught.value.code == "missing_column"


def test_a_mapped_name_wins_over_a_column_of_that_name():
    both = three_rows(val_loss=[2.9, 2.8, 2.6])

    runs = read_runs(both, columns={"loss": "val_loss"})

    assert sorted(runs.frame["loss"]) == [2.6, 2.8, 2.9]
    assert "val_loss" not in runs.frame


def test_names_can_be_swapped_and_one_column_can_serve_twice():
    swapped = three_rows().rename(columns={"n_params": "n_tokens", "n_tokens": "n_params"})
    named_once = three_rows(family=None)

    assert read_runs(swapped, columns={"n_params": "n_tokens", "n_tokens": "n_params"}) == read_runs(
        three_rows()
    )
    assert read_runs(named_once, columns={"family": "run", "run": "run"}).families == (
        "large",
        "medium",
        "small",
    )


def test_a_name_of_a_users_own_law_can_be_mapped():
    assert "n_bits_weights" in read_runs(three_rows(bits=4), columns={"n_bits_weights": "bits"}).frame


@pytest.mark.parametrize(
    "columns", ["n_params=N", {"n_params": 3}, {1: "N"}, {"n_params": ""}, [("n_params", "N")]]
)
def test_a_mapping_of_the_wrong_kind_is_refused(columns):
    with pytest.raises(InputError) as caught:
        read_runs(three_rows(), columns=columns)

    assert caught.value.code == "bad_mapping"


# --- suggestions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "suggested"),
    [
        (["N", "D", "L"], {"n_params": "N", "n_tokens": "D", "loss": "L"}),
        (
            ["Num Params", "tokens-seen", "PPL"],
            {"n_params": "Num Params", "n_tokens": "tokens-seen", "loss": "PPL"},
        ),
        (["n_prams", "n_toks"], {"n_params": "n_prams", "n_tokens": "n_toks"}),
        (["losses"], {"loss": "losses"}),
        (["colour", "weather"], {}),
    ],
)
def test_similar_names_are_suggested(theirs, suggested):
    assert suggest_columns(["n_params", "n_tokens", "loss"], theirs) == suggested


def test_a_column_is_suggested_once():
    assert suggest_columns(["family", "run"], ["model_family"]) == {"family": "model_family"}


def test_every_required_column_has_usual_names():
    assert set(USUAL_NAMES) == set(REQUIRED_COLUMNS)


def test_names_with_blanks_are_quoted_for_the_command_line():
    with pytest.raises(InputError, match="--map 'n_params=model size'"):
        read_runs(three_rows().rename(columns={"n_params": "model size"}))


# --- names ------------------------------------------------------------------------------------


def test_blanks_around_names_and_saved_indexes_are_left_out(tmp_path):
    path = tmp_path / "runs.csv"
    three_rows().rename(columns={"loss": " loss "}).to_csv(path)  # with its index, as a column without a name

    assert read_runs(path) == read_runs(three_rows())


def test_a_frame_saved_with_its_index_is_read_without_it(tmp_path):
    path = tmp_path / "runs.parquet"
    three_rows().set_axis(["x", "y", "z"], axis="index").to_parquet(path)

    assert read_runs(path) == read_runs(three_rows())


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (
            three_rows().set_axis(["family", "run", "n_params", "loss", "loss"], axis="columns"),
            "duplicate_columns",
        ),
        (
            three_rows().set_axis(pd.MultiIndex.from_product([["x"], three_rows().columns]), axis="columns"),
            "not_a_table",
        ),
        (pd.DataFrame(), "missing_column"),
        (three_rows().head(0), "empty_table"),
    ],
    ids=["twice", "layers", "nothing", "no rows"],
)
def test_a_frame_without_a_tables_shape_is_refused(frame, code):
    with pytest.raises(InputError) as caught:
        read_runs(frame)

    assert caught.value.code == code
