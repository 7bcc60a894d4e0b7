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

_LOG_REFERENCE = float(np.log(REFERENCE_N_PARAMS) + np.log(REFERENCE_N_TOKENS))


@dataclass(frozen=True)
class DiscrepancyBasis:
    """Basis functions of (log N, log D).

    Their sum with standard normal weights has unit variance where N D is that of the reference point.

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
    """

    length_scale: float = 5.0
    n_nodes: int = 6
    min_weight: float = 1e-3
    decay: float = 0.15

    def __post_init__(self) -> None:
        if not 0 < self.length_scale < np.inf:
            raise InputError(
                f"length_scale = {self.length_scale}",
                "a positive number of e-folds",
                "Try 3.",
                code="bad_basis",
            )
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
        share = np.outer(weights, weights).ravel() / weights.sum() ** 2
        # cos and sin of -w span the same functions as those of w: keep one of each pair and double its share
        kept = (grid[:, 0] > 0) & (2 * share >= self.min_weight)
        doubled = 2 * share[kept]
        return grid[kept] / self.length_scale, doubled / doubled.sum()

    @property
    def n_features(self) -> int:
        """Number of basis functions."""
        return 2 * len(self.frequencies[1])

    def features(self, log_n_params: FloatArray, log_n_tokens: FloatArray) -> FloatArray:
        """Values of the basis functions at points.

        Parameters
        ----------
        log_n_params, log_n_tokens : ndarray of shape (n_points,)
            Natural logarithms.

        Returns
        -------
        ndarray of shape (n_points, n_features)
        """
        frequencies, share = self.frequencies
        phase = np.stack([log_n_params, log_n_tokens], axis=-1) @ frequencies.T
        scale = np.exp(-self.decay * (log_n_params + log_n_tokens - _LOG_REFERENCE))[..., None]
        waves = [np.sqrt(share) * np.cos(phase), np.sqrt(share) * np.sin(phase)]
        return scale * np.concatenate(waves, axis=-1)
