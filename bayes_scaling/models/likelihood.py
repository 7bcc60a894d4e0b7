"""The log likelihood of each family with discrepancy and run paths integrated out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

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
        :meth:`~bayes_scaling.models.layout.Layout.arrays`.

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
    by_family = whiten_residuals(xp, mean, params, data)
    projection = xp.matmul(data["projector"], by_family[..., None])[..., 0]
    return (by_family**2).sum(axis=-1), projection


def whiten_residuals(xp: Any, mean: MeanLoss, params: Any, data: Mapping[str, Any]) -> Any:
    """Residuals of ln loss, independent within runs, in units of the run scale; (F, M), padded with zeros."""
    by_row = params[data["family_index"]]
    expected = mean.log_loss(
        xp,
        {name: by_row[:, position] for position, name in enumerate(mean.parameter_names)},
        {name: data[name] for name in mean.inputs},
    )
    residual = xp.concatenate([data["log_loss"] - expected, xp.zeros((1,))])
    whitened = (data["whitener"] * residual[data["lag_index"]]).sum(axis=-1)
    return xp.concatenate([whitened, xp.zeros((1,))])[data["member_index"]]
