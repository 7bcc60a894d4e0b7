"""The hierarchical model of memorisation profiles in PyMC, with the effects themselves integrated out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from bayes_scaling.memorisation.profile_kernel import (
    ProfileCells,
    contrasts,
    profile_covariance,
    scale_moments,
)
from bayes_scaling.memorisation.profile_priors import MEAN_SD, Distribution, ParameterPrior, priors_for


def build_profile_model(estimate: np.ndarray, covariance: np.ndarray, cells: ProfileCells) -> pm.Model:
    r"""PyMC model of estimated effects, :math:`\hat\tau \sim` Normal(0, K(parameters) + V).

    Effects are Gaussian given the few parameters of :func:`profile_covariance`, and so are the errors of the
    estimates: the effects are integrated out, and NUTS sees 6 parameters, and 3 + n_models more for
    several sizes. Draws of the effects follow from their conditional distribution. Priors are those of
    :func:`~bayes_scaling.memorisation.profile_priors.priors_for`; models of similar size are on the same side of the
    line of growth, as :func:`~bayes_scaling.memorisation.profile_kernel.scale_moments` says.

    Parameters
    ----------
    estimate : ndarray of shape (n_cells,)
        In units of their root mean square.
    covariance : ndarray of shape (n_cells, n_cells)
        V, of their errors, in the square of that unit.
    cells : ProfileCells
    """
    n_models = len(cells.log_size)
    with pm.Model(coords={"model": np.arange(n_models)}) as model:
        parameters: dict[str, Any] = {"mean_sd": MEAN_SD}
        for name, prior in priors_for(n_models).items():
            parameters[name] = _variable(name, prior)
        if n_models > 1:
            # Centred: the data tell models apart far better than the line through their scales does. Without their
            # mean, which only the profile's own level knows.
            apart = pm.MvNormal(
                "scale_contrast", *scale_moments(pt, parameters, cells.log_size), shape=n_models - 1
            )
            parameters["log_scale"] = pm.Deterministic(
                "log_scale", contrasts(n_models).T @ apart, dims="model"
            )
        pm.MvNormal(
            "estimate",
            mu=np.zeros(len(estimate)),
            cov=profile_covariance(pt, parameters, cells) + covariance,
            observed=estimate,
        )
    return model


def _variable(name: str, prior: ParameterPrior) -> pt.TensorVariable:
    if prior.distribution is Distribution.HALF_NORMAL:
        return pm.HalfNormal(name, prior.scale)
    return getattr(pm, prior.distribution)(name, prior.location, prior.scale)
