r"""Gradient flow of linear students, solved at any number of times by one eigendecomposition.

A student's prediction is linear in its coefficients c, and its training loss is quadratic in them, so that
:math:`\dot c = r - G c` from c = 0 has :math:`c(t) = G^{-1} (1 - e^{-G t}) r`, and the test loss is
:math:`L_0 - 2 h^\top c + c^\top H c`. arXiv:2402.01092, section 2; time is in units in which the rate of a mode with
infinite width and data is its variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from bayes_scaling.random_features.task import FloatArray, PowerLawTask

_LOWEST_RATE = 1e-13
"""Directions slower than this share of the fastest one are those that no sample spans, up to rounding."""


@dataclass(frozen=True, eq=False)
class Draw:
    """The randomness of one student: projections, samples, and the Gaussian limit of their tails.

    Attributes
    ----------
    projection : ndarray of shape (max_width, n_modes)
        Standard normal entries of A; the first N rows belong to a student of width N.
    features : ndarray of shape (max_samples, n_modes)
        Standard normal entries; row p times the root of the variances is the sample p.
    tail_features : ndarray of shape (max_samples, max_width)
        Standard normal: what the modes beyond the simulated ones add to a sample's projected features.
    label_noise : ndarray of shape (max_samples,)
        Standard normal: the teacher's tail and the labels' noise.
    """

    projection: FloatArray
    features: FloatArray
    tail_features: FloatArray
    label_noise: FloatArray

    @classmethod
    def of(cls, task: PowerLawTask, width: int, samples: int, rng: np.random.Generator) -> Draw:
        """Draw for students of at most this width and number of samples."""
        return cls(
            rng.standard_normal((width, task.n_modes)),
            rng.standard_normal((samples, task.n_modes)),
            rng.standard_normal((samples, width)),
            rng.standard_normal(samples),
        )


def unlimited_losses(task: PowerLawTask, times: FloatArray) -> FloatArray:
    """Test loss with infinite width and data, shape (n_times,): each mode decays on its own."""
    decay = np.exp(-2.0 * np.outer(times, task.eigenvalues))
    return decay @ task.teacher_power + task.tail_power + task.noise


def width_limited_losses(task: PowerLawTask, times: FloatArray, draw: Draw, width: int) -> FloatArray:
    """Test loss of one student with infinite data, shape (n_times,); training loss is the same."""
    gram, overlap = width_operators(task, draw, width)
    rates, vectors = _seen_directions(gram)
    return _test_loss(task, _learned(times, rates, vectors.T @ overlap), vectors, gram, overlap)


def width_operators(task: PowerLawTask, draw: Draw, width: int) -> tuple[FloatArray, FloatArray]:
    """H of shape (width, width), the covariance of projected features, and h, their covariance with the teacher."""
    projected = draw.projection[:width] * np.sqrt(task.eigenvalues / width)
    gram = projected @ projected.T + task.tail_variance / width * np.eye(width)
    return gram, projected @ np.sqrt(task.teacher_power)


def data_limited_losses(
    task: PowerLawTask, times: FloatArray, draw: Draw, samples: int
) -> tuple[FloatArray, FloatArray]:
    """Test and training loss of an infinitely wide student, each of shape (n_times,).

    In coefficients of the kernel at the samples, of which there are finitely many.
    """
    scaled = draw.features[:samples] * np.sqrt(task.eigenvalues)
    labels = _labels(task, draw, samples)
    kernel = (scaled @ scaled.T + task.tail_variance * np.eye(samples)) / samples
    rates, vectors = _seen_directions(kernel)
    power = vectors.T @ labels
    learned = _learned(times, rates, power / samples)
    by_variance = scaled * np.sqrt(task.eigenvalues)
    quadratic = by_variance @ by_variance.T + task.tail_squared_variance * np.eye(samples)
    overlap = by_variance @ np.sqrt(task.teacher_power)
    test = _test_loss(task, learned, vectors, quadratic, overlap)
    return test, (labels @ labels + np.expm1(-2.0 * np.outer(times, rates)) @ power**2) / samples


def finite_losses(
    task: PowerLawTask, times: FloatArray, draw: Draw, width: int, samples: int
) -> tuple[FloatArray, FloatArray]:
    """Test and training loss of a student of finite width on finite data, each of shape (n_times,)."""
    scaled = draw.features[:samples] * np.sqrt(task.eigenvalues)
    projected = scaled @ draw.projection[:width].T / np.sqrt(width)
    projected += np.sqrt(task.tail_variance / width) * draw.tail_features[:samples, :width]
    labels = _labels(task, draw, samples)
    rates, vectors = _seen_directions(projected.T @ projected / samples)
    response = vectors.T @ (projected.T @ labels) / samples
    gram, overlap = width_operators(task, draw, width)
    test = _test_loss(task, _learned(times, rates, response), vectors, gram, overlap)
    explained = -np.expm1(-2.0 * np.outer(times, rates)) @ (response**2 / rates)
    return test, labels @ labels / samples - explained


def learned_coefficients(task: PowerLawTask, times: FloatArray, draw: Draw, width: int) -> FloatArray:
    """Coefficients of a student with infinite data, shape (n_times, width)."""
    gram, overlap = width_operators(task, draw, width)
    rates, vectors = _seen_directions(gram)
    return _learned(times, rates, vectors.T @ overlap) @ vectors.T


def _seen_directions(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rates and directions (columns) of a training matrix, without those in which nothing is learned."""
    rates, vectors = linalg.eigh(matrix)
    is_seen = rates > _LOWEST_RATE * rates[-1]
    return rates[is_seen], vectors[:, is_seen]


def _labels(task: PowerLawTask, draw: Draw, samples: int) -> FloatArray:
    """Teacher plus what no simulated mode explains, shape (samples,)."""
    unexplained = np.sqrt(task.tail_power + task.noise) * draw.label_noise[:samples]
    return draw.features[:samples] @ np.sqrt(task.teacher_power) + unexplained


def _learned(times: FloatArray, rates: FloatArray, response: FloatArray) -> FloatArray:
    """(1 - exp(-g t)) / g * response, shape (n_times, n_rates)."""
    return -np.expm1(-np.outer(times, rates)) / rates * response


def _test_loss(
    task: PowerLawTask, learned: FloatArray, vectors: FloatArray, quadratic: FloatArray, overlap: FloatArray
) -> FloatArray:
    rotated = vectors.T @ quadratic @ vectors
    squares = np.einsum("ti,ti->t", learned @ rotated, learned)
    return task.initial_loss - 2.0 * learned @ (vectors.T @ overlap) + squares
