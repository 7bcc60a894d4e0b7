from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from bayes_scaling import InputError, Priors
from bayes_scaling.laws import CHINCHILLA, get_law, registry
from bayes_scaling.models import DiscrepancyBasis, ModelSpec, PathShape, assumptions_of
from bayes_scaling.priors import JointMoments, weak_priors
from tests.laws.kaplan import Kaplan

SPEC = ModelSpec()
TAUGHT = dataclasses.replace(
    SPEC.priors,
    name="taught",
    correlation_sd=0.7,
    moments=JointMoments.from_lists(
        np.linspace(-1, 1, SPEC.population_vector.size),
        np.tril(np.ones((SPEC.population_vector.size, SPEC.population_vector.size))),
    ),
)


WITHOUT_SCHEDULE = ModelSpec(schedule=False)


def test_law_parameters_come_first_then_the_schedule_and_the_scales_last():
    scales = ("log_run_sd", "log_discrepancy_sd")

    assert SPEC.family_parameters == (*CHINCHILLA.parameter_names, "schedule_gap", *scales)
    assert WITHOUT_SCHEDULE.family_parameters == (*CHINCHILLA.parameter_names, *scales)


def test_the_population_vector_has_a_place_for_every_parameter():
    # locations, log spreads, and what lies below the diagonal of the correlations of the mean's parameters
    assert SPEC.population_vector.size == 2 * 8 + 6 * 5 // 2
    assert WITHOUT_SCHEDULE.population_vector.size == 2 * 7 + 5 * 4 // 2


@pytest.mark.parametrize("exponent", [0.0, 0.05, 0.5])
def test_runs_of_the_reference_size_have_the_family_s_scale_and_larger_ones_less(exponent):
    spec = dataclasses.replace(SPEC, run_size_exponent=exponent)

    assert spec.run_amplitude([1e9, 1e11, 1e7]) == pytest.approx([1, 100**-exponent, 100**exponent])


def test_the_description_is_complete():
    text = str(SPEC)

    assert CHINCHILLA.equation in text
    assert CHINCHILLA.citation in text
    assert all(shape.name in text for shape in SPEC.shapes)
    assert SPEC.priors.describe() in text
    assert f"{SPEC.basis.length_scale:g} e-folds" in text
    assert f"at most {SPEC.max_checkpoints} a run" in text
    assert f"(N D)^-{SPEC.basis.decay:g}" in text
    assert f"N^-{SPEC.run_size_exponent:g}" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schedule": False, "priors": None}, "schedule"),
        ({"repeats": False}, "less than fresh ones"),
        ({"repeats": False}, "wear"),
        ({"basis": DiscrepancyBasis(wear=0.0)}, "wear"),
    ],
    ids=["schedule", "repeats", "repeats leave no wear", "wear"],
)
def test_what_is_not_assumed_is_not_said(changes, words):
    assert words in str(SPEC)
    assert words not in str(dataclasses.replace(SPEC, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"priors": weak_priors(CHINCHILLA).with_(log_alpha=weak_priors(CHINCHILLA).parameters["log_beta"])},
        {"basis": DiscrepancyBasis(length_scale=2.0, n_nodes=4)},
        {"shapes": (PathShape("only", 0.5, 0.3, 0.2, correlation_length=2.0),)},
        {"max_checkpoints": 3, "min_progress": 0.3},
        {"schedule": False, "priors": None},
        {"repeats": False, "run_size_exponent": 0.2, "robust": False},
        {"priors": TAUGHT},
    ],
    ids=lambda changes: ", ".join(changes) or "default",
)
def test_a_description_survives_being_written_down(changes):
    spec = dataclasses.replace(SPEC, **changes)

    text = spec.to_json()

    assert ModelSpec.from_json(text) == spec
    assert ModelSpec.from_json(json.dumps(json.loads(text))).to_json() == text


def test_a_description_that_was_written_before_repeats_had_wear_has_none():
    stored = json.loads(SPEC.to_json())
    del stored["basis"]["wear"]

    assert ModelSpec.from_json(json.dumps(stored)).basis == DiscrepancyBasis(wear=0.0)


@pytest.mark.parametrize("law", ["annealing", "multi-power"])
def test_laws_of_the_schedule_bring_the_discrepancy_of_a_single_size(law):
    spec = ModelSpec(law=get_law(law), **assumptions_of(get_law(law)))

    assert (spec.basis.length_scale, spec.basis.decay) == (3.0, 0.0)
    assert spec.run_amplitude(1e7) == spec.run_amplitude(1e9)
    assert spec.min_progress > 0
    # smooth curves: a schedule's own level must not be tied to the small noise of its evaluations
    assert max(shape.offset / shape.noise for shape in spec.shapes) > 20


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


@pytest.mark.parametrize("schedule", [True, False])
def test_a_law_of_the_users_is_described_with_its_own_priors(monkeypatch, schedule):
    monkeypatch.setattr(registry, "_LAWS", dict(registry._LAWS))
    law = registry.register_law(Kaplan())
    known = weak_priors(CHINCHILLA).parameters
    own = {name: known["log_alpha"] for name in law.parameter_names}
    around = ("schedule_gap",) * schedule + ("log_run_sd", "log_discrepancy_sd")
    priors = Priors({**own, **{name: known[name] for name in around}}, name="mine")

    spec = ModelSpec(law=law, priors=priors, schedule=schedule)

    assert law.equation in str(spec)
    assert ModelSpec.from_json(spec.to_json()) == spec
