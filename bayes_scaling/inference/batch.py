"""The likelihood of many chains at once, in NumPy: what the fast sampler and its start evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.models import (
    PLACES_FOR_CHAINS,
    Centring,
    Layout,
    ModelSpec,
    likelihood_arrays,
    marginal_log_likelihood,
)

FloatArray = NDArray[np.float64]

LONGEST_IN_PIECES = 4 * PLACES_FOR_CHAINS
"""Rows of the longest run with which pieces are used: all have room for it."""


@dataclass(frozen=True, eq=False)
class FamilyBlock:
    """One family: its rows, and the matrix (n_rows, n_rows + K) that whitens residuals and projects them."""

    rows: slice
    transform: FloatArray


@dataclass(frozen=True, eq=False)
class Batch:
    """Arrays of a table as the batched likelihood wants them; leading axes of parameters are chains.

    Attributes
    ----------
    spec : ModelSpec
    layout : Layout
        Its observations are sorted by family.
    blocks : tuple of FamilyBlock
    data : dict of str to ndarray
        What the layout knows of each family.
    """

    spec: ModelSpec
    layout: Layout
    blocks: tuple[FamilyBlock, ...]
    data: dict[str, Any]

    @classmethod
    def of(cls, spec: ModelSpec, layout: Layout) -> Batch:
        """The batch of a layout."""
        blocks = tuple(FamilyBlock(rows, layout.transform(rows)) for rows in layout.family_rows)
        return cls(spec, layout, blocks, dict(layout.family_arrays()))

    def arrays_at(self, centring: Centring) -> dict[str, Any]:
        """What the layout knows of each family, and coordinates: what a population and families are evaluated with."""
        return self.data | centring.arrays()

    @cached_property
    def ends(self) -> dict[str, tuple[FloatArray, FloatArray, FloatArray]]:
        """Of each input of the law, the smallest, largest and middle one (F,) of each family."""
        return self.layout.ends(self.spec.law.inputs)

    def log_likelihood(self, params: FloatArray, scales: FloatArray) -> FloatArray:
        """Log likelihood (C, F) at parameters of the mean (C, F, P) and log scales (C, F, 2)."""
        energy, projection = self._project(params)
        return marginal_log_likelihood(np, energy, projection, scales, self.data)

    def expected(self, params: FloatArray) -> FloatArray:
        """Expected ln loss (C, n) of every row, in the family's unit, at parameters (C, F, P)."""
        by_row = params[:, self.layout.family_index]
        named = {name: by_row[..., i] for i, name in enumerate(self.spec.mean.parameter_names)}
        return self.spec.mean.log_loss(np, named, self.layout.inputs)

    def transform(self, values: FloatArray) -> list[FloatArray]:
        """Whitened values and projections of each family, (C, n_rows + K) each, from values (C, n) of rows."""
        return [values[:, block.rows] @ block.transform for block in self.blocks]

    def projections(self, params: FloatArray) -> FloatArray:
        """Projections (C, F, K) of residuals on the discrepancy's eigenvectors, at parameters (C, F, P)."""
        return self._project(params)[1]

    def row_covariances(
        self, position: int, scales: FloatArray, slopes: FloatArray, prior_covariance: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Covariances (m, m) of one family's m rows: of noise, of discrepancy, and of the linearised mean.

        Parameters
        ----------
        position : int
            Of the family.
        scales : ndarray of shape (F, 2)
            Log scales of runs and discrepancy.
        slopes : ndarray of shape (n, P)
            Derivatives of the expected ln loss of all rows.
        prior_covariance : ndarray of shape (F, P, P)
            Of what they are taken by, under the population.
        """
        rows, transform = self.blocks[position].rows, self.blocks[position].transform
        whitener, features = transform[:, : rows.stop - rows.start].T, self.layout.features[rows]
        return (
            np.exp(2 * scales[position, 0]) * np.linalg.inv(whitener.T @ whitener),
            np.exp(2 * scales[position, 1]) * features @ features.T,
            slopes[rows] @ prior_covariance[position] @ slopes[rows].T,
        )

    def _project(self, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sums of squares (C, F) of whitened residuals and their projections (C, F, K), at parameters (C, F, P)."""
        if self._pieces is not None:
            return self._pieces.project(self.spec, params)
        n_features = self.data["eigenvalues"].shape[1]
        parts = self.transform(self.layout.log_loss - self.expected(params))
        whitened = [part[:, :-n_features] for part in parts]
        energy = np.stack([np.einsum("cm,cm->c", part, part) for part in whitened], axis=1)
        return energy, np.stack([part[:, -n_features:] for part in parts], axis=1)

    @cached_property
    def _pieces(self) -> Pieces | None:
        """The rows in pieces; none where one long run would make those of all others mostly empty."""
        longest = int(self.layout.run_blocks.counts.max())
        return Pieces.of(self.layout) if longest <= LONGEST_IN_PIECES else None


@dataclass(frozen=True, eq=False)
class Pieces:
    """All rows, S pieces of B places (:func:`likelihood_arrays`), for many chains: parameters stand once for a piece.

    Attributes
    ----------
    family : ndarray of shape (S,)
    starts : ndarray of shape (F,)
        First piece of each family.
    log_loss : ndarray of shape (S, 1, B)
    inputs : dict of str to ndarray of shape (S, 1, B)
    transform : ndarray of shape (S, B, B + K)
        Whitens residuals and projects them.
    """

    family: NDArray[np.int64]
    starts: NDArray[np.intp]
    log_loss: FloatArray
    inputs: dict[str, FloatArray]
    transform: FloatArray

    @classmethod
    def of(cls, layout: Layout) -> Pieces:
        """The pieces of a layout."""
        arrays = likelihood_arrays(layout, PLACES_FOR_CHAINS)
        family = arrays["piece_family"]
        return cls(
            family=family,
            starts=np.flatnonzero(np.diff(family, prepend=-1)),
            log_loss=arrays["log_loss"][:, None],
            inputs={name: arrays[name][:, None] for name in layout.inputs},
            transform=np.concatenate([arrays["piece_whitener"], arrays["piece_projector"]], axis=-1),
        )

    def project(self, spec: ModelSpec, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sums of squares (C, F) of whitened residuals and their projections (C, F, K), at parameters (C, F, P)."""
        by_piece = np.moveaxis(params, (2, 1), (0, 1))[:, self.family, :, None]
        named = dict(zip(spec.mean.parameter_names, by_piece, strict=True))
        residuals = self.log_loss - spec.mean.log_loss(np, named, self.inputs)
        n_places = residuals.shape[-1]
        parts = np.matmul(residuals, self.transform)
        whitened, projected = parts[..., :n_places], parts[..., n_places:]
        energy = np.add.reduceat(np.einsum("scb,scb->sc", whitened, whitened), self.starts)
        return energy.T, np.add.reduceat(projected, self.starts).swapaxes(0, 1)
