"""The frozen answer to "what will this run reach"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from bayes_scaling.errors import InputError
from bayes_scaling.names import DIM_CHAIN, DIM_DRAW, DIM_OBS, LOSS
from bayes_scaling.prediction.draws import PredictiveSampler

FloatArray = NDArray[np.float64]

MAX_HELD_DRAWS = 50_000_000
"""Draws times points that may be held in memory at once (400 MB)."""

_SUMMARY_COLUMNS = ["median", "lower", "upper", "sd"]


class Prediction:
    """Predictive distribution of the loss at points, in each family's own unit.

    Made by ``fit.predict``; immutable. Summaries are computed in blocks, so that the number of points is not
    bounded by memory.

    Parameters
    ----------
    sampler : PredictiveSampler
    notes : DataFrame of shape (n_points, ...)
        Columns that are known without draws: ``source``, ``extrapolation_decades``, ``prior_share``.
    prob : float
        Probability of the interval shown in :attr:`table`.
    """

    def __init__(self, sampler: PredictiveSampler, notes: pd.DataFrame, prob: float = 0.9) -> None:
        self._sampler, self._notes, self._prob = sampler, notes, checked_prob(prob)

    @property
    def points(self) -> pd.DataFrame:
        """The points, in the order in which they were asked for."""
        return self._sampler.points.copy()

    @property
    def kind(self) -> str:
        """``"mean"``: the recipe's expected loss; ``"run"``: one new training run."""
        return self._sampler.kind

    @property
    def table(self) -> pd.DataFrame:
        """One row a point: its inputs, what was found and how far to trust it.

        Columns ``median``, ``lower``, ``upper`` (of the asked interval) and ``sd`` of the loss, then
        ``extrapolation_decades``, ``prior_share`` and ``source``; they take the place of columns of these
        names among the points.
        """
        found = pd.concat([self._summary, self._notes], axis=1)
        return pd.concat([self.points.drop(columns=found.columns, errors="ignore"), found], axis=1)

    @cached_property
    def _summary(self) -> pd.DataFrame:
        tail = (1 - self._prob) / 2

        def summarise(loss: FloatArray) -> FloatArray:
            lower, median, upper = np.quantile(loss, [tail, 0.5, 1 - tail], axis=-1)
            return np.stack([median, lower, upper, loss.std(axis=-1)], axis=-1)

        return pd.DataFrame(self._by_point(summarise, len(_SUMMARY_COLUMNS)), columns=_SUMMARY_COLUMNS)

    def interval(self, prob: float = 0.9) -> pd.DataFrame:
        """Central interval of the loss: columns ``lower`` and ``upper``, one row a point."""
        tail = (1 - checked_prob(prob)) / 2
        return self.quantile([tail, 1 - tail]).set_axis(["lower", "upper"], axis="columns")

    def quantile(self, q: float | Sequence[float]) -> pd.DataFrame:
        """Quantiles of the loss: one row a point, one column for each probability."""
        levels = np.atleast_1d(np.asarray(q, dtype=float))
        if not np.all((levels >= 0) & (levels <= 1)):
            raise InputError(
                f"quantile {q!r}",
                "probabilities in 0..1",
                "Write 0.05 for the 5 % quantile.",
                code="bad_prob",
            )
        values = self._by_point(lambda loss: np.quantile(loss, levels, axis=-1).T, len(levels))
        return pd.DataFrame(values, columns=[float(level) for level in levels])

    def prob_below(self, loss: ArrayLike) -> FloatArray:
        """Probability that the loss is below a value (one for all points, or one each), shape (n_points,)."""
        bound = np.asarray(loss, dtype=float)
        if bound.shape not in ((), (1,), (len(self),)):
            raise InputError(
                f"losses of shape {bound.shape}",
                f"one value, or {len(self)}, one for each point",
                "Give a single loss, or a list as long as the points.",
                code="bad_loss",
            )
        bound = np.broadcast_to(bound, (len(self),))
        result = np.empty(len(self))
        for positions, draws in self._sampler.blocks():
            result[positions] = (draws < bound[positions, None]).mean(axis=-1)
        return result

    @cached_property
    def draws(self) -> xr.DataArray:
        """Draws of the loss, dims (chain, draw, obs), with the points' columns as coordinates of obs.

        Raises
        ------
        InputError
            When they would not fit in memory; quantiles and intervals have no such limit.
        """
        sampler = self._sampler
        if sampler.n_draws * len(self) > MAX_HELD_DRAWS:
            raise InputError(
                f"{len(self)} points x {sampler.n_draws} draws",
                f"at most {MAX_HELD_DRAWS} values held at once",
                "Ask for `quantile`, `interval`, `prob_below` or `table`, which work in blocks, or predict"
                " fewer points at a time.",
                code="too_many_draws",
            )
        loss = np.empty((sampler.n_draws, len(self)))
        for positions, block in sampler.blocks():
            loss[:, positions] = block.T
        dims = (DIM_CHAIN, DIM_DRAW, DIM_OBS)
        sizes = sampler.posterior.draws.sizes
        described = [name for name in sampler.points.columns if name not in (*dims, LOSS)]
        return xr.DataArray(
            loss.reshape(sizes[DIM_CHAIN], sizes[DIM_DRAW], -1),
            dims=dims,
            coords={name: (DIM_OBS, sampler.points[name].to_numpy()) for name in described},
            name=LOSS,
        )

    def _by_point(self, summarise: Callable[[FloatArray], FloatArray], width: int) -> FloatArray:
        result = np.empty((len(self), width))
        for positions, values in self._sampler.map_blocks(summarise):
            result[positions] = values
        return result

    def __len__(self) -> int:
        return len(self._sampler.points)

    def __repr__(self) -> str:
        shown = self.table.head(10).to_string(float_format=lambda value: f"{value:.4g}")
        more = f"\n... {len(self) - 10} more points" if len(self) > 10 else ""
        return f"Prediction of the loss ({self.kind}, {self._prob:.0%} interval)\n{shown}{more}"

    def _repr_html_(self) -> str:
        return self.table.head(50).to_html(float_format=lambda value: f"{value:.4g}")


def checked_prob(prob: float) -> float:
    """A probability of an interval, or the error that says what one is."""
    if not 0 < prob < 1:
        raise InputError(
            f"prob = {prob!r}",
            "a probability between 0 and 1",
            "Write 0.9 for a 90 % interval.",
            code="bad_prob",
        )
    return float(prob)
