"""How alike the effects of two cells are before the data are seen: the covariance of a memorisation profile.

Written once for any array namespace, as laws are: PyTensor while sampling, NumPy afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg

from bayes_scaling.memorisation.columns import CHECKPOINT, COHORT, EVENT_TIME, MODEL

JITTER = 1e-8
"""Added to the diagonal, relative to the squared unit of effects."""


@dataclass(frozen=True, eq=False)
class ProfileCells:
    """Where each effect stands.

    Attributes
    ----------
    lag : ndarray of shape (n_cells,)
        u = log(1 + event time in checkpoints) of each cell, a cell being a cohort at a checkpoint.
    place : ndarray of shape (n_cells,)
        v = cohort over last checkpoint, 0 to 1.
    cell : ndarray of shape (n_effects,)
        The cell of each effect, as position in `lag`.
    model : ndarray of shape (n_effects,)
        The model of each effect, as position in `log_size`.
    log_size : ndarray of shape (n_models,)
        x = log10(parameters / reference), decades.
    """

    lag: np.ndarray
    place: np.ndarray
    cell: np.ndarray
    model: np.ndarray
    log_size: np.ndarray

    def joined(self, other: ProfileCells) -> ProfileCells:
        """These effects and then the other's, of the same cells and of a list of models that extends this one's."""
        cell, model = np.append(self.cell, other.cell), np.append(self.model, other.model)
        return ProfileCells(self.lag, self.place, cell, model, other.log_size)

    @classmethod
    def of(
        cls, keys: pd.DataFrame, checkpoints: np.ndarray, sizes: Mapping[str, float], reference: float
    ) -> ProfileCells:
        """Places of effects with columns ``model``, ``cohort``, ``checkpoint`` and ``event_time``.

        Parameters
        ----------
        keys : DataFrame
            Of one or several models that have the same cells.
        checkpoints : ndarray
            Steps of all checkpoints: their median spacing is the unit of event time.
        sizes : mapping
            Parameters by model.
        reference : float
            Parameters where x is zero.
        """
        cell = keys.groupby([COHORT, CHECKPOINT]).ngroup().to_numpy()
        first = keys.iloc[np.unique(cell, return_index=True)[1]]
        names = list(sizes)
        return cls(
            lag=np.log1p(first[EVENT_TIME].to_numpy() / np.median(np.diff(checkpoints))),
            place=first[COHORT].to_numpy() / checkpoints.max(),
            cell=cell,
            model=np.array([names.index(model) for model in keys[MODEL]]),
            log_size=np.log10(np.array([sizes[name] for name in names]) / reference),
        )


def profile_covariance(xp: ModuleType | Any, parameters: Mapping[str, Any], cells: ProfileCells) -> Any:
    r"""Prior covariance of the effects of all cells, in squared units of the effects' scale.

    .. math::
        \tau_N(g, e) &= s_N\, (1 + e)^{-\kappa} \left[ f(g, e) + h_N(g, e) \right] \\
        \operatorname{cov} f &= \mu_{sd}^2 + \sigma_e^2\, k_e + \sigma_g^2\, k_{ge}, \qquad
            k_{ge} = k_g \tfrac{1 + k_e}{2} \\
        \operatorname{cov} h &= e^{-|x_N - x_{N'}| / \ell_N} \left[ \sigma_c^2 1[\text{same cell}]
            + \rho^2\, \tfrac{1}{2}\, \mathrm{centred} (k_e + k_{ge}) \right]

    :math:`k_e = k(u, u'; \ell_e)` and :math:`k_g = k(v, v'; \ell_g)` are Matérn 3/2 correlations. f is what all models
    share: a profile over event time, continuous with a continuous slope, common to all cohorts, and deviations of
    cohorts that neighbours share. h is rough, from cell to cell, and drifts with size, so that models of similar
    size deviate alike. Its drift is centred, with mean zero over the cells: the level of a model is :math:`s_N`
    alone. With one model h is its rough part. All fades with event time as the effect does, deviations included.

    Parameters
    ----------
    xp : module
        numpy or pytensor.tensor.
    parameters : mapping
        ``decay`` (kappa), ``mean_sd``, ``event_sd``, ``event_range``, ``cohort_sd``, ``cohort_range``, ``cell_sd``, and
        with several models ``log_scale`` (ln s_N, shape (n_models,)), ``size_sd`` (rho), ``size_range`` (ell_N).
    cells : ProfileCells

    Returns
    -------
    array of shape (n_effects, n_effects)
    """
    n_cells = len(cells.lag)
    event = _matern(xp, _distance(cells.lag), parameters["event_range"])
    cohort = _matern(xp, _distance(cells.place), parameters["cohort_range"]) * 0.5 * (1.0 + event)
    shared = (
        parameters["mean_sd"] ** 2
        + parameters["event_sd"] ** 2 * event
        + parameters["cohort_sd"] ** 2 * cohort
    )
    own = parameters["cell_sd"] ** 2 * np.eye(n_cells)
    log_envelope = -parameters["decay"] * cells.lag[cells.cell]
    pairs = (cells.cell[:, None], cells.cell[None, :])
    if "log_scale" in parameters:
        log_envelope = log_envelope + parameters["log_scale"][cells.model]
        of_effect = cells.log_size[cells.model]
        alike = size_similarity(xp, of_effect, of_effect, parameters["size_range"])
        centre = np.eye(n_cells) - 1.0 / n_cells
        drift = 0.5 * parameters["size_sd"] ** 2 * xp.dot(xp.dot(centre, event + cohort), centre)
        profile = shared[pairs] + alike * (own + drift)[pairs]
    else:
        profile = (shared + own)[pairs]
    envelope = xp.exp(log_envelope)
    return profile * envelope[:, None] * envelope[None, :] + JITTER * np.eye(len(cells.cell))


def size_similarity(xp: ModuleType | Any, log_size: np.ndarray, other: np.ndarray, size_range: Any) -> Any:
    """How alike models of different size deviate: exp(-distance / range).

    Parameters
    ----------
    xp : module
        NumPy, or PyTensor's ``tensor``.
    log_size : ndarray of shape (n_models,)
        Decades.
    other : ndarray of shape (n_others,)
        Decades.
    size_range : array
        Decades; a number, or an array of shape (..., 1, 1).

    Returns
    -------
    array of shape (..., n_models, n_others)
    """
    return xp.exp(-np.abs(log_size[:, None] - other) / size_range)


def scale_moments(
    xp: ModuleType | Any, parameters: Mapping[str, Any], log_size: np.ndarray
) -> tuple[Any, Any]:
    """Prior mean and covariance of the contrasts of models' log scales, given growth with size.

    Parameters
    ----------
    xp : module
        NumPy, or PyTensor's ``tensor``.
    parameters : mapping
        ``growth``, ``model_sd`` and ``size_range``.
    log_size : ndarray of shape (n_models,)
        Decades.

    Returns
    -------
    array of shape (n_models - 1,), array of shape (n_models - 1, n_models - 1)
    """
    contrast = contrasts(len(log_size))
    alike = contrast @ size_similarity(xp, log_size, log_size, parameters["size_range"]) @ contrast.T
    covariance = parameters["model_sd"] ** 2 * (alike + JITTER * np.eye(len(contrast)))
    return parameters["growth"] * (contrast @ log_size), covariance


def contrasts(n_models: int) -> np.ndarray:
    """Orthonormal rows that sum to zero, shape (n_models - 1, n_models): what is known of scales without their mean."""
    return linalg.helmert(n_models)


def _distance(values: np.ndarray) -> np.ndarray:
    return np.abs(values[:, None] - values)


def _matern(xp: ModuleType | Any, distance: np.ndarray, length: Any) -> Any:
    """Matérn correlation with smoothness 3/2 (Rasmussen & Williams 2006, eq. 4.17)."""
    scaled = np.sqrt(3.0) * distance / length
    return (1.0 + scaled) * xp.exp(-scaled)
