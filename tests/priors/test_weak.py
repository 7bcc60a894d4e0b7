from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.datasets import load_coefficients
from bayes_scaling.errors import InputError
from bayes_scaling.laws import CHINCHILLA, get_law, list_laws
from bayes_scaling.models import LOG_DISCREPANCY_SD, LOG_RUN_SD, SCHEDULE_GAP
from bayes_scaling.priors import weak_priors
from tests.laws.kaplan import Kaplan

every_law = pytest.mark.parametrize("law", [get_law(name) for name in list_laws()], ids=list_laws())


@every_law
def test_every_family_parameter_has_a_prior(law):
    scales = (LOG_RUN_SD, LOG_DISCREPANCY_SD)

    assert tuple(weak_priors(law).parameters) == (*law.parameter_names, SCHEDULE_GAP, *scales)
    assert tuple(weak_priors(law, schedule=False).parameters) == (*law.parameter_names, *scales)


@every_law
def test_every_prior_says_why(law):
    reasons = [prior.reason for prior in weak_priors(law).parameters.values()]

    assert all(len(reason.split()) > 5 for reason in reasons)
    assert len(set(reasons)) == len(reasons)


@every_law
def test_the_set_prints_itself(law):
    text = str(weak_priors(law))

    assert law.name in text
    assert all(prior.reason in text for prior in weak_priors(law).parameters.values())


@pytest.fixture(scope="module")
def published() -> dict[str, np.ndarray]:
    """Constants of every published fit of the additive law, as pooled parameters."""
    table = load_coefficients()
    constants = table.loc[
        table["form"] == "L = E + A/N^alpha + B/D^beta", ["E", "A", "B", "alpha", "beta"]
    ].dropna()
    return CHINCHILLA.from_published(np, {name: constants[name].to_numpy() for name in constants})


@pytest.mark.parametrize("name", CHINCHILLA.parameter_names)
def test_the_prior_lies_where_published_fits_lie(published, name):
    prior = weak_priors(CHINCHILLA).parameters[name]

    lower, upper = prior.interval()
    inside = (published[name] > lower) & (published[name] < upper)

    assert len(inside) > 20
    assert abs(np.median(published[name]) - prior.location) < prior.family_sd
    assert inside.mean() > 0.5


@pytest.mark.parametrize("name", ["alpha", "beta"])
def test_the_prior_is_weak_and_not_empty(name):
    lower, upper = weak_priors(CHINCHILLA).parameters[f"log_{name}"].natural_interval()

    assert 2.5 < upper / lower < 10


def test_the_shares_at_the_reference_point_are_those_of_chinchilla():
    # 20 % each, by the constants of Besiroglu et al. 2024
    published = {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}
    params = CHINCHILLA.from_published(np, published)

    for name in ("log_size_share", "log_data_share"):
        assert np.exp(params[name]) == pytest.approx(0.20, abs=0.005)
        lower, upper = weak_priors(CHINCHILLA).parameters[name].natural_interval()
        assert lower < np.exp(params[name]) < upper


@pytest.mark.parametrize(
    ("name", "lower", "upper"),
    [(LOG_RUN_SD, 0.002, 0.035), (LOG_DISCREPANCY_SD, 0.005, 0.03)],
)
def test_what_is_known_of_residuals_is_expected(name, lower, upper):
    expected = weak_priors(CHINCHILLA).parameters[name].natural_interval()

    assert expected[0] < np.sqrt(lower * upper) < expected[1]
    assert expected[1] < 0.1  # a residual of a tenth of the loss is no residual


def test_a_schedule_costs_a_few_percent_and_hardly_ever_less_than_nothing():
    prior = weak_priors(CHINCHILLA).parameters[SCHEDULE_GAP]

    lower, upper = prior.interval()
    assert -0.05 < lower < 0.0 < prior.location < upper < 0.1


def test_a_law_of_the_users_brings_its_own_priors():
    with pytest.raises(InputError, match="register_weak_priors") as error:
        weak_priors(Kaplan())

    assert error.value.code == "no_priors"
