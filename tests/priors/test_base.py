from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from bayes_scaling import InputError, Priors, ScalarPrior
from bayes_scaling.priors import JointMoments

PRIOR = ScalarPrior(location=math.log(0.3), location_sd=0.3, spread=0.4, spread_factor=1.5, reason="as seen")


def test_a_new_family_differs_by_location_and_spread():
    assert PRIOR.family_sd == pytest.approx(0.5)  # 3-4-5


def test_the_natural_interval_holds_95_percent_of_new_families():
    rng = np.random.default_rng(1)
    families = np.exp(rng.normal(PRIOR.location, 0.3, 100_000) + rng.normal(0, 0.4, 100_000))

    lower, upper = PRIOR.natural_interval()

    assert np.mean((families > lower) & (families < upper)) == pytest.approx(0.95, abs=0.003)
    assert lower * upper == pytest.approx(0.3**2)


def test_the_interval_on_the_pooled_scale_is_its_logarithm():
    assert np.log(PRIOR.natural_interval(1.0)) == pytest.approx(PRIOR.interval(1.0))


@pytest.mark.parametrize(
    "change",
    [
        {"location": math.nan},
        {"location": math.inf},
        {"location_sd": 0.0},
        {"location_sd": -1.0},
        {"spread": 0.0},
        {"spread": math.inf},
        {"spread_factor": 1.0},
        {"spread_factor": math.nan},
    ],
    ids=str,
)
def test_numbers_that_are_no_prior_are_refused(change):
    with pytest.raises(InputError, match=next(iter(change))) as error:
        dataclasses.replace(PRIOR, **change)

    assert error.value.code == "bad_prior"


@pytest.mark.parametrize("sd", [0.0, -1.0, math.nan, math.inf])
def test_correlations_need_a_positive_width(sd):
    with pytest.raises(InputError, match="correlation_sd"):
        Priors({"log_alpha": PRIOR}, correlation_sd=sd)


def test_priors_cannot_be_changed():
    priors = Priors({"log_alpha": PRIOR})

    with pytest.raises(TypeError):
        priors.parameters["log_alpha"] = PRIOR  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        priors.name = "other"  # type: ignore[misc]


def test_with_changes_a_copy():
    priors = Priors({"log_alpha": PRIOR, "log_beta": PRIOR}, name="mine")
    narrow = dataclasses.replace(PRIOR, location_sd=0.1)

    changed = priors.with_(log_beta=narrow)

    assert changed.parameters == {"log_alpha": PRIOR, "log_beta": narrow}
    assert changed.name == "mine, changed"
    assert priors.parameters["log_beta"] is PRIOR


def test_with_refuses_a_name_it_does_not_know():
    with pytest.raises(InputError, match="log_alpha, log_beta") as error:
        Priors({"log_alpha": PRIOR, "log_beta": PRIOR}).with_(alpha=PRIOR)

    assert error.value.code == "unknown_parameter"


def test_a_line_for_each_parameter_gives_its_interval_and_reason():
    text = str(Priors({"log_alpha": PRIOR}, name="mine"))

    lower, upper = PRIOR.natural_interval()
    title, line = text.splitlines()
    assert "mine" in title
    assert line.split() == ["alpha", f"{lower:.3g}", "to", f"{upper:.3g}", "as", "seen"]


def test_a_parameter_that_is_no_logarithm_is_shown_as_it_is():
    shift = ScalarPrior(location=-1.0, location_sd=0.3, spread=0.4, spread_factor=1.5, reason="negative")

    assert str(Priors({"shift": shift})).split()[-5:] == ["shift", "-1.98", "to", "-0.02", "negative"]


# --- the population as one vector -------------------------------------------------------------

PAIR = {"log_alpha": PRIOR, "log_beta": dataclasses.replace(PRIOR, location=-1.0, spread=0.2)}
MOMENTS = JointMoments.from_lists([1, 2, 3, 4, 5], np.tril(np.arange(1.0, 26.0).reshape(5, 5)))


def test_priors_written_by_hand_are_independent_in_the_vector():
    location, factor = Priors(PAIR, correlation_sd=0.3).joint(tuple(PAIR), n_mean=2)

    assert location == pytest.approx([math.log(0.3), -1.0, math.log(0.4), math.log(0.2), 0.0])
    np.testing.assert_allclose(factor, np.diag([0.3, 0.3, math.log(1.5), math.log(1.5), 0.3]))


def test_only_parameters_of_the_mean_are_correlated():
    location, _ = Priors(PAIR).joint(tuple(PAIR), n_mean=1)

    assert len(location) == 4


def test_what_another_fit_taught_is_taken_as_it_is():
    location, factor = Priors(PAIR, moments=MOMENTS).joint(tuple(PAIR), n_mean=2)

    np.testing.assert_array_equal(location, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(factor, np.tril(np.arange(1.0, 26.0).reshape(5, 5)))


def test_a_prior_that_is_changed_by_hand_forgets_what_it_was_taught():
    """Moments of the whole vector would overrule the change."""
    changed = Priors(PAIR, moments=MOMENTS).with_(log_beta=PRIOR)

    assert changed.moments is None
    assert changed.joint(tuple(PAIR), n_mean=2)[0][1] == PRIOR.location
