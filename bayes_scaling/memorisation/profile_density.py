"""Log density of a profile's parameters given the estimated effects, in NumPy: what importance sampling evaluates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy import linalg

from bayes_scaling.memorisation.profile_draws import SeenEffects
from bayes_scaling.memorisation.profile_kernel import (
    ProfileCells,
    contrasts,
    profile_covariance,
    scale_moments,
)
from bayes_scaling.memorisation.profile_priors import MEAN_SD, SIZE_PRIORS, priors_for

SCALE_UNIT = 0.1
"""Of the coordinates of models' scales: about what a model deviates from the line of growth."""

FAR = 30.0
"""Prior standard deviations beyond which the density is taken for zero: parameters underflow there."""


@dataclass(frozen=True, eq=False)
class ProfileDensity:
    """Posterior density of the parameters, of the same model as :func:`build_profile_model`.

    Coordinates are standard normal under the prior: a parameter is the value with the same prior quantile. Posteriors
    are closer to normal in these than in logarithms, whose left tail is long where a spread may be zero. With several
    models the contrasts of their log scales follow, in units of :data:`SCALE_UNIT`, and the coordinate of growth is
    standard normal given these scales, where growth is normal: it would narrow as ``model_sd`` does.

    Attributes
    ----------
    seen : SeenEffects
    cells : ProfileCells
    """

    seen: SeenEffects
    cells: ProfileCells

    @property
    def n_coordinates(self) -> int:
        """Number of coordinates: 6, and 3 + n_models more for several models."""
        return len(priors_for(self._n_models)) + self._n_models - 1

    def parameters(self, coordinates: np.ndarray) -> dict[str, np.ndarray]:
        """Those of :func:`profile_covariance`, and ``growth`` and ``model_sd``, at coordinates of shape (..., n)."""
        priors = priors_for(self._n_models)
        found = {
            name: prior.value(coordinates[..., place]) for place, (name, prior) in enumerate(priors.items())
        }
        found["mean_sd"] = np.full(coordinates.shape[:-1], MEAN_SD)
        if self._n_models > 1:
            apart = SCALE_UNIT * coordinates[..., len(priors) :]
            standard = coordinates[..., list(priors).index("growth")]
            found["growth"] = self._growth(found, apart, standard)
            found["log_scale"] = apart @ contrasts(self._n_models)
        return found

    def dataset(self, coordinates: np.ndarray) -> xr.Dataset:
        """The parameters with dims (chain, draw, ...), from coordinates of shape (n_chains, n_draws, n)."""
        dims = ("chain", "draw", "model")
        arrays = {
            name: (dims[: values.ndim], values) for name, values in self.parameters(coordinates).items()
        }
        sizes = (*coordinates.shape[:2], self._n_models)
        return xr.Dataset(
            arrays, coords={dim: np.arange(size) for dim, size in zip(dims, sizes, strict=True)}
        )

    def log_density(self, coordinates: np.ndarray) -> np.ndarray:
        """Log density at points of shape (n_points, n), up to a constant; -inf where a covariance is singular."""
        n_priors = len(priors_for(self._n_models))
        standard, scales = coordinates[:, :n_priors], SCALE_UNIT * coordinates[:, n_priors:]
        found = np.full(len(coordinates), -np.inf)
        near = np.flatnonzero((np.abs(standard) < FAR).all(axis=1))
        with np.errstate(over="ignore", invalid="ignore"):  # where scales are as far out
            parameters = self.parameters(coordinates[near])
            for place, point in enumerate(near):
                one = {name: values[place] for name, values in parameters.items()}
                found[point] = (
                    self._given_priors(one, scales[point]) - 0.5 * standard[point] @ standard[point]
                )
        return found

    def _given_priors(self, parameters: dict[str, np.ndarray], scale_contrasts: np.ndarray) -> float:
        """Log density of the estimates, and of the contrasts of models' scales, at one point."""
        prior = profile_covariance(np, parameters, self.cells)
        found = _log_normal_density(self.seen.estimate, prior + self.seen.covariance)
        if self._n_models > 1:
            growth = SIZE_PRIORS["growth"]
            slope, covariance = scale_moments(np, {**parameters, "growth": 1.0}, self.cells.log_size)
            whatever_growth = covariance + growth.scale**2 * np.outer(slope, slope)
            found += _log_normal_density(scale_contrasts - growth.location * slope, whatever_growth)
        return found

    def _growth(
        self, parameters: dict[str, np.ndarray], scale_contrasts: np.ndarray, standard: np.ndarray
    ) -> np.ndarray:
        """Growth from a standard normal number: given the models' scales it is normal."""
        prior = SIZE_PRIORS["growth"]
        given = {name: parameters[name][..., None, None] for name in ("model_sd", "size_range")}
        slope, covariance = scale_moments(np, {**given, "growth": 1.0}, self.cells.log_size)
        weights = np.linalg.solve(covariance, slope[:, None])[..., 0]
        precision = prior.scale**-2 + weights @ slope
        expected = prior.location * prior.scale**-2 + (weights * scale_contrasts).sum(axis=-1)
        return expected / precision + standard / np.sqrt(precision)

    @property
    def _n_models(self) -> int:
        return len(self.cells.log_size)


def _log_normal_density(deviation: np.ndarray, covariance: np.ndarray) -> float:
    """Log density of a normal distribution, up to a constant; -inf where it has none in floating point."""
    try:
        factor = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return -np.inf
    scaled = linalg.solve_triangular(factor, deviation, lower=True, check_finite=False)
    found = float(-0.5 * scaled @ scaled - np.log(np.diag(factor)).sum())
    return found if np.isfinite(found) else -np.inf
