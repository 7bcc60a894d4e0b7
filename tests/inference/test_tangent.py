from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from bayes_scaling.inference.linearised import prepare
from bayes_scaling.inference.tangent import averaged, linearise
from bayes_scaling.models import Centring, ModelSpec
from tests.inference.exact import linear_population, one_in_bits
from tests.laws.linear import LINEAR_SPEC
from tests.simulate import Design, simulate

DESIGN = Design(sizes=(5e7, 4e8, 3e9), n_seeds=2, n_checkpoints=8)
WHAT_ROWS_SAY = ("gram", "pull", "absorption")


@pytest.fixture(scope="module")
def bent():
    return prepare(ModelSpec(), simulate(3, design=DESIGN, seed=11).runs)


def points_around(start, count, spread):
    rng = np.random.default_rng(3)
    return start.centring.origin + spread * rng.standard_normal((count, *start.centring.origin.shape))


def linearised_at(start, point):
    now, population = start.moments, start.population
    expected, spread = population.mean[-2:], population.sd[-2:]
    return linearise(start.batch, point, now.scale_mean, now.scale_covariance, expected, spread)


def assert_close(one, other, names=WHAT_ROWS_SAY, rtol=1e-6):
    for name in names:
        found, expected = getattr(one, name), getattr(other, name)
        np.testing.assert_allclose(
            found, expected, rtol=rtol, atol=rtol * np.abs(expected).max(), err_msg=name
        )


def test_the_average_of_one_point_is_what_is_known_there(bent):
    here = bent.centring

    alone = averaged(bent.batch, here, [here.origin])

    assert_close(alone, here, [field.name for field in fields(Centring)], rtol=1e-12)


def test_a_linear_law_says_the_same_at_all_points():
    runs = one_in_bits(simulate(3, design=DESIGN, seed=11).runs)
    start = prepare(replace(LINEAR_SPEC, robust=False), runs, linear_population())

    assert_close(averaged(start.batch, start.centring, points_around(start, 5, 0.3)), start.centring)


def test_information_is_the_mean_of_that_at_the_points_and_the_rest_stays(bent):
    points = points_around(bent, 4, 0.2)

    mean = averaged(bent.batch, bent.centring, points)

    single = np.mean([linearised_at(bent, point).gram for point in points], axis=0)
    np.testing.assert_allclose(mean.gram, single, rtol=1e-9)
    assert not np.allclose(mean.gram, bent.centring.gram, rtol=0.01)
    others = [field.name for field in fields(Centring) if field.name not in WHAT_ROWS_SAY]
    assert_close(mean, bent.centring, others, rtol=0.0)


def test_each_point_pulls_to_where_its_own_slopes_lead(bent):
    """One point elsewhere: information and pull put a family where that point's own linear law would."""
    point = points_around(bent, 1, 0.2)[0]
    there = linearised_at(bent, point)

    mean = averaged(bent.batch, bent.centring, [point])

    step = np.linalg.solve(there.gram, there.pull[..., None])[..., 0]
    found = np.linalg.solve(mean.gram, mean.pull[..., None])[..., 0]
    np.testing.assert_allclose(bent.centring.origin + found, point + step, rtol=1e-5, atol=1e-5)


def test_points_without_slopes_are_left_out(bent):
    good, bad = points_around(bent, 1, 0.2)[0], bent.centring.origin + 1e4

    assert_close(
        averaged(bent.batch, bent.centring, [bad, good]), averaged(bent.batch, bent.centring, [good])
    )
    assert averaged(bent.batch, bent.centring, [bad]) is bent.centring
