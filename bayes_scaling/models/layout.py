"""The data of a model as arrays: what can be computed once, before any parameter is known.

For a fixed path shape the covariance of a family is ``s^2 (C + (t/s)^2 F F')``, where C holds the
correlations within runs, F the discrepancy features, s and t the scales of runs and discrepancy. Whitening by
C and the eigenvectors of the whitened F'F turn the likelihood for *any* s and t into sums over features: no
matrix is factorised while sampling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.models.algebra import diagonal, inverse_of_lower
from bayes_scaling.models.inputs import with_inputs
from bayes_scaling.models.mean import SCHEDULE_LEVEL
from bayes_scaling.models.paths import PathShape
from bayes_scaling.models.repeats import effective_tokens
from bayes_scaling.models.schedule import peak_learning_rates, schedule_level
from bayes_scaling.models.spec import ModelSpec
from bayes_scaling.models.thinning import thin_checkpoints
from bayes_scaling.models.units import FamilyUnits, family_units
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.runs import RunTable
from bayes_scaling.runs.blocks import RunBlocks

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """What does not depend on path shapes and noise. ``n`` observations sorted by family and run, F families.

    Attributes
    ----------
    families : tuple of str
        Labels, in the order of the family axis.
    frame : DataFrame
        The observations themselves.
    inputs : dict of str to ndarray of shape (n,)
        Inputs of the mean, natural units.
    peaks : dict of str to float
        Peak learning rate of each family that logs one.
    units : FamilyUnits
        The families' units of loss: nats per token, else a rough size taken from the rows.
    roughness : ndarray of shape (K, P)
        How far each parameter of the mean may lie off the population, for want of a unit that families share. K
        kinds of families.
    rough_kind : ndarray of shape (F,)
        Of which kind each family is.
    family_index : ndarray of shape (n,)
        Position of each observation's family.
    run_blocks : RunBlocks
        Where each run begins and ends.
    features : ndarray of shape (n, K)
        Values of the discrepancy's basis functions.
    n_obs : ndarray of shape (F,)
        Observations of each family.
    """

    families: tuple[str, ...]
    frame: pd.DataFrame
    inputs: dict[str, FloatArray]
    peaks: dict[str, float]
    units: FamilyUnits
    roughness: FloatArray
    rough_kind: IntArray
    family_index: IntArray
    run_blocks: RunBlocks
    features: FloatArray
    n_obs: FloatArray


@dataclass(frozen=True)
class Layout(Rows):
    """Arrays of a model's data: rows, and what whitens them. K features.

    Attributes
    ----------
    log_loss : ndarray of shape (n,)
        ln loss minus the family's :attr:`log_unit`, and minus what its run's level is expected to be.
    shape_index : ndarray of shape (F,)
        Position, in the description's path shapes, of the one that each family has here.
    whitener : ndarray of shape (n, m)
        Weights in the whitened residual of each observation itself and of those 1, 2, ... places before it; zero
        beyond its run.
    projector : ndarray of shape (n, K)
        Whitened features, times the eigenvectors of their products.
    rotation : ndarray of shape (F, K, K)
        Those eigenvectors as columns, to come back to feature weights.
    eigenvalues : ndarray of shape (F, K)
    log_det : ndarray of shape (F,)
        ln det C.
    inflation : ndarray of shape (n,)
        Factor on the noise of each observation, above one for outliers.
    """

    log_loss: FloatArray
    shape_index: IntArray
    whitener: FloatArray
    projector: FloatArray
    rotation: FloatArray
    eigenvalues: FloatArray
    log_det: FloatArray
    inflation: FloatArray

    @property
    def log_unit(self) -> FloatArray:
        """Log of each family's unit of loss in nats, (F,)."""
        return self.units.log_unit

    def ends(self, names: Sequence[str]) -> dict[str, tuple[FloatArray, FloatArray, FloatArray]]:
        """Smallest, largest and middle inputs (F,) of each family.

        A family at a single point gets a second end, e times as far.
        """
        logs = {name: pd.Series(np.log(self.inputs[name])).groupby(self.family_index) for name in names}
        low = {name: np.exp(logs[name].min().to_numpy()) for name in names}
        high = {name: np.exp(logs[name].max().to_numpy()) for name in names}
        middle = {name: np.exp(logs[name].mean().to_numpy()) for name in names}
        single = np.all([high[name] < 1.5 * low[name] for name in names], axis=0)
        return {
            name: (low[name], np.where(single, np.e * low[name], high[name]), middle[name]) for name in names
        }

    @property
    def family_rows(self) -> list[slice]:
        """Where the observations of each family are."""
        ends = np.cumsum(self.n_obs.astype(int))
        return [slice(end - int(count), end) for end, count in zip(ends, self.n_obs, strict=True)]

    def transform(self, rows: slice) -> FloatArray:
        """Matrix (c, c + K) from residuals of c adjacent rows, whole runs, to whitened ones and projections."""
        weights = self.whitener[rows]
        count = len(weights)
        whitener = np.zeros((count, count))
        for distance in range(min(count, weights.shape[1])):
            later = np.arange(distance, count)
            whitener[later - distance, later] = weights[distance:, distance]
        return np.hstack([whitener, whitener @ self.projector[rows]])

    def family_arrays(self) -> dict[str, FloatArray | IntArray]:
        """What is known of families, by name: of each, and of each kind that is equally rough."""
        return {name: getattr(self, name) for name in ("eigenvalues", "log_det", "n_obs", *KIND_ARRAYS)}


