"""Draws of what the likelihood integrates out: the weights of each family's discrepancy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from bayes_scaling.models import LOG_DISCREPANCY_SD, LOG_RUN_SD, Layout, ModelSpec, project

FloatArray = NDArray[np.float64]


def draw_discrepancy_weights(
    spec: ModelSpec, layout: Layout, theta: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """One draw of the discrepancy's weights for each draw of the family parameters.

    Parameters
    ----------
    spec : ModelSpec
    layout : Layout
    theta : ndarray of shape (n_draws, F, P)
        Family parameters on the pooled scale.
    rng : Generator

    Returns
    -------
    ndarray of shape (n_draws, F, K)
        Weights of the unwhitened features, in log loss.

    Notes
    -----
    Given the scales s (runs) and t (discrepancy), the weights along the eigenvectors of the whitened features
    are independent, with precision ``1/t^2 + g/s^2`` and mean ``(b/s^2)`` over that precision: the usual
    Gaussian linear model (Rasmussen and Williams 2006, eq. 2.8).
    """
    names = spec.family_parameters
    with jax.enable_x64(True):
        data = {name: jnp.asarray(values) for name, values in layout.arrays().items()}

        def projection(draw: jax.Array) -> jax.Array:
            by_name = {name: draw[:, position] for position, name in enumerate(names)}
            return project(jnp, spec.law, by_name, data)[1]

        projections = np.asarray(
            jax.jit(lambda draws: jax.lax.map(projection, draws, batch_size=64))(jnp.asarray(theta))
        )
    run_precision = np.exp(-2 * theta[..., names.index(LOG_RUN_SD)])[..., None]
    own_precision = np.exp(-2 * theta[..., names.index(LOG_DISCREPANCY_SD)])[..., None]
    variance = 1.0 / (own_precision + layout.eigenvalues * run_precision)
    along = projections * run_precision * variance + np.sqrt(variance) * rng.standard_normal(
        projections.shape
    )
    return np.einsum("fkj,sfj->sfk", layout.rotation, along)
