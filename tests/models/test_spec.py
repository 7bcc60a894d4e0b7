from __future__ import annotations

import dataclasses
import json

import pytest

from bayes_scaling import InputError, Priors
from bayes_scaling.laws import CHINCHILLA, registry
from bayes_scaling.models import DiscrepancyBasis, ModelSpec, PathShape
from bayes_scaling.priors import weak_priors
from tests.laws.kaplan import Kaplan

SPEC = ModelSpec()


def test_law_parameters_come_first_and_the_scales_last():
    assert SPEC.family_parameters == (*CHINCHILLA.parameter_names, "log_run_sd", "log_discrepancy_sd")


def test_the_description_is_complete():
    text = str(SPEC)

    assert CHINCHILLA.equation in text
    assert CHINCHILLA.citation in text
    assert all(shape.name in text for shape in SPEC.shapes)
    assert SPEC.priors.describe() in text
    assert f"{SPEC.basis.length_scale:g} e-folds" in text
    assert f"at most {SPEC.max_checkpoints} a run" in text


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"priors": weak_priors(CHINCHILLA).with_(log_alpha=weak_priors(CHINCHILLA).parameters["log_beta"])},
        {"basis": DiscrepancyBasis(length_scale=2.0, n_nodes=4)},
        {"shapes": (PathShape("only", 0.5, 0.3, 0.2, correlation_length=2.0),)},
        {"max_checkpoints": 3, "min_progress": 0.3},
    ],
    ids=lambda changes: ", ".join(changes) or "default",
)
def test_a_description_survives_being_written_down(changes):
    spec = dataclasses.replace(SPEC, **changes)

    text = spec.to_json()

    assert ModelSpec.from_json(text) == spec
    assert ModelSpec.from_json(json.dumps(json.loads(text))).to_json() == text


def test_a_description_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        SPEC.max_checkpoints = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    "change", [{"max_checkpoints": 0}, {"min_progress": 1.0}, {"min_progress": -0.1}, {"shapes": ()}]
)
def test_an_assumption_that_makes_no_sense_is_refused(change):
    with pytest.raises(InputError, match=next(iter(change))) as error:
        dataclasses.replace(SPEC, **change)

    assert error.value.code == "bad_argument"


def test_priors_of_another_law_are_refused_when_the_model_is_described():
    with pytest.raises(InputError, match="log_a, log_ratio, x, y") as error:
        ModelSpec(law=Kaplan(), priors=weak_priors(CHINCHILLA))

    assert error.value.code == "priors_of_another_law"


def test_a_law_of_the_users_is_described_with_its_own_priors(monkeypatch):
    monkeypatch.setattr(registry, "_LAWS", dict(registry._LAWS))
    law = registry.register_law(Kaplan())
    known = weak_priors(CHINCHILLA).parameters
    own = {name: known["log_alpha"] for name in law.parameter_names}
    residual = {name: known[name] for name in ("log_run_sd", "log_discrepancy_sd")}

    spec = ModelSpec(law=law, priors=Priors({**own, **residual}, name="mine"))

    assert law.equation in str(spec)
    assert ModelSpec.from_json(spec.to_json()) == spec
