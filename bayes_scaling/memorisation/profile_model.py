"""The hierarchical model of memorisation profiles, with the effects themselves integrated out."""

from __future__ import annotations

from typing import Final

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from bayes_scaling.memorisation.profile_kernel import (
    JITTER,
    ProfileCells,
    contrasts,
    profile_covariance,
    size_similarity,
)

MEAN_SD: Final = 2.0
"""Spread of the level of all effects, in units of their root mean square: wide, the data settle it."""


def build_profile_model(estimate: np.ndarray, covariance: np.ndarray, cells: ProfileCells) -> pm.Model:
    r"""PyMC model of estimated effects, :math:`\hat\tau \sim` Normal(0, K(parameters) + V).

    Effects are Gaussian given the few parameters of :func:`profile_covariance`, and so are the errors of the
    estimates: the effects are integrated out, and NUTS sees 6 parameters, and 3 + n_models more for
    several sizes. Draws of the effects follow from their conditional distribution.

    Priors, in units of the root mean square of the effects: ``decay`` HalfNormal(0.7), from none at all to twentyfold
    over a dozen checkpoints; ``event_sd`` HalfNormal(1), the profile may move as much as it is large; ``cohort_sd``
    HalfNormal(0.5) and ``cell_sd`` HalfNormal(0.2), cohorts are more alike than not, and single cells more yet;
    ``event_range`` LogNormal(0, 0.5), i.e. features as wide as a factor of 1.5-14 in time since training;
    ``cohort_range`` LogNormal(ln 0.5, 0.5), i.e. 0.2-1.3 of training. For several sizes: ``growth`` Normal(0, 1), ln of
    the effect for a decade in size, so a factor of 7 either way; ``model_sd`` LogNormal(ln 0.1, 0.5), models within
    4-27 % of that line, those of similar size on the same side, and never on it, where the posterior would have a
    funnel; ``size_sd``
    HalfNormal(0.3) and ``size_range`` LogNormal(0, 0.5) decades, how profiles drift apart with size.

    Parameters
    ----------
    estimate : ndarray of shape (n_cells,)
        In units of their root mean square.
    covariance : ndarray of shape (n_cells, n_cells)
        V, of their errors, in the square of that unit.
    cells : ProfileCells
    """
    coords = {"model": np.arange(len(cells.log_size))}
    with pm.Model(coords=coords) as model:
        parameters = {
            "mean_sd": MEAN_SD,
            "decay": pm.HalfNormal("decay", 0.7),
            "event_sd": pm.HalfNormal("event_sd", 1.0),
            "event_range": pm.LogNormal("event_range", 0.0, 0.5),
            "cohort_sd": pm.HalfNormal("cohort_sd", 0.5),
            "cohort_range": pm.LogNormal("cohort_range", np.log(0.5), 0.5),
            "cell_sd": pm.HalfNormal("cell_sd", 0.2),
        }
        if len(cells.log_size) > 1:
            parameters |= _size_parameters(cells.log_size)
        pm.MvNormal(
            "estimate",
            mu=np.zeros(len(estimate)),
            cov=profile_covariance(pt, parameters, cells) + covariance,
            observed=estimate,
        )
    return model


def _size_parameters(log_size: np.ndarray) -> dict[str, pt.TensorVariable]:
    growth = pm.Normal("growth", 0.0, 1.0)
    model_sd = pm.LogNormal("model_sd", np.log(0.1), 0.5)
    size_range = pm.LogNormal("size_range", 0.0, 0.5)
    contrast = contrasts(len(log_size))
    alike = contrast @ size_similarity(pt, log_size, log_size, size_range) @ contrast.T
    # Centred: the data tell models apart far better than the line through their scales does. Without their mean, which
    # only the profile's own level knows.
    apart = pm.MvNormal(
        "scale_contrast",
        growth * (contrast @ log_size),
        model_sd**2 * (alike + JITTER * np.eye(len(contrast))),
        shape=len(contrast),
    )
    return {
        "log_scale": pm.Deterministic("log_scale", contrast.T @ apart, dims="model"),
        "size_sd": pm.HalfNormal("size_sd", 0.3),
        "size_range": size_range,
    }
