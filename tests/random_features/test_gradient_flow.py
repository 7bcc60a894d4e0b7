"""Exact flows against stepping through time, and against the closed equations of their limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from bayes_scaling.random_features import PowerLawTask
from bayes_scaling.random_features.gradient_flow import (
    Draw,
    data_limited_losses,
    finite_losses,
    unlimited_losses,
    width_limited_losses,
)

TIMES = np.array([0.5, 3.0, 20.0])
SMALL = PowerLawTask(1.6, 1.2, n_modes=30, noise=0.1, has_tail=False)


def stepped(task, draw, width, samples, dt=2e-3):
    """Test and training losses by Euler steps of the student's weights, written from the model's definition."""
    teacher = np.sqrt(task.teacher_power / task.eigenvalues)
    inputs = draw.features[:samples] * np.sqrt(task.eigenvalues)
    labels = inputs @ teacher + np.sqrt(task.noise) * draw.label_noise[:samples]
    seen = inputs @ draw.projection[:width].T / np.sqrt(width)
    weights, losses = np.zeros(width), []
    for step in range(1, round(TIMES[-1] / dt) + 1):
        weights -= dt * seen.T @ (seen @ weights - labels) / samples
        if np.isclose(step * dt, TIMES).any():
            gap = teacher - draw.projection[:width].T @ weights / np.sqrt(width)
            losses.append((task.eigenvalues @ gap**2 + task.noise, np.mean((seen @ weights - labels) ** 2)))
    return np.array(losses).T


@pytest.mark.parametrize(("width", "samples"), [(6, 15), (15, 6)])
def test_the_eigendecomposition_is_where_small_steps_lead(width, samples):
    draw = Draw.of(SMALL, 15, 15, np.random.default_rng(1))

    exact = finite_losses(SMALL, TIMES, draw, width, samples)

    np.testing.assert_allclose(exact, stepped(SMALL, draw, width, samples), rtol=5e-3)


def test_infinite_width_is_the_limit_of_wide_students():
    draw = Draw.of(SMALL, 20_000, 12, np.random.default_rng(2))

    np.testing.assert_allclose(data_limited_losses(SMALL, TIMES, draw, 12), wide_losses(draw), rtol=0.03)


def wide_losses(draw):
    """The kernel of very wide students, formed directly: K = X A'A X' / (N P)."""
    inputs = draw.features[:12] * np.sqrt(SMALL.eigenvalues)
    mixing = draw.projection.T @ draw.projection / len(draw.projection)
    teacher = np.sqrt(SMALL.teacher_power / SMALL.eigenvalues)
    labels = inputs @ teacher + np.sqrt(SMALL.noise) * draw.label_noise[:12]
    rates, vectors = np.linalg.eigh(inputs @ mixing @ inputs.T / 12)
    test, train = [], []
    for time in TIMES:
        coefficients = vectors @ (-np.expm1(-rates * time) / rates * (vectors.T @ labels)) / 12
        gap = teacher - mixing @ inputs.T @ coefficients
        test.append(SMALL.eigenvalues @ gap**2 + SMALL.noise)
        train.append(np.mean((labels - inputs @ mixing @ inputs.T @ coefficients) ** 2))
    return np.array([test, train])


def test_infinite_data_is_the_limit_of_many_samples():
    draw = Draw.of(SMALL, 8, 60_000, np.random.default_rng(3))

    many, _ = finite_losses(SMALL, TIMES, draw, 8, 60_000)

    np.testing.assert_allclose(width_limited_losses(SMALL, TIMES, draw, 8), many, rtol=0.02)


def test_without_limits_each_mode_decays_on_its_own():
    task = PowerLawTask(2.0, 1.5, n_modes=3, noise=0.2, has_tail=False)
    k = np.array([1.0, 2.0, 3.0])

    expected = (k**-2 * np.exp(-2 * 4.0 * k**-1.5)).sum() + 0.2

    assert unlimited_losses(task, np.array([4.0]))[0] == pytest.approx(expected)
    assert unlimited_losses(task, np.array([np.inf]))[0] == pytest.approx(0.2)


def resolvent(eigenvalues, count):
    """kappa of sum_k lambda_k / (lambda_k + kappa) = count."""
    return optimize.brentq(lambda kappa: (eigenvalues / (eigenvalues + kappa)).sum() - count, 1e-12, 10.0)


@pytest.mark.parametrize(("a", "b"), [(1.8, 1.6), (4.5, 1.5)])
def test_the_end_of_training_is_the_closed_equation_of_each_bottleneck(a, b):
    """Projection: sum k^-a kappa / (lambda + kappa). Samples: the square of that share, over one minus the variance."""
    task, count = PowerLawTask(a, b, n_modes=1024), 40
    whole = PowerLawTask(a, b, n_modes=400_000)
    share = (kappa := resolvent(whole.eigenvalues, count)) / (whole.eigenvalues + kappa)
    by_width = whole.teacher_power @ share
    by_data = whole.teacher_power @ share**2 / (1.0 - ((1.0 - share) ** 2).sum() / count)
    end, rng = np.array([np.inf]), np.random.default_rng(4)
    draws = [Draw.of(task, count, count, rng) for _ in range(150)]

    simulated = np.array(
        [
            (
                width_limited_losses(task, end, draw, count)[0],
                data_limited_losses(task, end, draw, count)[0][0],
            )
            for draw in draws
        ]
    )

    error = simulated.std(axis=0) / np.sqrt(len(draws))
    np.testing.assert_array_less(
        np.abs(simulated.mean(axis=0) - (by_width, by_data)), 4 * error + 0.02 * by_width
    )


def test_the_tail_stands_for_many_more_modes():
    """A few modes and a tail give the loss of eight times as many; a few modes alone do not."""
    times, rng = np.array([3.0, 30.0, 100.0]), np.random.default_rng(5)

    def losses(n_modes, has_tail):
        task = PowerLawTask(1.7, 1.3, n_modes, has_tail=has_tail)
        draws = [Draw.of(task, 20, 30, rng) for _ in range(120)]
        drawn = np.array([finite_losses(task, times, draw, 20, 30)[0] for draw in draws])
        return drawn.mean(axis=0), drawn.std(axis=0) / np.sqrt(len(draws))

    (few, few_error), (many, error), (cut, _) = losses(256, True), losses(2048, True), losses(256, False)

    assert (np.abs(few - many) < 4.0 * np.hypot(few_error, error)).all()
    assert (many - cut > 5.0 * error).all()


def test_training_loss_of_more_coefficients_than_samples_goes_to_zero():
    draw = Draw.of(SMALL, 25, 10, np.random.default_rng(6))

    _, train = finite_losses(SMALL, np.array([np.inf]), draw, 25, 10)

    assert train == pytest.approx(0.0, abs=1e-9)


def test_students_wider_than_the_number_of_modes_learn_them_all():
    draw = Draw.of(SMALL, 60, 0, np.random.default_rng(7))

    assert width_limited_losses(SMALL, np.array([np.inf]), draw, 60) == pytest.approx(SMALL.noise, rel=1e-6)
