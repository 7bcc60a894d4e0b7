"""The log likelihood of each family with discrepancy and run paths integrated out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bayes_scaling.models.algebra import sum_by
from bayes_scaling.models.mean import MeanLoss

LOG_2PI = float(np.log(2 * np.pi))


def family_log_likelihood(xp: Any, mean: MeanLoss, params: Any, scales: Any, data: Mapping[str, Any]) -> Any:
    """Log likelihood of every family.

    Parameters
    ----------
    xp : module
        numpy or ``pytensor.tensor``.
    mean : MeanLoss
    params : array of shape (F, P)
        Parameters of the mean.
    scales : array of shape (F, 2)
        Log scales of runs and discrepancy.
    data : mapping of str to array
        :func:`~bayes_scaling.models.pieces.likelihood_arrays`.

    Returns
    -------
    array of shape (F,)
        nats.
    """
    energy, projection = project(xp, mean, params, data)
    return marginal_log_likelihood(xp, energy, projection, scales, data)


def marginal_log_likelihood(
    xp: Any, energy: Any, projection: Any, scales: Any, data: Mapping[str, Any]
) -> Any:
    """Log likelihood (..., F) from sums of squares (..., F) and projections (..., F, K) of whitened residuals.

    Notes
    -----
    With whitened residuals e and spectrum g of the whitened features, ``ln|C + c F F'| = ln|C| + sum ln(1 + c
    g)`` and the quadratic form is ``e'e - sum b^2 c / (1 + c g)``, b the projection of e on the eigenvectors
    and c the variance of discrepancy over that of runs.
    """
    log_variance = 2 * scales[..., 0]
    ratio = xp.exp(2 * scales[..., 1] - log_variance)[..., None]
    inflated = 1 + ratio * data["eigenvalues"]
    quadratic = energy - (projection**2 * ratio / inflated).sum(axis=-1)
    log_det = data["log_det"] + data["n_obs"] * log_variance + xp.log(inflated).sum(axis=-1)
    return -0.5 * (data["n_obs"] * LOG_2PI + log_det + quadratic * xp.exp(-log_variance))


def project(xp: Any, mean: MeanLoss, params: Any, data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Whitened sums of squares (F,), and projections (F, K) of the residuals on the discrepancy's eigenvectors."""
    family = data["piece_family"]
    by_piece = params[family]
    expected = mean.log_loss(
        xp,
        {name: by_piece[:, position, None] for position, name in enumerate(mean.parameter_names)},
        {name: data[name] for name in mean.inputs},
    )
    residual = (data["log_loss"] - expected)[:, None, :]
    energy = (xp.matmul(residual, data["piece_whitener"])[:, 0] ** 2).sum(axis=-1)
    projection = xp.matmul(residual, data["piece_projector"])[:, 0]
    return (
        sum_by(xp, energy, family, like=data["n_obs"]),
        sum_by(xp, projection, family, like=data["eigenvalues"]),
    )
