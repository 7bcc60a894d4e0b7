"""Slopes of losses on log-log axes, with the error that few seeds leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from bayes_scaling.errors import InputError
from bayes_scaling.names import SEED


@dataclass(frozen=True)
class Slope:
    """A decay exponent read off simulated losses.

    Attributes
    ----------
    exponent : float
        Minus the slope of log mean loss over the log of the resource.
    standard_error : float
        Jackknife over seeds; NaN for one seed.
    """

    exponent: float
    standard_error: float

    def deviation(self, expected: float) -> float:
        """Relative difference to a theoretical exponent."""
        return self.exponent / expected - 1.0


def local_slopes(losses: xr.DataArray, dim: str) -> xr.DataArray:
    """Decay exponents between neighbours along a dimension, at the geometric middle of each pair.

    Parameters
    ----------
    losses : DataArray
        Positive losses; a dimension ``seed``, if there is one, is averaged over first.
    dim : str
        The resource: its coordinate must be finite and positive.
    """
    mean = losses.mean(SEED) if SEED in losses.dims else losses
    mean = _finite_part(mean, dim).sortby(dim)
    log_x = np.log(mean[dim].to_numpy())
    steps = xr.DataArray(np.diff(log_x), dims=dim)
    rises = xr.ufuncs.log(mean).diff(dim).drop_vars(dim)
    middles = np.exp(0.5 * (log_x[1:] + log_x[:-1]))
    return (-rises / steps).assign_coords({dim: middles})


def log_log_slope(losses: xr.DataArray, dim: str, low: float = 0.0, high: float = np.inf) -> Slope:
    """Decay exponent of the mean over seeds between two values of a resource, by least squares on log-log axes.

    Parameters
    ----------
    losses : DataArray with dims (seed, dim)
        Losses, or differences of losses, whose mean over seeds is positive.
    dim : str
        The resource.
    low, high : float
        Bounds of the resource, included.

    Raises
    ------
    InputError
        With code ``"too_few_points"`` when fewer than three finite values lie between the bounds, and
        ``"not_positive"`` when a mean loss there is not above zero.
    """
    inside = _finite_part(losses, dim)
    inside = inside.sel({dim: (inside[dim] >= low) & (inside[dim] <= high)}).transpose(SEED, dim)
    if inside.sizes[dim] < 3:
        raise InputError(
            f"{inside.sizes[dim]} values of {dim} between {low:g} and {high:g}",
            "at least three",
            "Widen the bounds or simulate more.",
            code="too_few_points",
        )
    values, log_x = inside.to_numpy(), np.log(inside[dim].to_numpy())
    if (values.mean(axis=0) <= 0.0).any():
        raise InputError(
            f"a mean loss along {dim} is not above zero",
            "positive means",
            "Average over more seeds or leave out the noisy end.",
            code="not_positive",
        )
    return Slope(_exponent(values, log_x), _jackknife(values, log_x))


def _finite_part(losses: xr.DataArray, dim: str) -> xr.DataArray:
    return losses.sel({dim: np.isfinite(losses[dim])})


def _exponent(values: np.ndarray, log_x: np.ndarray) -> float:
    return -float(np.polyfit(log_x, np.log(values.mean(axis=0)), 1)[0])


def _jackknife(values: np.ndarray, log_x: np.ndarray) -> float:
    n_seeds = len(values)
    if n_seeds < 2:
        return float("nan")
    with np.errstate(invalid="ignore"):  # a mean without one seed may be below zero: its error is unknown
        left_out = [_exponent(np.delete(values, index, axis=0), log_x) for index in range(n_seeds)]
    return float(np.sqrt((n_seeds - 1) * np.var(left_out)))
