from __future__ import annotations

import pytest

import bayes_scaling as bs
from bayes_scaling.laws import registry
from bayes_scaling.priors.weak import register_weak_priors
from bayes_scaling.priors.weak import registry as prior_registry
from tests.laws.kaplan import KAPLAN_PRIORS, Kaplan
from tests.simulate import Design, simulate

SHORT = {"chains": 16, "tune": 6, "draws": 8, "thin": 1}


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """Laws registered by a test are forgotten after it."""
    monkeypatch.setattr(registry, "_LAWS", dict(registry._LAWS))
    monkeypatch.setattr(prior_registry, "_BY_LAW", dict(prior_registry._BY_LAW))


def test_laws_are_listed_in_order_and_found_by_name():
    names = bs.list_laws()

    assert "chinchilla" in names
    assert list(names) == sorted(names)
    assert [bs.get_law(name).name for name in names] == list(names)


def test_a_law_object_is_handed_back():
    law = Kaplan()

    assert bs.get_law(law) is law


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(bs.InputError, match="chinchilla") as error:
        bs.get_law("chinchila")

    assert error.value.code == "unknown_law"


def test_a_users_law_is_registered_once():
    law = bs.register_law(Kaplan())

    assert bs.get_law("kaplan") is law
    assert "kaplan" in bs.list_laws()
    assert bs.register_law(law) is law


def test_a_registered_law_can_be_fitted_by_name_with_its_own_priors():
    law = bs.register_law(Kaplan())
    register_weak_priors(law, KAPLAN_PRIORS)
    runs = simulate(3, design=Design(n_seeds=1, n_checkpoints=2), seed=2).runs

    fit = bs.ScalingModel(law="kaplan", priors="weak").fit(runs, "laplace", progress=False, **SHORT)

    table = fit.predict(n_params=1e10, n_tokens=2e11, family="family-0").table
    assert fit.spec.law is law
    assert fit.spec.priors.parameters["x"] is KAPLAN_PRIORS["x"]
    reached = runs.select(["family-0"]).frame["loss"].min()
    assert 0.6 * reached < table["median"].item() < 1.05 * reached


def test_a_taken_name_is_refused():
    bs.register_law(Kaplan())

    with pytest.raises(bs.InputError) as error:
        bs.register_law(Kaplan())

    assert error.value.code == "law_exists"
