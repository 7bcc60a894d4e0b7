"""Draws of effects, and what is read off them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy import linalg

from bayes_scaling.memorisation.aggregation import summary_weights
from bayes_scaling.memorisation.columns import BAND_LOWER, BAND_UPPER, ESTIMATE, LOWER, SE, UPPER
from bayes_scaling.memorisation.effects import DEFAULT_LEVEL
from bayes_scaling.memorisation.linear import require_level
from bayes_scaling.memorisation.profile_kernel import ProfileCells, profile_covariance

CELL = "cell"


@dataclass(frozen=True, eq=False)
class EffectDraws:
    """Effects as draws.

    Attributes
    ----------
    keys : DataFrame
        ``model``, ``cohort``, ``checkpoint``, ``event_time``, ``is_post``, ``n_instances`` of each cell.
    draws : DataArray with dims (chain, draw, cell)
        In the unit of the outcome.
    """

    keys: pd.DataFrame
    draws: xr.DataArray

    def table(self, level: float = DEFAULT_LEVEL) -> pd.DataFrame:
        """One row per cell: its keys, ``estimate`` (mean), ``se`` (standard deviation), ``lower`` and ``upper``.

        Raises
        ------
        InputError
            With code ``"bad_argument"`` when the level is not between 0 and 1.
        """
        described = _described(self._flat(), level).drop(columns=[BAND_LOWER, BAND_UPPER])
        return pd.concat([self.keys.reset_index(drop=True), described], axis=1)

    def summary(self, by: str, level: float = DEFAULT_LEVEL) -> pd.DataFrame:
        """Weighted averages, with the columns and the weights of :func:`aggregate_effects`.

        The bands hold all rows at once with probability `level`.

        Raises
        ------
        InputError
            With code ``"unknown_summary"``, ``"no_cells"`` or ``"bad_argument"``.
        """
        labels, weights = summary_weights(self.keys, by)
        return pd.concat([labels, _described(self._flat() @ weights.T, level)], axis=1)

    def _flat(self) -> np.ndarray:
        return self.draws.transpose("chain", "draw", CELL).to_numpy().reshape(-1, len(self.keys))


def _described(draws: np.ndarray, level: float) -> pd.DataFrame:
    require_level(level)
    lower, upper = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    mean, sd = draws.mean(axis=0), draws.std(axis=0, ddof=1)
    reach = np.quantile((np.abs(draws - mean) / np.where(sd > 0.0, sd, 1.0)).max(axis=1), level) * sd
    return pd.DataFrame(
        {
            ESTIMATE: mean,
            SE: sd,
            LOWER: lower,
            UPPER: upper,
            BAND_LOWER: mean - reach,
            BAND_UPPER: mean + reach,
        }
    )


@dataclass(frozen=True, eq=False)
class SeenEffects:
    """Estimated effects in units of their root mean square, as the profile model sees them.

    Attributes
    ----------
    estimate : ndarray of shape (n_cells,)
    covariance : ndarray of shape (n_cells, n_cells)
    """

    estimate: np.ndarray
    covariance: np.ndarray

    def conditional_draws(
        self, parameters: xr.Dataset, seen: ProfileCells, wanted: ProfileCells, rng: np.random.Generator
    ) -> np.ndarray:
        """One draw of the wanted cells' effects for each draw of the parameters, given the estimates.

        Parameters
        ----------
        parameters : Dataset with dims (chain, draw, ...)
            Those of :func:`profile_covariance`; ``log_scale`` covers the models of `wanted`.
        seen, wanted : ProfileCells
            Of the same cells; the models of `wanted` are those of `seen`, in the same order, and possibly more.
        rng : Generator

        Returns
        -------
        ndarray of shape (n_chains, n_draws, n_wanted)
        """
        both, n_seen = seen.joined(wanted), len(self.estimate)
        n_chains, n_draws = parameters.sizes["chain"], parameters.sizes["draw"]
        result = np.empty((n_chains, n_draws, len(wanted.cell)))
        arrays = {str(name): values.to_numpy() for name, values in parameters.data_vars.items()}
        for chain, draw in np.ndindex(n_chains, n_draws):
            one = {name: values[chain, draw] for name, values in arrays.items()}
            prior = profile_covariance(np, one, both)
            root = linalg.cho_factor(prior[:n_seen, :n_seen] + self.covariance, lower=True)
            across = prior[n_seen:, :n_seen]
            gain = linalg.cho_solve(root, across.T).T
            rest = prior[n_seen:, n_seen:] - gain @ across.T
            result[chain, draw] = gain @ self.estimate + _root(rest) @ rng.normal(size=len(rest))
        return result


def _root(covariance: np.ndarray) -> np.ndarray:
    """A square root of a covariance that may be singular to rounding."""
    values, vectors = np.linalg.eigh(0.5 * (covariance + covariance.T))
    return vectors * np.sqrt(np.maximum(values, 0.0))
