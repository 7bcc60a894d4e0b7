"""The two scales of each family, runs and discrepancy, on a wide grid: where a family may be, however many modes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

N_CELLS = 17
"""Cells in each direction."""

REACH = 3.2
"""How far the grid goes, in standard deviations of the population."""

SMALLEST_SHARE = 1e-4
"""Part of the weight that is spread evenly over all cells, so that none is out of reach."""


@dataclass(frozen=True, eq=False)
class ScaleGrid:
    """A density of log scales that is constant in each cell.

    Attributes
    ----------
    low : ndarray of shape (2,)
        Lower corner.
    step : ndarray of shape (2,)
        Size of a cell.
    weight : ndarray of shape (F, N_CELLS * N_CELLS)
        Probability of each cell, rows for families.
    """

    low: FloatArray
    step: FloatArray
    weight: FloatArray

    @staticmethod
    def corners(centre: FloatArray, sd: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lower corner and size of a cell for a population of log scales."""
        return centre - REACH * sd, 2 * REACH * sd / N_CELLS

    @staticmethod
    def middles(low: FloatArray, step: FloatArray) -> FloatArray:
        """Middles of all cells, shape (N_CELLS * N_CELLS, 2)."""
        index = np.stack(np.meshgrid(np.arange(N_CELLS), np.arange(N_CELLS), indexing="ij"), axis=-1)
        return low + (index.reshape(-1, 2) + 0.5) * step

    @classmethod
    def of_log_density(cls, low: FloatArray, step: FloatArray, log_density: FloatArray) -> ScaleGrid:
        """The grid of log densities (N_CELLS * N_CELLS, F) at the middles, up to a constant of each family."""
        weight = np.exp(log_density - log_density.max(axis=0)).T
        weight /= weight.sum(axis=1, keepdims=True)
        return cls(low, step, (1 - SMALLEST_SHARE) * weight + SMALLEST_SHARE / weight.shape[1])

    def draw(self, n_chains: int, rng: np.random.Generator) -> FloatArray:
        """Log scales (C, F, 2)."""
        cumulated = self.weight.cumsum(axis=1)
        uniform = rng.random((n_chains, len(cumulated)))
        cells = np.stack(
            [
                np.searchsorted(row, column).clip(max=len(row) - 1)
                for row, column in zip(cumulated, uniform.T, strict=True)
            ],
            axis=1,
        )
        index = np.stack([cells // N_CELLS, cells % N_CELLS], axis=-1)
        return self.low + (index + rng.random(index.shape)) * self.step

    def log_density(self, scales: FloatArray) -> FloatArray:
        """Log density (C, F) at log scales (C, F, 2); minus infinity outside of the grid."""
        index = np.floor((scales - self.low) / self.step).astype(np.intp)
        inside = ((index >= 0) & (index < N_CELLS)).all(axis=-1)
        cells = np.where(inside, index[..., 0] * N_CELLS + index[..., 1], 0)
        density = np.log(self.weight[np.arange(len(self.weight)), cells]) - np.log(self.step).sum()
        return np.where(inside, density, -np.inf)
