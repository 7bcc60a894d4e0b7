from __future__ import annotations

import pytest

import bayes_scaling as bs
from bayes_scaling.laws import registry
from tests.laws.kaplan import Kaplan


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """Laws registered by a test are forgotten after it."""
    monkeypatch.setattr(registry, "_LAWS", dict(registry._LAWS))


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


def test_a_taken_name_is_refused():
    bs.register_law(Kaplan())

    with pytest.raises(bs.InputError) as error:
        bs.register_law(Kaplan())

    assert error.value.code == "law_exists"
