from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bayes_scaling import InputError
from bayes_scaling.inference import METHODS, LaplaceSettings, NutsSettings, settings_for


def test_options_change_what_they_name():
    nuts = settings_for("nuts", {"draws": 50, "target_accept": 0.9})
    laplace = settings_for("laplace", {"chains": 16, "thin": 3})

    assert nuts == dataclasses.replace(NutsSettings(), draws=50, target_accept=0.9)
    assert laplace == dataclasses.replace(LaplaceSettings(), chains=16, thin=3)


@pytest.mark.parametrize("method", METHODS)
def test_without_options_a_method_has_its_defaults(method):
    assert settings_for(method, {}) == METHODS[method]()


def test_an_unknown_method_lists_the_known_ones():
    with pytest.raises(InputError, match="nuts, laplace") as error:
        settings_for("laplas", {})

    assert error.value.code == "unknown_method"


@pytest.mark.parametrize("method", METHODS)
def test_settings_cannot_be_changed(method):
    with pytest.raises(dataclasses.FrozenInstanceError):
        METHODS[method]().draws = 5


def test_whole_numbers_of_any_kind_will_do():
    assert NutsSettings(draws=np.int64(50)).draws == 50


@pytest.mark.parametrize(
    ("method", "option", "value"),
    [
        ("nuts", "draws", 0),
        ("nuts", "draws", 10.0),
        ("nuts", "draws", True),
        ("nuts", "tune", -1),
        ("nuts", "chains", "two"),
        ("nuts", "cores", 0),
        ("nuts", "target_accept", 0.0),
        ("nuts", "target_accept", 1.0),
        ("nuts", "target_accept", float("nan")),
        ("nuts", "sampler", "emcee"),
        ("laplace", "draws", 0),
        ("laplace", "tune", 0),
        ("laplace", "chains", 3),
        ("laplace", "chains", 16.0),
        ("laplace", "thin", False),
    ],
)
def test_a_value_out_of_range_is_refused(method, option, value):
    with pytest.raises(InputError, match=option) as error:
        settings_for(method, {option: value})

    assert error.value.code in {"bad_argument", "unknown_sampler"}


@pytest.mark.parametrize(
    ("method", "option", "known"),
    [
        ("nuts", "n_draws", "target_accept"),
        ("nuts", "thin", "target_accept"),
        ("laplace", "target_accept", "thin"),
    ],
)
def test_an_unknown_option_lists_those_of_the_method(method, option, known):
    with pytest.raises(InputError, match=known) as error:
        settings_for(method, {option: 10})

    assert option in error.value.given
    assert error.value.code == "bad_argument"


@pytest.mark.parametrize(
    ("thin", "n_families", "is_taught", "expected"),
    [(None, 45, False, 1), (None, 3, False, 3), (None, 3, True, 1), (2, 3, False, 2), (1, 3, False, 1)],
)
def test_a_population_that_few_families_hold_is_given_more_sweeps(thin, n_families, is_taught, expected):
    assert LaplaceSettings(thin=thin).sweeps_a_draw(n_families, is_taught, False) == expected


def test_a_law_that_data_leave_open_is_given_more_sweeps_unless_told_otherwise():
    usual, told = LaplaceSettings(), LaplaceSettings(tune=5, thin=2)

    assert usual.sweeps_before(True) > usual.sweeps_before(False)
    assert usual.sweeps_a_draw(45, True, True) > usual.sweeps_a_draw(45, True, False)
    assert [told.sweeps_before(True), told.sweeps_a_draw(45, True, True)] == [5, 2]