KIND_ARRAYS = ("roughness", "rough_kind")
"""Arrays of a layout that decide what is computed, rather than with which values."""


def read_rows(
    spec: ModelSpec, runs: RunTable, units: FamilyUnits | None = None, is_taught: bool | None = None
) -> Rows:
    """The rows of a run table that enter a model, and what can be said of them before any path shape is chosen.

    Parameters
    ----------
    spec : ModelSpec
    runs : RunTable
    units : FamilyUnits, optional
        :func:`~bayes_scaling.models.units.family_units` by default.
    is_taught : bool, optional
        Whether the families meet a population that others taught; by default, whether the priors say so.
    """
    peaks = peak_learning_rates(runs.frame)
    frame = thin_checkpoints(with_inputs(spec.law, runs.frame), spec.max_checkpoints, spec.min_progress)
    families, family_index = np.unique(frame[FAMILY].to_numpy(dtype=object).astype(str), return_inverse=True)
    units = units or family_units(runs)
    is_taught = spec.is_taught if is_taught is None else is_taught
    rough = spec.roughness(units.is_rough, units.is_foreign, is_taught)
    roughness, rough_kind = np.unique(rough, axis=0, return_inverse=True)
    return Rows(
        families=tuple(str(family) for family in families),
        frame=frame,
        inputs=mean_inputs(spec, frame, peaks),
        peaks=peaks,
        units=units,
        roughness=roughness,
        rough_kind=rough_kind,
        family_index=family_index.astype(np.int64),
        run_blocks=RunBlocks.of(frame),
        features=discrepancy_features(spec, frame),
        n_obs=np.bincount(family_index, minlength=len(families)).astype(float),
    )


def build_layout(
    spec: ModelSpec,
    runs: RunTable,
    shape_index: IntArray | int = 0,
    inflation: FloatArray | float = 1.0,
) -> Layout:
    """The arrays of a run table under a model description: its rows (:func:`read_rows`), :func:`whitened`."""
    return whitened(spec, read_rows(spec, runs), shape_index, inflation)


def whitened(
    spec: ModelSpec,
    rows: Rows,
    shape_index: IntArray | int = 0,
    inflation: FloatArray | float = 1.0,
    level: tuple[FloatArray, FloatArray] | None = None,
) -> Layout:
    """The layout of rows, or of another layout's rows, with these path shapes, noise and levels of runs.

    Parameters
    ----------
    spec : ModelSpec
    rows : Rows
    shape_index : int or ndarray of shape (F,)
        Which of the description's path shapes each family has, in the sorted order of families.
    inflation : float or ndarray of shape (n,)
        Factor on the standard deviation of the noise of each observation.
    level : tuple of two ndarrays of shape (n,), optional
        What is known of the level of each observation's run besides its seed: mean, in log loss, and variance,
        over that of the run's path at the reference size. The same for all observations of a run.
    """
    frame = rows.frame
    chosen = np.broadcast_to(np.asarray(shape_index, dtype=np.int64), len(rows.families))
    amplitude = spec.run_amplitude(frame[N_PARAMS]) * inflation
    shift, variance = level or (np.zeros(len(frame)), np.zeros(len(frame)))
    whitener, log_det = _whitener(spec.shapes, chosen, rows, np.sqrt(variance) / amplitude)
    whitener = whitener * _with_earlier(1.0 / amplitude, whitener.shape[1])
    log_det = log_det + 2 * np.log(amplitude)
    projector, rotation, eigenvalues = _spectra(whitener, rows)
    return Layout(
        **{field.name: getattr(rows, field.name) for field in fields(Rows)},
        log_loss=np.log(frame[LOSS].to_numpy(dtype=float)) - rows.units.log_unit[rows.family_index] - shift,
        shape_index=chosen.copy(),
        whitener=whitener,
        projector=projector,
        rotation=rotation,
        eigenvalues=eigenvalues,
        log_det=np.bincount(rows.family_index, log_det, len(rows.families)),
        inflation=np.broadcast_to(np.asarray(inflation, dtype=float), len(frame)).copy(),
    )


