from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling import InputError
from bayes_scaling.prediction import make_points

FRAME = pd.DataFrame({"family": ["a", "b"], "n_params": [1e9, 2e9], "n_tokens": [1e10, 2e10]})


def test_numbers_make_one_point():
    points = make_points(None, n_params=7e10, n_tokens=1.4e12, family="a")

    assert points.to_dict("records") == [{"family": "a", "n_params": 7e10, "n_tokens": 1.4e12}]


@pytest.mark.parametrize(
    "many", [[1e9, 2e9], (1e9, 2e9), np.array([1e9, 2e9]), pd.Series([1e9, 2e9], index=[7, 3])]
)
def test_lists_of_any_kind_are_broadcast_against_numbers(many):
    points = make_points(None, n_params=many, n_tokens=10, family=["a", "b"])

    assert points["n_params"].tolist() == [1e9, 2e9]
    assert points["n_tokens"].tolist() == [10.0, 10.0]
    assert points["family"].tolist() == ["a", "b"]


def test_a_frame_keeps_its_order_and_its_columns():
    given = FRAME.assign(note=["x", "y"], n_params=[10**9, 2 * 10**9]).set_index(np.array([5, 2]))

    points = make_points(given)

    assert points["note"].tolist() == ["x", "y"]
    assert points.index.tolist() == [0, 1]
    assert points["n_params"].dtype == float
    assert given.index.tolist() == [5, 2]


def test_a_frame_may_be_given_one_family_for_all():
    points = make_points(FRAME[["n_params", "n_tokens"]], family="a")

    assert points["family"].tolist() == ["a", "a"]


def test_labels_are_text():
    points = make_points(FRAME.assign(family=[1, 2], run=[3, 4]))

    assert points["family"].tolist() == ["1", "2"]
    assert points["run"].tolist() == ["3", "4"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "missing_point"),
        ({"n_params": 1e9, "n_tokens": 1e10}, "missing_point"),
        ({"n_params": 1e9, "family": "a"}, "missing_point"),
        ({"points": FRAME, "n_params": 1e9}, "two_points"),
        ({"points": 7e10, "family": "a"}, "bad_points"),
        ({"points": FRAME, "family": ["a"]}, "bad_points"),
        ({"n_params": [1e9, 2e9], "n_tokens": [1, 2, 3], "family": "a"}, "bad_points"),
        ({"n_params": [[1e9], [2e9]], "n_tokens": [1, 2], "family": "a"}, "bad_points"),
        ({"points": FRAME.drop(columns="n_tokens")}, "missing_column"),
        ({"points": FRAME.drop(columns="family")}, "missing_column"),
        ({"points": FRAME.iloc[:0]}, "no_points"),
        ({"n_params": [], "n_tokens": 1e10, "family": "a"}, "no_points"),
    ],
)
def test_what_makes_no_points_is_one_clear_error(given, code):
    with pytest.raises(InputError) as error:
        make_points(given.pop("points", None), **given)

    assert error.value.code == code


@pytest.mark.parametrize("column", ["n_params", "n_tokens"])
@pytest.mark.parametrize("value", [0, -1e9, np.nan, np.inf, "large", None])
def test_a_number_that_is_none_is_named_with_its_point(column, value):
    bad = FRAME.astype(object)
    bad.loc[1, column] = value

    with pytest.raises(InputError, match=f"{column} = .* at point 1") as error:
        make_points(bad)

    assert error.value.code == "bad_point"


@pytest.mark.parametrize("column", ["family", "run"])
def test_a_label_that_is_missing_is_named_with_its_point(column):
    with pytest.raises(InputError, match=f"no {column} at point 1"):
        make_points(FRAME.assign(**{column: ["a", None]}))


def test_a_value_is_cited_as_it_was_written():
    with pytest.raises(InputError, match=r"n_params = -1\.0 at point 0"):
        make_points(None, n_params=-1.0, n_tokens=1e9, family="a")
