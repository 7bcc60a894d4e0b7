from __future__ import annotations

import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.study.axes import AXES, read_axes


def test_an_axis_left_out_has_its_default():
    axes = read_axes({"n_sizes": [2, 3]})

    assert axes["n_sizes"] == (2, 3)
    assert {name: values for name, values in axes.items() if name != "n_sizes"} == {
        name: axis.default for name, axis in AXES.items() if name != "n_sizes"
    }


def test_every_default_can_stand_on_its_axis():
    assert [name for name, axis in AXES.items() if not all(map(axis.accepts, axis.default))] == []


def test_equal_values_are_one_whether_written_as_whole_numbers_or_not():
    assert read_axes({"drop_tokens": [0, 0.0, 1e10]})["drop_tokens"] == (0.0, 1e10)


def test_infinity_is_the_share_that_keeps_every_row():
    assert read_axes({"train_share": [1, float("inf")]})["train_share"] == (1.0, float("inf"))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("n_sizes", [-1]),
        ("n_sizes", [True]),
        ("n_sizes", [2.5]),
        ("n_sizes", []),
        ("n_sizes", 3),
        ("train_share", [0.0]),
        ("train_share", [1.1]),
        ("train_share", [float("nan")]),
        ("train_share", ["half"]),
        ("drop_tokens", [-1]),
        ("drop_tokens", [float("inf")]),
        ("checkpoints", ["last"]),
        ("window", [0]),
        ("window", ["largest"]),
        ("n_seeds", [0]),
        ("target_share", [1.0]),
        ("test_from", [0.0]),
        ("law", ["no such law"]),
        ("pooling", ["complete"]),
        ("method", ["mcmc"]),
        ("seed", [-1]),
        ("families", [""]),
    ],
)
def test_a_value_that_an_axis_cannot_hold_is_refused_by_name(name, values):
    with pytest.raises(InputError, match=name) as caught:
        read_axes({name: values})

    assert caught.value.code == "bad_grid"


def test_an_axis_that_there_is_none_of_is_refused():
    with pytest.raises(InputError, match="n_size;"):
        read_axes({"n_size": [2]})
