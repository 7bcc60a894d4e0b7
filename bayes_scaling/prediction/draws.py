"""Predictive draws, a block of points at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import batched

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.inference import Posterior
from bayes_scaling.models import LOG_DISCREPANCY_SD, LOG_RUN_SD, discrepancy_features, mean_inputs
from bayes_scaling.names import FAMILY, KIND_MEAN, N_PARAMS, N_TOKENS, RUN

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

BLOCK_ELEMENTS = 1_000_000
"""Draws times points in one block (8 MB an array)."""

MAX_WORKERS = min(os.cpu_count() or 1, 8)
"""Blocks worked on at a time; with the size of a block this bounds the memory whatever the machine."""

_VARIABLES = (
    "theta_family",
    "discrepancy_weights",
    "population_mean",
    "population_sd",
    "mean_correlation",
)


@dataclass(frozen=True, eq=False)
class FamilyDraws:
    """What is needed to evaluate one family.

    Attributes
    ----------
    theta : ndarray of shape (n_draws, P)
        Family parameters on the pooled scale.
    weights : ndarray of shape (n_draws, K)
        Weights of the discrepancy's features.
    log_unit : float
        Log of the unit of loss.
    shape_index : ndarray of shape (n_draws,)
        Path shape of the family's runs.
    typical_excess : float
        Mean of what its runs lie above the law by, in log loss; zero for symmetric noise.
    """

    theta: FloatArray
    weights: FloatArray
    log_unit: float
    shape_index: NDArray[np.int64]
    typical_excess: float = 0.0


@dataclass(frozen=True, eq=False)
class PredictiveSampler:
    """Draws of the loss at points, generated in blocks; the same seed gives the same draws each time.

    Attributes
    ----------
    posterior : Posterior
    points : DataFrame
    kind : {"mean", "run"}
    seed : int
    max_draws : int, optional
        Use at most so many of the posterior's draws, spread evenly over it.
    """

    posterior: Posterior
    points: pd.DataFrame
    kind: str
    seed: int
    max_draws: int | None = None
    _flat: dict[str, FloatArray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        draws, total = self.posterior.draws, self.posterior.n_draws
        kept = np.linspace(0, total - 1, min(total, self.max_draws or total)).astype(int)
        arrays = {name: draws[name].transpose("chain", "draw", ...).to_numpy() for name in _VARIABLES}
        flat = {name: array.reshape(total, *array.shape[2:])[kept] for name, array in arrays.items()}
        object.__setattr__(self, "_flat", flat)

    @property
    def n_draws(self) -> int:
        """Draws of each point."""
        return len(self._flat["population_mean"])

    def blocks(self) -> Iterator[tuple[IntArray, FloatArray]]:
        """Positions of points and their draws of the loss, shape (n_positions, n_draws), family by family."""
        return self.map_blocks(lambda loss: loss)

    def map_blocks(
        self, summarise: Callable[[FloatArray], FloatArray]
    ) -> Iterator[tuple[IntArray, FloatArray]]:
        """Positions of points and what ``summarise`` makes of their draws, several blocks at a time."""

        def work(task: tuple[FamilyDraws, IntArray, int, int]) -> tuple[IntArray, FloatArray]:
            family, block, number, part = task
            rng = np.random.default_rng([self.seed, 2, number, part])
            return block, summarise(np.exp(self._log_loss(family, block, rng)))

        with ThreadPoolExecutor(MAX_WORKERS) as pool:
            for batch in batched(self._tasks(), MAX_WORKERS):
                yield from pool.map(work, batch)

    def _tasks(self) -> Iterator[tuple[FamilyDraws, IntArray, int, int]]:
        size = max(1, BLOCK_ELEMENTS // self.n_draws)
        for number, (label, positions) in enumerate(sorted(self.points.groupby(FAMILY).indices.items())):
            family = self.family_draws(str(label))
            for part, block in enumerate(self._whole_runs(np.asarray(positions), size)):
                yield family, block, number, part

    def _whole_runs(self, positions: IntArray, size: int) -> list[IntArray]:
        """Blocks of about ``size`` positions that keep the points of one run together."""
        if RUN not in self.points:
            return np.array_split(positions, -(-len(positions) // size))
        labels = self.points[RUN].to_numpy()[positions]
        order = np.argsort(labels, kind="stable")
        is_new = labels[order][1:] != labels[order][:-1]
        starts = np.concatenate([[0], 1 + np.flatnonzero(is_new)])
        opens_block = np.diff(starts // size) > 0
        return np.split(positions[order], starts[1:][opens_block])

    def family_draws(self, label: str) -> FamilyDraws:
        """A fitted family's draws, or one new draw from the population for each posterior draw."""
        if label not in self.posterior.families:
            return self._new_family(label)
        position = self.posterior.families.index(label)
        constant = self.posterior.idata["constant_data"].to_dataset()
        return FamilyDraws(
            theta=self._flat["theta_family"][:, position],
            weights=self._flat["discrepancy_weights"][:, position],
            log_unit=float(constant["log_unit"][position]),
            shape_index=np.full(self.n_draws, int(constant["path_shape"][position])),
            typical_excess=self.posterior.typical_excess.get(label, 0.0),
        )

    def _new_family(self, label: str) -> FamilyDraws:
        rng = np.random.default_rng([self.seed, 3, *label.encode()])
        mean, sd, correlation = (
            self._flat[name] for name in ("population_mean", "population_sd", "mean_correlation")
        )
        n_law, names = correlation.shape[-1], self.posterior.spec.family_parameters
        z = rng.standard_normal(mean.shape)
        z[:, :n_law] = np.einsum("sij,sj->si", np.linalg.cholesky(correlation), z[:, :n_law])
        theta = mean + sd * z
        scale = np.exp(theta[:, names.index(LOG_DISCREPANCY_SD)])
        weights = scale[:, None] * rng.standard_normal(
            (self.n_draws, self.posterior.spec.discrepancy.n_features)
        )
        constant = self.posterior.idata["constant_data"].to_dataset()
        shapes = rng.choice(constant["path_shape"].to_numpy(), size=self.n_draws)
        excesses = list(self.posterior.typical_excess.values())
        return FamilyDraws(theta, weights, 0.0, shapes, float(np.mean(excesses)) if excesses else 0.0)

    def _log_loss(self, family: FamilyDraws, block: IntArray, rng: np.random.Generator) -> FloatArray:
        """Log loss, shape (n_rows, n_draws): draws lie next to each other, which quantiles over them like."""
        spec, rows = self.posterior.spec, self.points.iloc[block]
        params = {name: family.theta[None, :, place] for place, name in enumerate(spec.family_parameters)}
        inputs = {
            name: values[:, None]
            for name, values in mean_inputs(spec, rows, self.posterior.peak_learning_rates).items()
        }
        features = discrepancy_features(spec, rows)
        log_loss = spec.mean.log_loss(np, params, inputs) + family.log_unit + features @ family.weights.T
        if self.kind == KIND_MEAN:
            return log_loss
        scale = spec.run_amplitude(rows[N_PARAMS])[:, None] * np.exp(params[LOG_RUN_SD])
        scattered = log_loss + scale * self._paths(family, rows, rng)
        if not family.typical_excess:
            return scattered
        return scattered + family.typical_excess * self._excesses(rows, rng)

    def _excesses(self, rows: pd.DataFrame, rng: np.random.Generator) -> FloatArray:
        """Excess of each row's run in units of the typical one, shape (n_rows, n_draws)."""
        number = rows.groupby(RUN, sort=False).ngroup().to_numpy() if RUN in rows else np.arange(len(rows))
        return rng.exponential(size=(number.max() + 1, self.n_draws))[number]

    def _paths(self, family: FamilyDraws, rows: pd.DataFrame, rng: np.random.Generator) -> FloatArray:
        """Standardised residual paths, shape (n_rows, n_draws).

        Rows of one new run share a path; rows without a run label are runs of their own.
        """
        normal = rng.standard_normal((len(rows), self.n_draws))
        if RUN not in rows:
            return normal
        log_tokens = np.log(rows[N_TOKENS].to_numpy())
        runs = [np.asarray(run) for run in rows.groupby(RUN, sort=False).indices.values() if len(run) > 1]
        for number in np.unique(family.shape_index):
            draws = np.flatnonzero(family.shape_index == number)
            for run in runs:
                correlation = self.posterior.spec.shapes[number].correlation(log_tokens[run])
                chosen = np.ix_(run, draws)
                normal[chosen] = np.linalg.cholesky(correlation) @ normal[chosen]
        return normal
