r"""Coordinates in which a family's parameters are nearly standard normal, whether it has much data or little.

Two steps, both exact changes of variables (the posterior does not depend on them):

1. A law that can, is stated by its loss at the two ends of the family's data
   (:class:`~bayes_scaling.laws.HasEndpointCoordinates`): the directions that data fix to a fraction of a per
   cent become straight.
2. Given the scales s (runs) and t (discrepancy), and with the mean linearised at a point, a family's
   coordinates u have a Gaussian posterior, population times likelihood. Its mean m and Cholesky factor L
   follow from sums that are computed once, and the sampler moves z in

   .. math:: u = m(s, t, \text{population}) + L(s, t, \text{population})\, z,

   with z standard normal if all were linear. The scales themselves have a covariance of their own, and follow
   the population's mean and spread by the share that the data leave open.

This is the partially non-centred parametrisation (Papaspiliopoulos et al. 2007,
doi:10.1214/088342307000000014) with the share of centring taken from the data. Written once, for PyTensor
(NUTS) and for NumPy with any number of chains as leading axes (the fast sampler).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.models.algebra import (
    cholesky,
    contract,
    diagonal,
    solve_lower,
    solve_upper,
)
from bayes_scaling.models.family_prior import FamilyPrior
from bayes_scaling.models.mean import Ends, MeanLoss
from bayes_scaling.models.population import Population

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Centring:
    """A summary of each family's own likelihood. F families, P parameters of the mean, K discrepancy features.

    Attributes
    ----------
    origin : ndarray of shape (F, P)
        Straight coordinates at which all is linearised.
    mean_origin : ndarray of shape (F, P)
        The parameters there.
    mean_slopes : ndarray of shape (F, P, P)
        Derivatives of the parameters in the coordinates there.
    gram : ndarray of shape (F, P, P)
        J'J, with J the whitened slopes of ln loss in the coordinates.
    cross : ndarray of shape (F, K, P)
        Projection of J on the eigenvectors of the discrepancy's features.
    pull : ndarray of shape (F, P)
        J'r, with r the whitened residuals.
    projection : ndarray of shape (F, K)
        Projection of r.
    energy : ndarray of shape (F,)
        r'r.
    scale_mode : ndarray of shape (F, 2)
        Log scales of runs and discrepancy where the sampler's variables are zero.
    scale_factor : ndarray of shape (F, 2, 2)
        Cholesky factor of their covariance.
    scale_share : ndarray of shape (F, 2)
        How far a family's log scales follow the population's mean and spread: 1 when its data say nothing.
    scale_expected, scale_spread : ndarray of shape (F, 2)
        The population's mean and spread of log scales at which mode and factor hold.
    """

    origin: FloatArray
    mean_origin: FloatArray
    mean_slopes: FloatArray
    gram: FloatArray
    cross: FloatArray
    pull: FloatArray
    projection: FloatArray
    energy: FloatArray
    scale_mode: FloatArray
    scale_factor: FloatArray
    scale_share: FloatArray
    scale_expected: FloatArray
    scale_spread: FloatArray

    @property
    def absorption(self) -> FloatArray:
        """What each feature takes from a family's information, (F, K, P * P + P): from the precision, and the pull."""
        outer = self.cross[..., :, None] * self.cross[..., None, :]
        pulls = self.cross * self.projection[..., None]
        return np.concatenate([outer.reshape(*self.cross.shape[:2], -1), pulls], axis=-1)

    def arrays(self) -> dict[str, FloatArray]:
        """The arrays by name; of the discrepancy's features only what they absorb."""
        own = (field.name for field in fields(self) if field.name not in ("cross", "projection"))
        return {name: getattr(self, name) for name in (*own, "absorption")}


@dataclass(frozen=True)
class Placed:
    """Families where the sampler's variables put them; leading axes are chains.

    Attributes
    ----------
    params : array of shape (..., F, P)
        Parameters of the mean.
    scales : array of shape (..., F, 2)
        Log scales of runs and discrepancy.
    log_volume : array of shape (..., F)
        Log determinant of the map from the standardised variables, up to a constant of the family.
    """

    params: Any
    scales: Any
    log_volume: Any


@dataclass(frozen=True)
class Standardised:
    """The sampler's variables where families are; leading axes are chains.

    Attributes
    ----------
    scales : ndarray of shape (..., F, 2)
        Standardised log scales.
    mean : ndarray of shape (..., F, P)
        Standardised coordinates of the mean.
    log_volume : ndarray of shape (..., F)
        As of :class:`Placed`.
    """

    scales: FloatArray
    mean: FloatArray
    log_volume: FloatArray


@dataclass(frozen=True)
class Frame:
    """The affine part of the map: u = centre + (factor')^-1 z given scales and what the population expects."""

    centre: Any
    factor: Any


