r"""Coordinates in which a family's parameters are nearly standard normal, whether it has much data or little.

Two steps, both exact changes of variables (the posterior does not depend on them):

1. A law that can, is stated by its loss at the two ends of the family's data
   (:class:`~bayes_scaling.laws.HasEndpointCoordinates`): the directions that data fix to a fraction of a per
   cent become straight.
2. Given the scales s (runs) and t (discrepancy), and with the law linearised at a point, a family's
   coordinates u have a Gaussian posterior, population times likelihood. Its mean m and Cholesky factor L
   follow from sums that are computed once, and the sampler moves z in

   .. math:: u = m(s, t, \text{population}) + L(s, t, \text{population})\, z,

   with z standard normal if all were linear.

This is the partially non-centred parametrisation (Papaspiliopoulos et al. 2007,
doi:10.1214/088342307000000014) with the share of centring taken from the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray

from bayes_scaling.laws import HasEndpointCoordinates, Law

FloatArray = NDArray[np.float64]
Ends = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Centring:
    """A summary of each family's own likelihood. F families, P law parameters, K discrepancy features.

    Attributes
    ----------
    origin : ndarray of shape (F, P)
        Straight coordinates at which all is linearised.
    law_origin : ndarray of shape (F, P)
        The law parameters there.
    law_slopes : ndarray of shape (F, P, P)
        Derivatives of the law parameters in the coordinates there.
    gram : ndarray of shape (F, P, P)
        J'J, with J the whitened slopes of ln loss in the coordinates.
    cross : ndarray of shape (F, K, P)
        Projection of J on the eigenvectors of the discrepancy's features.
    pull : ndarray of shape (F, P)
        J'r, with r the whitened residuals.
    projection : ndarray of shape (F, K)
        Projection of r.
    scale_mode : ndarray of shape (F, 2)
        Log scales of runs and discrepancy at the mode.
    scale_factor : ndarray of shape (F, 2, 2)
        Cholesky factor of their covariance, with the law parameters integrated out and a typical population.
    """

    origin: FloatArray
    law_origin: FloatArray
    law_slopes: FloatArray
    gram: FloatArray
    cross: FloatArray
    pull: FloatArray
    projection: FloatArray
    scale_mode: FloatArray
    scale_factor: FloatArray


def law_from_coordinates(xp: Any, law: Law, coordinates: list[Any], ends: Ends) -> tuple[list[Any], Any]:
    """Law parameters in order from straight coordinates, and the log Jacobian; the identity for other laws."""
    if not isinstance(law, HasEndpointCoordinates):
        return coordinates, 0.0 * coordinates[0]
    params, log_jacobian = law.from_endpoints(xp, coordinates, ends)
    return [params[name] for name in law.parameter_names], log_jacobian


def coordinates_from_law(xp: Any, law: Law, params: list[Any], ends: Ends) -> list[Any]:
    """Straight coordinates from law parameters in order: the inverse of :func:`law_from_coordinates`."""
    if not isinstance(law, HasEndpointCoordinates):
        return params
    return law.to_endpoints(xp, dict(zip(law.parameter_names, params, strict=True)), ends)


@dataclass(frozen=True)
class Population:
    """Tensors of a population: ``mean`` (P + 2,), Cholesky ``law_factor`` (P, P) and ``scale_sd`` (2,)."""

    mean: Any
    law_factor: Any
    scale_sd: Any


def place_families(
    law: Law, population: Population, eigenvalues: Any, centring: Centring, ends: Ends
) -> tuple[Any, Any]:
    """Family parameters from standardised variables; adds the population's density to the model of the context.

    Returns
    -------
    law parameters, log scales : tensors of shapes (F, P) and (F, 2)
    """
    data = {
        field.name: pm.Data(f"centring_{field.name}", getattr(centring, field.name))
        for field in fields(Centring)
    }
    n_law = centring.origin.shape[1]
    scales = _place_scales(population.mean[n_law:], population.scale_sd, data)
    precision, pull = _law_information(scales, eigenvalues, data)
    unit = pt.linalg.solve_triangular(population.law_factor, pt.eye(n_law), lower=True)
    whitener = pt.matmul(unit, data["law_slopes"])
    expected = pt.matmul(unit, (population.mean[:n_law] - data["law_origin"])[..., None])
    expected = expected + pt.matmul(whitener, data["origin"][..., None])
    z = pm.Flat("z_law", shape=centring.origin.shape)
    coordinates, log_det = _affine(z, precision + _squared(whitener), pull + _times(whitener, expected))
    columns, log_jacobian = law_from_coordinates(
        pt, law, [coordinates[:, position] for position in range(n_law)], ends
    )
    params = pt.stack(columns, axis=1)
    whitened = pt.matmul(unit, (params - population.mean[:n_law])[..., None])
    log_density = -0.5 * (whitened**2).sum() - pt.log(pt.diag(population.law_factor)).sum() * z.shape[0]
    pm.Potential("law_density", log_density + log_jacobian.sum() + log_det)
    return params, scales


def _place_scales(mean: Any, sd: Any, data: dict[str, Any]) -> Any:
    """Log scales (F, 2) of runs and discrepancy: centred, in units of their uncertainty."""
    z = pm.Flat("z_scales", shape=data["scale_mode"].get_value(borrow=True).shape)
    scales = data["scale_mode"] + pt.matmul(data["scale_factor"], z[..., None])[..., 0]
    pm.Potential("scale_density", -0.5 * (((scales - mean) / sd) ** 2).sum() - pt.log(sd).sum() * z.shape[0])
    return scales


def _law_information(scales: Any, eigenvalues: Any, data: dict[str, Any]) -> tuple[Any, Any]:
    """Precision (F, P, P) and precision times location (F, P) of the linearised likelihood at given scales."""
    run_precision = pt.exp(-2 * scales[:, 0])
    ratio = pt.exp(2 * (scales[:, 1] - scales[:, 0]))[:, None]
    absorbed = ratio / (1 + ratio * eigenvalues)
    crossed = pt.matrix_transpose(data["cross"])
    precision = (data["gram"] - pt.matmul(crossed, absorbed[..., None] * data["cross"])) * run_precision[
        :, None, None
    ]
    pull = (
        data["pull"] - pt.matmul(crossed, (absorbed * data["projection"])[..., None])[..., 0]
    ) * run_precision[:, None]
    return precision, pull + pt.matmul(precision, data["origin"][..., None])[..., 0]


def _affine(z: Any, precision: Any, pull: Any) -> tuple[Any, Any]:
    """M + L z with LL' the inverse of the precision and m = LL' pull, and the sum of ln|L| over families."""
    lower = pt.linalg.cholesky(precision)
    half = pt.linalg.solve_triangular(lower, pull, lower=True, b_ndim=1)
    placed = pt.linalg.solve_triangular(pt.matrix_transpose(lower), half + z, lower=False, b_ndim=1)
    return placed, -pt.log(pt.diagonal(lower, axis1=-2, axis2=-1)).sum()


def _squared(matrix: Any) -> Any:
    return pt.matmul(pt.matrix_transpose(matrix), matrix)


def _times(matrix: Any, vector: Any) -> Any:
    return pt.matmul(pt.matrix_transpose(matrix), vector)[..., 0]
