"""Weak priors that a user registers for a law of their own."""

from __future__ import annotations

import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.laws import CHINCHILLA, get_law, list_laws
from bayes_scaling.models import ModelSpec
from bayes_scaling.priors import ScalarPrior, weak_priors
from bayes_scaling.priors.weak import register_weak_priors, registry
from tests.laws.kaplan import KAPLAN_PRIORS, Kaplan


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """Priors registered by a test are forgotten after it."""
    monkeypatch.setattr(registry, "_BY_LAW", dict(registry._BY_LAW))


def test_registered_priors_are_those_of_the_law():
    law = Kaplan()
    register_weak_priors(law, KAPLAN_PRIORS)

    priors = weak_priors(law)

    assert {name: priors.parameters[name] for name in law.parameter_names} == KAPLAN_PRIORS
    assert set(priors.parameters) == set(ModelSpec(law=law).family_parameters)


def test_priors_of_the_residual_may_come_along():
    own = ScalarPrior(-4.0, 0.2, 0.2, 1.2, "runs of this kind scatter by two per cent")
    register_weak_priors(Kaplan(), {**KAPLAN_PRIORS, "log_run_sd": own})

    priors = weak_priors(Kaplan()).parameters

    assert priors["log_run_sd"] is own
    assert priors["log_discrepancy_sd"] == weak_priors(CHINCHILLA).parameters["log_discrepancy_sd"]


def test_what_is_registered_does_not_change_with_the_callers_mapping():
    mutable = dict(KAPLAN_PRIORS)
    register_weak_priors(Kaplan(), mutable)
    mutable.clear()

    assert weak_priors(Kaplan()).parameters["x"] == KAPLAN_PRIORS["x"]


def test_a_second_registration_replaces_the_first():
    register_weak_priors(Kaplan(), KAPLAN_PRIORS)
    other = ScalarPrior(0.2, 0.1, 0.1, 1.3, "second thoughts of the user about size")
    register_weak_priors(Kaplan(), {**KAPLAN_PRIORS, "x": other})

    assert weak_priors(Kaplan()).parameters["x"] is other


@pytest.mark.parametrize(
    ("law", "change", "named"),
    [
        (Kaplan(), {"x": None}, "lacks"),
        (Kaplan(), {"z": KAPLAN_PRIORS["x"]}, "does not know"),
        (CHINCHILLA, {}, "comes with priors"),
    ],
    ids=["one missing", "one too many", "a shipped law"],
)
def test_what_does_not_fit_the_law_is_refused(law, change, named):
    given = {name: prior for name, prior in {**KAPLAN_PRIORS, **change}.items() if prior is not None}

    with pytest.raises(InputError, match=named) as caught:
        register_weak_priors(law, given)

    assert caught.value.code == "bad_prior"


def test_every_shipped_law_has_priors_in_a_file_and_no_file_has_others():
    assert sorted(name for file in registry._FILES for name in file.PRIORS) == sorted(list_laws())
    assert all(set(get_law(name).parameter_names) <= set(registry._BY_LAW[name]) for name in list_laws())
