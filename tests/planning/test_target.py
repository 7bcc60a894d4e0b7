from __future__ import annotations

import pandas as pd
import pytest

from bayes_scaling import InputError
from bayes_scaling.planning import read_target
from tests.made_up_posterior import made_up_posterior

POINT = {"n_params": 7e9, "n_tokens": 1.4e11}


@pytest.fixture(scope="module")
def posterior():
    return made_up_posterior()


def test_a_mapping_and_a_frame_say_the_same(posterior):
    first = read_target(posterior, POINT, "apple")
    second = read_target(posterior, pd.DataFrame([POINT | {"family": "apple"}], index=[7]))

    assert first == second
    assert first.flops == 6 * 7e9 * 1.4e11


def test_compute_and_inputs_that_are_given_are_kept(posterior):
    found = read_target(posterior, POINT | {"flops": 1e22, "n_unique_tokens": 1e11}, "apple")

    assert found.flops == 1e22
    assert found.inputs == {"n_unique_tokens": 1e11}


@pytest.mark.parametrize(
    ("target", "family", "code"),
    [
        (POINT, None, "missing_point"),
        ({"n_params": 7e9}, "apple", "missing_column"),
        (POINT | {"n_params": -1}, "apple", "bad_point"),
        (POINT | {"flops": 0.0}, "apple", "bad_point"),
        (pd.DataFrame([POINT, POINT]), "apple", "bad_target"),
        (7e9, "apple", "bad_target"),
    ],
)
def test_what_is_no_target_is_refused(posterior, target, family, code):
    with pytest.raises(InputError) as caught:
        read_target(posterior, target, family)

    assert caught.value.code == code
