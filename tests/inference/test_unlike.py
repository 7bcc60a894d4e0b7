"""Which families are called unlike the population that speaks for them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from bayes_scaling.inference import LaplaceSettings, check_unlike, draw_prior, fit_laplace, transfer
from bayes_scaling.inference.unlike import tail_probability
from bayes_scaling.laws import CHINCHILLA
from bayes_scaling.models import ModelSpec, Population
from bayes_scaling.priors.population import named_priors
from bayes_scaling.runs import RunTable, concat_runs
from tests.baselines.families import TRUTH, family_rows, true_loss
from tests.simulate import Design, simulate

TAUGHT = ModelSpec(priors=named_priors("population", CHINCHILLA))
QUICK = LaplaceSettings(chains=32, draws=16)


@pytest.fixture(scope="module")
def bank():
    return draw_prior(TAUGHT, n_draws=1024)


def table(rows, **columns) -> RunTable:
    return RunTable.from_frame(rows.assign(**columns))


def test_families_that_are_like_the_population_are_rarely_called_unlike(bank):
    runs = simulate(12, design=Design(n_seeds=1), seed=5).runs
    one_run = runs.subset(runs.frame["n_params"] == 4e8)

    assert len(check_unlike(transfer(bank, one_run))) <= 1
    assert len(check_unlike(fit_laplace(ModelSpec(), runs, QUICK))) <= 1


def test_a_family_of_one_size_in_a_strange_unit_is_named_for_its_level_and_its_metric(bank):
    rows = family_rows("strange", sizes=(3e8,))
    strange = table(rows, loss=rows["loss"] / 40, metric="span_corruption")
    usual = table(family_rows("usual", sizes=(3e8,)))

    found = check_unlike(transfer(bank, concat_runs([strange, usual])))

    assert {"unlike_level", "unknown_level"} <= set(found.codes)
    assert {note.family for note in found} == {"strange"}
    assert "span_corruption" in str(found)


def test_a_metric_that_another_family_of_the_fit_has_is_no_unknown_one(bank):
    pair = [
        table(family_rows("one size", sizes=(3e8,)), metric="a mean over sets"),
        table(family_rows("several"), metric="a mean over sets"),
    ]

    assert "unknown_level" not in check_unlike(transfer(bank, concat_runs(pair))).codes


def test_a_law_that_no_family_of_the_population_has_is_named():
    steep = {**TRUTH, "alpha": 0.8, "A": TRUTH["A"] * 1e9 ** (0.8 - TRUTH["alpha"])}
    rows = family_rows("steep")
    noise = np.exp(np.random.default_rng(0).normal(0.0, 0.005, len(rows)))
    runs = table(rows, loss=true_loss(rows["n_params"], rows["n_tokens"], steep) * noise)

    assert check_unlike(fit_laplace(TAUGHT, runs, QUICK)).codes == ("unlike_law",)


def test_nothing_is_said_where_no_population_is_known():
    rows = family_rows("strange", noise_sd=0.005)
    runs = table(rows, loss=rows["loss"] / 40, metric="span_corruption")

    assert len(check_unlike(fit_laplace(ModelSpec(), runs, QUICK))) == 0


def test_tail_probabilities_of_the_populations_families_are_no_smaller_than_they_say():
    rng = np.random.default_rng(0)
    population = Population(np.array([1.0, -1.0, 0.5, 0.0]), np.array([0.5, 2.0, 1.0, 1.0]), np.eye(3), 3)
    noise_sd = np.array([0.1, 1.0, 0.3])
    kept = population.sd[:3] ** 2 / (population.sd[:3] ** 2 + noise_sd**2)
    tails = []
    for truth in rng.normal(population.mean[:3], population.sd[:3], (400, 3)):
        seen = truth + rng.normal(0.0, noise_sd)
        centre = population.mean[:3] + kept * (seen - population.mean[:3])
        tails.append(tail_probability(rng.normal(centre, noise_sd * np.sqrt(kept), (2000, 3)), population))

    assert kstest(tails, "uniform").pvalue > 0.01
    uninformed = rng.normal(population.mean[:3], population.sd[:3], (2000, 3))
    assert tail_probability(uninformed, population) > 0.99
    far = rng.normal(population.mean[:3] + np.array([3.0, 0.0, 0.0]), 0.01, (2000, 3))
    assert tail_probability(far, population) < 1e-4
