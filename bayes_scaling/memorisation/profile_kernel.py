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

from bayes_scaling.memorisation.columns import COHORT, EVENT_TIME, MODEL

JITTER = 1e-8
"""Added to the diagonal, relative to the squared unit of effects."""


@dataclass(frozen=True, eq=False)
class ProfileCells:
    """Where each cell stands.

    Attributes
    ----------
    lag : ndarray of shape (n_cells,)
        u = log(1 + event time in checkpoints).
    place : ndarray of shape (n_cells,)
        v = cohort over last checkpoint, 0 to 1.
    model : ndarray of shape (n_cells,)
        Position in `log_size`.
    log_size : ndarray of shape (n_models,)
        x = log10(parameters / reference), decades.
    """

    lag: np.ndarray
    place: np.ndarray
    model: np.ndarray
    log_size: np.ndarray

    @property
    def same(self) -> np.ndarray:
        """1 where two cells are of the same cohort and checkpoint, whatever the model, shape (n_cells, n_cells)."""
        equal = (self.lag[:, None] == self.lag) & (self.place[:, None] == self.place)
        return equal.astype(float)

    def joined(self, other: ProfileCells) -> ProfileCells:
        """These cells and then the other's, whose list of models extends this one's."""
        lag, place, model = (
            np.append(getattr(self, name), getattr(other, name)) for name in ("lag", "place", "model")
        )
        return ProfileCells(lag, place, model, other.log_size)

    @classmethod
    def of(
        cls, keys: pd.DataFrame, checkpoints: np.ndarray, sizes: Mapping[str, float], reference: float
    ) -> ProfileCells:
        """Cells of keys with columns ``model``, ``cohort``, ``checkpoint`` and ``event_time``.

        Parameters
        ----------
        keys : DataFrame
        checkpoints : ndarray
            Steps of all checkpoints: their median spacing is the unit of event time.
        sizes : mapping
            Parameters by model.
        reference : float
            Parameters where x is zero.
        """
        event = keys[EVENT_TIME].to_numpy() / np.median(np.diff(checkpoints))
        names = list(sizes)
        return cls(
            lag=np.log1p(event),
            place=keys[COHORT].to_numpy() / checkpoints.max(),
            model=np.array([names.index(model) for model in keys[MODEL]]),
            log_size=np.log10(np.array([sizes[name] for name in names]) / reference),
        )


def profile_covariance(xp: ModuleType | Any, parameters: Mapping[str, Any], cells: ProfileCells) -> Any:
    r"""Prior covariance of the effects of all cells, in squared units of the effects' scale.

    .. math::
        \tau_N(g, e) &= s_N\, (1 + e)^{-\kappa} \left[ f(g, e) + \rho\, h_N(g, e) \right] \\
        \operatorname{cov} f &= \mu_{sd}^2 + \sigma_e^2 k(u, u'; \ell_e)
            + \sigma_g^2 k(v, v'; \ell_g) \tfrac{1 + k(u, u'; \ell_e)}{2} + \sigma_c^2 1[\text{same cell}]

    k is the Matérn 3/2 correlation: a profile over event time that is continuous with a continuous slope, shared by
    all cohorts, and deviations of cohorts that neighbours share. :math:`h_N` has the covariance of f times
    :math:`\exp(-|x_N - x_{N'}| / \ell_N)`: models of similar size deviate alike. Everything fades with event time
    as the effect does, deviations included.

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
    array of shape (n_cells, n_cells)
    """
    event = _matern(xp, _distance(cells.lag), parameters["event_range"])
    cohort = _matern(xp, _distance(cells.place), parameters["cohort_range"])
    profile = (
        parameters["mean_sd"] ** 2
        + parameters["event_sd"] ** 2 * event
        + parameters["cohort_sd"] ** 2 * cohort * 0.5 * (1.0 + event)
        + parameters["cell_sd"] ** 2 * cells.same
    )
    log_envelope = -parameters["decay"] * cells.lag
    if "log_scale" in parameters:
        log_envelope = log_envelope + parameters["log_scale"][cells.model]
        alike = xp.exp(-_distance(cells.log_size[cells.model]) / parameters["size_range"])
        profile = profile * (1.0 + parameters["size_sd"] ** 2 * alike)
    envelope = xp.exp(log_envelope)
    return profile * envelope[:, None] * envelope[None, :] + JITTER * np.eye(len(cells.lag))


def _distance(values: np.ndarray) -> np.ndarray:
    return np.abs(values[:, None] - values)


def _matern(xp: ModuleType | Any, distance: np.ndarray, length: Any) -> Any:
    """Matérn correlation with smoothness 3/2 (Rasmussen & Williams 2006, eq. 4.17)."""
    scaled = np.sqrt(3.0) * distance / length
    return (1.0 + scaled) * xp.exp(-scaled)
