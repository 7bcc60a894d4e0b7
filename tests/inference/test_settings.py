from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bayes_scaling import InputError
from bayes_scaling.inference import NutsSettings


def test_options_change_what_they_name():
    settings = NutsSettings.from_options({"draws": 50, "target_accept": 0.95})

    assert settings == dataclasses.replace(NutsSettings(), draws=50, target_accept=0.95)


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        NutsSettings().draws = 5  # type: ignore[misc]


def test_whole_numbers_of_any_kind_will_do():
    assert NutsSettings(draws=np.int64(50)).draws == 50


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("draws", 0),
        ("draws", 10.0),
        ("draws", True),
        ("tune", -1),
        ("chains", "two"),
        ("cores", 0),
        ("target_accept", 0.0),
        ("target_accept", 1.0),
        ("target_accept", float("nan")),
        ("sampler", "emcee"),
    ],
)
def test_a_value_out_of_range_is_refused(option, value):
    with pytest.raises(InputError, match=option) as error:
        NutsSettings.from_options({option: value})

    assert error.value.code in {"bad_argument", "unknown_sampler"}


def test_an_unknown_option_lists_the_known_ones():
    with pytest.raises(InputError, match="target_accept") as error:
        NutsSettings.from_options({"n_draws": 10})

    assert "n_draws" in error.value.given
    assert error.value.code == "bad_argument"