def place(
    xp: Any,
    mean: MeanLoss,
    prior: FamilyPrior,
    z: tuple[Any, Any],
    data: Mapping[str, Any],
    ends: Ends,
) -> Placed:
    """Family parameters from standardised variables.

    Parameters
    ----------
    xp : module
        numpy or ``pytensor.tensor``.
    mean : MeanLoss
    prior : FamilyPrior
    z : (array of shape (..., F, 2), array of shape (..., F, P))
        Standardised scales and standardised coordinates.
    data : mapping of str to array
        :meth:`Centring.arrays`, and ``eigenvalues``, ``roughness`` and ``rough_kind`` of the layout.
    ends : mapping of str to (low, high)
        :meth:`~bayes_scaling.models.layout.Layout.ends`.
    """
    z_scales, z_mean = z
    scales = scales_from_standard(xp, prior.population, z_scales, data)
    frame = frame_at(xp, prior, scales, data)
    straight = frame.centre + solve_upper(xp, frame.factor, z_mean)
    columns, log_volume = _from_straight(xp, mean, prior.population, straight, frame, data, ends)
    return Placed(xp.stack(columns, axis=-1), scales, log_volume)


def standardise(
    mean: MeanLoss,
    prior: FamilyPrior,
    params: FloatArray,
    scales: FloatArray,
    data: Mapping[str, Any],
    ends: Ends,
) -> Standardised:
    """The standardised variables that :func:`place` makes these parameters of; NumPy only."""
    straight = np.stack(
        mean.to_coordinates(np, [params[..., i] for i in range(params.shape[-1])], ends), axis=-1
    )
    frame = frame_at(np, prior, scales, data)
    turned = np.matmul(np.swapaxes(frame.factor, -1, -2), (straight - frame.centre)[..., None])[..., 0]
    _, log_volume = _from_straight(np, mean, prior.population, straight, frame, data, ends)
    return Standardised(standard_from_scales(prior.population, scales, data), turned, log_volume)


def _from_straight(
    xp: Any,
    mean: MeanLoss,
    population: Population,
    straight: Any,
    frame: Frame,
    data: Mapping[str, Any],
    ends: Ends,
) -> tuple[list[Any], Any]:
    """Parameters, (..., F) each, of straight coordinates (..., F, P), and the volume of the whole map."""
    columns, log_jacobian = mean.from_coordinates(
        xp, [straight[..., i] for i in range(population.n_mean)], ends
    )
    log_det = -xp.log(diagonal(xp, frame.factor)).sum(axis=-1)
    return columns, log_jacobian + log_det + log_stretch(xp, population, data).sum(axis=-1)


def scales_from_standard(xp: Any, population: Population, z_scales: Any, data: Mapping[str, Any]) -> Any:
    """Log scales (..., F, 2) from standardised ones."""
    offset = xp.matmul(data["scale_factor"], z_scales[..., None])[..., 0]
    return _scale_centre(population, data) + xp.exp(log_stretch(xp, population, data)) * offset


def standard_from_scales(population: Population, scales: FloatArray, data: Mapping[str, Any]) -> FloatArray:
    """The standardised scales that :func:`scales_from_standard` makes these of; NumPy only."""
    offset = (scales - _scale_centre(population, data)) * np.exp(-log_stretch(np, population, data))
    return np.linalg.solve(data["scale_factor"], offset[..., None])[..., 0]


def log_stretch(xp: Any, population: Population, data: Mapping[str, Any]) -> Any:
    """Log of how much wider log scales (..., F, 2) lie than their factor says, since the population is."""
    spread = population.sd[..., None, population.n_mean :]
    return data["scale_share"] * xp.log(spread / data["scale_spread"])


def _scale_centre(population: Population, data: Mapping[str, Any]) -> Any:
    """Log scales (..., F, 2) where the standardised ones are zero."""
    expected = population.mean[..., None, population.n_mean :]
    return data["scale_mode"] + data["scale_share"] * (expected - data["scale_expected"])


def frame_at(xp: Any, prior: FamilyPrior, scales: Any, data: Mapping[str, Any]) -> Frame:
    """The Gaussian posterior of the straight coordinates, with the mean linearised, at scales (..., F, 2)."""
    precision, pull = own_information(xp, scales, data)
    lower = cholesky(xp, precision + prior.precision)
    half = solve_lower(xp, lower, pull + prior.pull)
    return Frame(solve_upper(xp, lower, half), lower)


def own_information(xp: Any, scales: Any, data: Mapping[str, Any]) -> tuple[Any, Any]:
    """Precision (..., F, P, P) and precision times location (..., F, P) of the linearised likelihood."""
    run_precision = xp.exp(-2 * scales[..., 0])
    ratio = xp.exp(2 * (scales[..., 1] - scales[..., 0]))[..., None]
    absorbed = ratio / (1 + ratio * data["eigenvalues"])
    taken, p = contract(xp, absorbed, data["absorption"]), data["pull"].shape[-1]
    from_precision = taken[..., : p * p].reshape((*taken.shape[:-1], p, p))
    precision = (data["gram"] - from_precision) * run_precision[..., None, None]
    pull = (data["pull"] - taken[..., p * p :]) * run_precision[..., None]
    return precision, pull + xp.matmul(precision, data["origin"][..., None])[..., 0]
