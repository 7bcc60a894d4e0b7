r"""How a law is wrong: a smooth random function of (log N, log D) around it.

The function is a Gaussian process with squared-exponential covariance, written with quadrature Fourier
features: the spectral density of the kernel is a Gaussian, so Gauss-Hermite nodes give a short list of
frequencies that reproduces the covariance without random error (Mutny and Krause 2018, "Efficient high
dimensional Bayesian optimization with additivity and quadrature Fourier features", sec. 3). Up to a
scale that falls with compute, features are stationary: beyond the data the function keeps its full prior
variance, which is what an extrapolation needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.errors import InputError
from bayes_scaling.laws.chinchilla import REFERENCE_N_PARAMS, REFERENCE_N_TOKENS

FloatArray = NDArray[np.float64]

WEAR_NODES = 4
"""Gauss-Hermite nodes along log N of what wear does: good to 0.1 up to two length scales."""

_LOG_REFERENCE = float(np.log(REFERENCE_N_PARAMS) + np.log(REFERENCE_N_TOKENS))


@dataclass(frozen=True)
class DiscrepancyBasis:
    """Basis functions of (log N, log D), and of (log N, wear of repeated tokens).

    Their sum with standard normal weights has unit variance where N D is that of the reference point and all tokens
    are fresh.

    Attributes
    ----------
    length_scale : float
        Distance in e-folds of N or D over which the discrepancy changes; 5 is a factor of 150.
    n_nodes : int
        Gauss-Hermite nodes in each direction, an even number. Six give the covariance to 0.003 up to two
        length scales and to 0.1 at three; beyond, features recur and far points look correlated that are not.
        Eight are good to 0.01 at three, twelve at four.
    min_weight : float
        Nodes of less than this share of the variance are left out.
    decay : float
        The discrepancy's scale falls as ``(N D) ** -decay``: a law is wrong by a share of what is still to be
        learned, and that falls with compute. The scale parameter is stated at the reference point.
    wear : float
        Further functions are this times the square of ln(D / D'), with D' the fresh tokens that D repeated ones are
        worth, times a random function of log N of unit variance and the same length scale: what many epochs do
        beyond a law of repeats, which saturates where losses of large models rise again. 0 leaves them out.
    """

    length_scale: float = 5.0
    n_nodes: int = 6
    min_weight: float = 1e-3
    decay: float = 0.15
    wear: float = 10.0

    def __post_init__(self) -> None:
        if not 0 < self.length_scale < np.inf:
            raise InputError(
                f"length_scale = {self.length_scale}",
                "a positive number of e-folds",
                "Try 3.",
                code="bad_basis",
            )
        if not 0 <= self.wear < np.inf:
            raise InputError(f"wear = {self.wear}", "zero or a positive number", "Try 10.", code="bad_basis")
        if self.n_nodes < 2 or self.n_nodes % 2:
            raise InputError(
                f"n_nodes = {self.n_nodes}",
                "an even number of at least 2",
                "An odd number has a node at frequency zero, whose variance no sine and cosine share.",
                code="bad_basis",
            )

    @property
    def frequencies(self) -> tuple[FloatArray, FloatArray]:
        """Angular frequencies (n_frequencies, 2), radians an e-fold, and their shares of the variance."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(self.n_nodes)
        grid = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 2)
        return self._half(grid, np.outer(weights, weights).ravel())

    @property
    def wear_frequencies(self) -> tuple[FloatArray, FloatArray]:
        """The same along log N alone, (n_wear_frequencies, 1), of what wear does at different sizes."""
        if not self.wear:
            return np.empty((0, 1)), np.empty(0)
        nodes, weights = np.polynomial.hermite_e.hermegauss(WEAR_NODES)
        return self._half(nodes[:, None], weights)

    @property
    def n_features(self) -> int:
        """Number of basis functions."""
        return 2 * (len(self.frequencies[1]) + len(self.wear_frequencies[1]))

    def features(
        self, log_n_params: FloatArray, log_n_tokens: FloatArray, log_wear: FloatArray | float = 0.0
    ) -> FloatArray:
        """Values of the basis functions at points.

        Parameters
        ----------
        log_n_params, log_n_tokens : ndarray of shape (n_points,)
            Natural logarithms.
        log_wear : float or ndarray of shape (n_points,)
            ln(D / D'): zero where no token was seen twice.

        Returns
        -------
        ndarray of shape (n_points, n_features)
        """
        points = np.stack([log_n_params, log_n_tokens], axis=-1)
        scale = np.exp(-self.decay * (points.sum(axis=-1) - _LOG_REFERENCE))
        worn = self.wear * np.broadcast_to(log_wear, scale.shape) ** 2
        return np.concatenate(
            [
                scale[..., None] * _waves(points, *self.frequencies),
                worn[..., None] * _waves(points[..., :1], *self.wear_frequencies),
            ],
            axis=-1,
        )

    def _half(self, nodes: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Frequencies of nodes (n, d), one of each pair w and -w, whose cosine and sine span the same functions."""
        share = 2 * weights / weights.sum()
        kept = (nodes[:, 0] > 0) & (share >= self.min_weight)
        return nodes[kept] / self.length_scale, share[kept] / share[kept].sum()


def _waves(points: FloatArray, frequencies: FloatArray, share: FloatArray) -> FloatArray:
    """Cosines and sines (n, 2 n_frequencies) at points (n, d), which share the variance of one."""
    phase = points @ frequencies.T
    return np.concatenate([np.sqrt(share) * np.cos(phase), np.sqrt(share) * np.sin(phase)], axis=-1)
