"""Population priors as files: what they keep, which tables they recognise, and the one that is shipped."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bayes_scaling import InputError, weak_priors
from bayes_scaling.models import ModelSpec
from bayes_scaling.priors import make_population_file, named_priors, read_population, shipped_population
from bayes_scaling.priors.population import fingerprints
from tests.simulate import simulate

SPEC = ModelSpec()
TEACHERS = simulate(2, seed=3).runs.frame


@pytest.fixture(scope="module")
def draws() -> np.ndarray:
    vector = SPEC.population_vector
    rng = np.random.default_rng(0)
    shape = np.tril(0.1 * rng.standard_normal((vector.size, vector.size))) + np.eye(vector.size)
    return vector.location + 0.3 * rng.standard_normal((4000, vector.size)) @ shape.T


@pytest.fixture(scope="module")
def made(draws):
    return make_population_file(SPEC.law, SPEC.family_parameters, draws, TEACHERS, {"seed": 0})


def test_the_file_holds_all_that_it_was_made_of(made, tmp_path):
    path = tmp_path / "prior.json"
    path.write_text(made.to_json(), encoding="utf-8")

    assert read_population(path) == made


def test_the_priors_have_the_moments_of_the_draws(made, draws):
    priors = made.priors(SPEC.law)

    vector = ModelSpec(priors=priors).population_vector
    np.testing.assert_allclose(vector.location, draws.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(vector.factor @ vector.factor.T, np.cov(draws.T), atol=1e-4)
    first = next(iter(priors.parameters.values()))
    assert first.location == pytest.approx(draws[:, 0].mean(), abs=1e-5)
    assert first.reason == "learned from 2 families"


def test_rows_that_taught_it_are_recognised_under_any_label(made):
    disguised = TEACHERS.assign(family="mine", run="1")

    assert made.overlap(disguised.tail(1)) != ()
    assert made.overlap(disguised) == ("family-0", "family-1")
    assert made.overlap(simulate(1, seed=4).runs.frame) == ()


def test_a_fingerprint_is_of_the_numbers_alone():
    one, two = fingerprints(TEACHERS.head(2))

    assert one != two
    assert fingerprints(TEACHERS.head(1).assign(family="x", seed="7")) == [one]
    assert fingerprints(TEACHERS.head(1).assign(loss=TEACHERS["loss"].iloc[0] * 1.01)) != [one]


def test_priors_of_another_model_are_refused(made):
    with pytest.raises(InputError, match="schedule_gap") as caught:
        made.priors(SPEC.law, schedule=False)
    assert caught.value.code == "priors_of_another_law"


@pytest.mark.parametrize(
    "content",
    [None, "", "[1, 2]", "{}", '{"format": 99}'],
    ids=["missing", "empty", "a list", "no content", "another format"],
)
def test_what_is_no_population_prior_is_named(content, tmp_path):
    path = tmp_path / "prior.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(InputError, match="is not a population prior") as caught:
        read_population(path)
    assert caught.value.code == "unknown_prior"


# --- the shipped one --------------------------------------------------------------------------


def test_the_shipped_prior_was_fitted_well_and_says_by_what():
    shipped = shipped_population("chinchilla")

    assert shipped is not None
    assert shipped.names == SPEC.family_parameters
    assert len(shipped.fingerprints) == shipped.recipe["n_families"] >= 40
    assert shipped.recipe["verdict"].startswith("Converged")
    assert shipped.recipe["method"] == "nuts"
    assert {"pymc", "nutpie", "bayes-scaling"} <= set(shipped.recipe["versions"])


def test_the_shipped_prior_holds_no_losses():
    text = shipped_population("chinchilla").to_json()

    assert set(json.loads(text)) == {"format", "law", "names", "mean", "factor", "fingerprints", "recipe"}
    assert len(text) < 100_000


def test_the_shipped_prior_is_narrower_than_the_weak_one():
    learned, weak = named_priors("population", SPEC.law), weak_priors(SPEC.law)

    for name, prior in learned.parameters.items():
        assert prior.location_sd < weak.parameters[name].location_sd, name
    assert 0.1 < np.exp(learned.parameters["log_alpha"].location) < 0.8
