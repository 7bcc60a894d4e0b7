"""Narrowing against cases whose posterior is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from bayes_scaling.planning import Belief, Observation, expected_narrowing
from bayes_scaling.planning.narrowing import GROUP_SIZE, Narrowing, alike

N = 4000


def linear_gaussian(
    noise: tuple[float, float], own_sd: float = 0.0, seed: int = 0, scale_varies: bool = False
):
    """Draws of f = a + 3 b with b observed at 1 and 2, a and b independent normals of sd 0.01."""
    rng = np.random.default_rng(seed)
    a, b = 0.01 * rng.standard_normal((2, N))
    expected = np.stack([a + b, a + 2 * b], axis=1)
    covariance = np.broadcast_to(np.diag(np.square(noise)), (N, 2, 2))
    scales = 0.01 * rng.standard_normal((N, 2))
    return Belief(a + 3 * b, np.full(N, own_sd**2), scales), Observation(expected, covariance)


def exact_share(noise: tuple[float, float], own_sd: float = 0.0) -> float:
    """Closed form of the linear-Gaussian case."""
    design, at = np.array([[1.0, 1.0], [1.0, 2.0]]), np.array([1.0, 3.0])
    prior = 1e-4 * np.eye(2)
    after = np.linalg.inv(np.linalg.inv(prior) + design.T @ np.diag(np.square(noise) ** -1.0) @ design)
    before_sd, after_sd = (np.sqrt(at @ cov @ at + own_sd**2) for cov in (prior, after))
    return 1 - after_sd / before_sd


@pytest.mark.parametrize("noise", [(0.002, 0.002), (0.01, 0.01), (0.05, 0.002)])
@pytest.mark.parametrize("own_sd", [0.0, 0.02])
@pytest.mark.parametrize("prob", [0.5, 0.9])
def test_the_linear_gaussian_case_has_its_closed_form(noise, own_sd, prob):
    belief, observation = linear_gaussian(noise, own_sd)

    found = expected_narrowing(belief, observation, prob, np.random.default_rng(1))

    assert found.share == pytest.approx(exact_share(noise, own_sd), abs=0.015)


def test_few_draws_do_not_overstate_the_gain_of_what_tells_nothing():
    shares = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        target, expected = 0.01 * rng.standard_normal(300), 0.01 * rng.standard_normal((300, 6))
        belief = Belief(target, np.zeros(300), np.zeros((300, 2)))
        observation = Observation(expected, np.broadcast_to(1e-6 * np.eye(6), (300, 6, 6)))
        shares.append(expected_narrowing(belief, observation, 0.9, rng, with_error=False).share)

    assert abs(np.mean(shares)) < 0.015


def test_learning_a_scale_narrows_too():
    # f has sd 1 or 5 per cent, half and half; one observation of equal sd is independent of it but shares the sd
    rng = np.random.default_rng(3)
    is_wide = np.arange(N) % 2 == 1
    sd = np.where(is_wide, 0.05, 0.01)
    belief = Belief(sd * rng.standard_normal(N), np.zeros(N), np.stack([np.log(sd), np.zeros(N)], axis=1))
    observation = Observation(sd[:, None] * rng.standard_normal((N, 1)), np.full((N, 1, 1), 1e-8))

    found = expected_narrowing(belief, observation, 0.9, np.random.default_rng(0))

    assert found.share == pytest.approx(_exact_scale_share(), abs=0.02)
    assert found.share > 0.05


def _exact_scale_share() -> float:
    """Width of the two-part mixture before, and its mean over observations after, by integration."""
    grid = np.linspace(-0.3, 0.3, 1501)

    def width(share_wide):
        below = share_wide * norm.cdf(grid, scale=0.05) + (1 - share_wide) * norm.cdf(grid, scale=0.01)
        low, high = np.interp([0.05, 0.95], below, grid)
        return np.exp(high) - np.exp(low)

    density_wide, density_narrow = norm.pdf(grid, scale=0.05), norm.pdf(grid, scale=0.01)
    density = 0.5 * (density_wide + density_narrow)
    widths = [width(share) for share in 0.5 * density_wide / density]
    return 1 - np.trapezoid(density * widths, grid) / width(0.5)


def test_the_error_is_that_of_other_draws():
    found = [
        expected_narrowing(*linear_gaussian((0.01, 0.01), seed=seed), 0.9, np.random.default_rng(seed))
        for seed in range(12)
    ]

    scatter = np.std([one.share for one in found], ddof=1)
    assert 0.4 < np.mean([one.mc_error for one in found]) / scatter < 2.5


def test_the_same_seed_gives_the_same_figure():
    case = linear_gaussian((0.01, 0.01))

    first, second = (expected_narrowing(*case, 0.9, np.random.default_rng(5)) for _ in range(2))

    assert first == second


def test_a_share_within_its_error_is_not_measurable():
    assert Narrowing(0.05, 0.01).is_measurable
    assert not Narrowing(0.05, 0.03).is_measurable
    assert not Narrowing(0.004, 0.0001).is_measurable


def test_every_draw_is_in_one_group_of_like_scales():
    scales = np.random.default_rng(0).standard_normal((N, 2))

    groups = alike(scales)

    assert sorted(np.concatenate(groups).tolist()) == list(range(N))
    assert min(map(len, groups)) >= 100
    within = np.mean([scales[group].var(axis=0) for group in groups], axis=0)
    assert np.all(within < 0.2)
    assert len(alike(scales[: GROUP_SIZE - 1])) == 1