def mean_inputs(spec: ModelSpec, frame: pd.DataFrame, peaks: dict[str, float]) -> dict[str, FloatArray]:
    """Inputs of the mean at rows or points, (n,) each; see :func:`~bayes_scaling.models.inputs.with_inputs`."""
    complete = with_inputs(spec.law, frame)
    inputs = {name: complete[name].to_numpy(dtype=float) for name in spec.law.inputs}
    if spec.repeats and N_TOKENS in inputs:
        inputs[N_TOKENS] = effective_tokens(frame)
    if spec.mean.has_schedule:
        inputs[SCHEDULE_LEVEL] = schedule_level(frame, peaks)
    return inputs


def discrepancy_features(spec: ModelSpec, frame: pd.DataFrame) -> FloatArray:
    """Values (n, K) of the discrepancy's basis functions at rows or points."""
    log_size, log_seen = (np.log(frame[name].to_numpy(dtype=float)) for name in (N_PARAMS, N_TOKENS))
    log_worth = np.log(effective_tokens(frame))
    return spec.discrepancy.features(log_size, log_worth if spec.repeats else log_seen, log_seen - log_worth)


def _with_earlier(values: FloatArray, count: int) -> FloatArray:
    """Values (n, ...) of each row and of those 1, 2, ... places before it, (n, count, ...); zero before the first."""
    padded = np.concatenate([np.zeros((count - 1, *values.shape[1:])), values])
    return np.stack([padded[count - 1 - back : len(padded) - back] for back in range(count)], axis=1)


def _whitener(
    shapes: Sequence[PathShape], chosen: IntArray, rows: Rows, level_sd: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weights (n, m) that whiten residuals within runs, and each observation's share of ln det C, (n,).

    ``level_sd`` (n,) is that of a level that all observations of a run share, on top of its path.
    """
    log_tokens = np.log(rows.frame[N_TOKENS].to_numpy(dtype=float))
    longest = int(rows.run_blocks.counts.max())
    weights, log_det = np.zeros((len(rows.frame), longest)), np.zeros(len(rows.frame))
    for runs, shape in _alike(rows.run_blocks, chosen[rows.family_index]):
        shared = level_sd[runs][..., :, None] * level_sd[runs][..., None, :]
        factor = np.linalg.cholesky(shapes[shape].correlation(log_tokens[runs]) + shared)
        inverse = inverse_of_lower(np, factor)
        for place in range(runs.shape[1]):
            weights[runs[:, place], : place + 1] = inverse[:, place, place::-1]
        log_det[runs] = 2 * np.log(diagonal(np, factor))
    return weights, log_det


def _alike(blocks: RunBlocks, shape: IntArray) -> Iterator[tuple[IntArray, int]]:
    """Observations (n_runs, length) of all runs of one length and path shape, and that shape, for all that occur."""
    kinds = np.stack([blocks.counts, shape[blocks.starts]], axis=1)
    for kind in np.unique(kinds, axis=0):
        starts = blocks.starts[(kinds == kind).all(axis=1)]
        yield starts[:, None] + np.arange(kind[0]), int(kind[1])


def _spectra(whitener: FloatArray, rows: Rows) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Projector (n, K), and rotation (F, K, K) and eigenvalues (F, K) of each family's whitened features."""
    white = np.einsum("nm,nmk->nk", whitener, _with_earlier(rows.features, whitener.shape[1]))
    starts = np.flatnonzero(np.diff(rows.family_index, prepend=-1))
    by_family = np.split(white, starts[1:])
    values, rotation = np.linalg.eigh(np.stack([part.T @ part for part in by_family]))
    projector = np.concatenate([part @ turn for part, turn in zip(by_family, rotation, strict=True)])
    return projector, rotation, np.maximum(values, 0.0)
