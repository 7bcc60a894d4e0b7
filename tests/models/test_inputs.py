"""Inputs of laws that follow from other columns of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.laws import CHINCHILLA, COMPUTE, KAPLAN_NS, LOSS_TO_ERROR, Law, Parameter
from bayes_scaling.models.inputs import FULL_PRECISION_BITS, NOT_QUANTIZED_BITS, with_inputs

FRAME = pd.DataFrame({"n_params": [1e8, 1e9, 2e9], "n_tokens": [2e9, 2e10, 3e10]}, index=[7, 8, 9])


class Takes(Law):
    """A law with the inputs that a test names; ``x`` is its parameter."""

    name: ClassVar[str] = "takes"
    equation: ClassVar[str] = "L = x"
    parameters: ClassVar[tuple[Parameter, ...]] = (Parameter("x", "x", "level", "x"),)

    def __init__(self, *inputs: str) -> None:
        self.inputs = inputs  # type: ignore[misc]

    def log_loss(self, xp: Any, params: Mapping[str, Any], inputs: Mapping[str, Any]) -> Any:
        return params["x"]


def test_a_table_that_has_every_input_is_handed_back():
    assert with_inputs(CHINCHILLA, FRAME) is FRAME


def test_compute_is_six_flops_a_parameter_and_token():
    complete = with_inputs(COMPUTE, FRAME)

    assert complete["flops"].tolist() == [1.2e18, 1.2e20, 3.6e20]
    assert "flops" not in FRAME
    assert complete.index.tolist() == [7, 8, 9]


def test_given_values_are_kept_and_only_gaps_are_filled():
    complete = with_inputs(COMPUTE, FRAME.assign(flops=[5.0, np.nan, 7.0]))

    assert complete["flops"].tolist() == [5.0, 1.2e20, 7.0]


def test_tokens_are_unique_unless_a_table_says_otherwise():
    complete = with_inputs(Takes("n_unique_tokens"), FRAME.assign(n_unique_tokens=[1e9, np.nan, np.nan]))

    assert complete["n_unique_tokens"].tolist() == [1e9, 2e10, 3e10]


def test_steps_are_tokens_over_the_batch():
    complete = with_inputs(KAPLAN_NS, FRAME.assign(n_batch_tokens=[1e6, 2e6, 3e6]))

    assert complete["n_steps"].tolist() == [2e3, 1e4, 1e4]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_bits_weights", FULL_PRECISION_BITS),
        ("n_bits_activations", FULL_PRECISION_BITS),
        ("n_bits_kv", FULL_PRECISION_BITS),
        ("n_bits_post", NOT_QUANTIZED_BITS),
    ],
)
def test_without_a_word_on_bits_nothing_was_in_low_precision(name, value):
    assert with_inputs(Takes(name), FRAME)[name].tolist() == [value] * 3


@pytest.mark.parametrize(
    ("law", "frame", "advice"),
    [
        (LOSS_TO_ERROR, FRAME, "no column 'pretraining_loss'"),
        (LOSS_TO_ERROR, FRAME.assign(pretraining_loss=[2.0, np.nan, 3.0]), "rows without a value"),
        (KAPLAN_NS, FRAME, "n_tokens and n_batch_tokens"),
        (COMPUTE, FRAME.drop(columns="n_params"), "n_params and n_tokens"),
    ],
    ids=["absent", "with gaps", "what it follows from is absent", "half of what it follows from"],
)
def test_an_input_that_follows_from_nothing_is_asked_for(law, frame, advice):
    with pytest.raises(InputError, match=advice) as caught:
        with_inputs(law, frame)

    assert caught.value.code == "missing_column"
