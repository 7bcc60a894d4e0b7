"""The data of a model as arrays: what can be computed once, before any parameter is known.

For a fixed path shape the covariance of a family is ``s^2 (C + (t/s)^2 F F')``, where C holds the
correlations within runs, F the discrepancy features, s and t the scales of runs and discrepancy. Whitening by
C and the eigenvectors of the whitened F'F turn the likelihood for *any* s and t into sums over features: no
matrix is factorised while sampling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from bayes_scaling.models.inputs import with_inputs
from bayes_scaling.models.mean import SCHEDULE_LEVEL
from bayes_scaling.models.paths import PathShape
from bayes_scaling.models.repeats import effective_tokens
from bayes_scaling.models.schedule import peak_learning_rates, schedule_level
from bayes_scaling.models.spec import ModelSpec
from bayes_scaling.models.thinning import thin_checkpoints
from bayes_scaling.models.units import FamilyUnits, family_units
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.runs import RunTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Arrays of a model's data. ``n`` observations sorted by family and run, F families, K features.

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
    log_loss : ndarray of shape (n,)
        ln loss minus the family's :attr:`log_unit`, and minus what its run's level is expected to be.
    units : FamilyUnits
        The families' units of loss: nats per token, else a rough size taken from the rows.
    roughness : ndarray of shape (K, P)
        How far each parameter of the mean may lie off the population, for want of a unit that families share. K
        kinds of families.
    rough_kind : ndarray of shape (F,)
        Of which kind each family is.
    shape_index : ndarray of shape (F,)
        Position, in the description's path shapes, of the one that each family has here.
    family_index : ndarray of shape (n,)
        Position of each observation's family.
    lag_index : ndarray of shape (n, m)
        Observations of the same run up to this one; ``n`` where there is none.
    whitener : ndarray of shape (n, m)
        Weights of those observations in the whitened residual.
    member_index : ndarray of shape (F, M)
        Observations of each family; ``n`` where there is none.
    projector : ndarray of shape (F, K, M)
        Eigenvectors of the whitened features times the whitened features.
    rotation : ndarray of shape (F, K, K)
        Those eigenvectors as columns, to come back to feature weights.
    eigenvalues : ndarray of shape (F, K)
    log_det : ndarray of shape (F,)
        ln det C.
    n_obs : ndarray of shape (F,)
        Observations of each family.
    inflation : ndarray of shape (n,)
        Factor on the noise of each observation, above one for outliers.
    """

    families: tuple[str, ...]
    frame: pd.DataFrame
    inputs: dict[str, FloatArray]
    peaks: dict[str, float]
    log_loss: FloatArray
    units: FamilyUnits
    roughness: FloatArray
    rough_kind: IntArray
    shape_index: IntArray
    family_index: IntArray
    lag_index: IntArray
    whitener: FloatArray
    member_index: IntArray
    projector: FloatArray
    rotation: FloatArray
    eigenvalues: FloatArray
    log_det: FloatArray
    n_obs: FloatArray
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

    def arrays(self) -> dict[str, FloatArray | IntArray]:
        """The arrays that the likelihood needs, by name, with the law's inputs under their own names."""
        return {name: getattr(self, name) for name in LIKELIHOOD_ARRAYS} | self.inputs


KIND_ARRAYS = ("roughness", "rough_kind")
"""Arrays of a layout that decide what is computed, rather than with which values."""

LIKELIHOOD_ARRAYS = (
    "log_loss",
    "whitener",
    "projector",
    "eigenvalues",
    "log_det",
    "n_obs",
    *KIND_ARRAYS,
    "family_index",
    "lag_index",
    "member_index",
)


def build_layout(
    spec: ModelSpec,
    runs: RunTable,
    shape_index: IntArray | int = 0,
    inflation: FloatArray | float = 1.0,
    level: tuple[FloatArray, FloatArray] | None = None,
    units: FamilyUnits | None = None,
) -> Layout:
    """The arrays of a run table under a model description.

    Parameters
    ----------
    spec : ModelSpec
    runs : RunTable
    shape_index : int or ndarray of shape (F,)
        Which of the description's path shapes each family has, in the sorted order of families.
    inflation : float or ndarray of shape (n,)
        Factor on the standard deviation of the noise of each observation.
    level : tuple of two ndarrays of shape (n,), optional
        What is known of the level of each observation's run besides its seed: mean, in log loss, and variance,
        over that of the run's path at the reference size. The same for all observations of a run.
    units : FamilyUnits, optional
        :func:`~bayes_scaling.models.units.family_units` by default.
    """
    peaks = peak_learning_rates(runs.frame)
    frame = thin_checkpoints(with_inputs(spec.law, runs.frame), spec.max_checkpoints, spec.min_progress)
    families, family_index = np.unique(frame[FAMILY].to_numpy(dtype=object).astype(str), return_inverse=True)
    chosen = np.broadcast_to(np.asarray(shape_index, dtype=np.int64), families.shape)
    units = units or family_units(runs)
    roughness, rough_kind = np.unique(
        spec.roughness(units.is_rough, units.is_foreign), axis=0, return_inverse=True
    )
    lag_index, run_blocks = _run_blocks(frame)
    members = [np.flatnonzero(family_index == position) for position in range(len(families))]
    inputs = mean_inputs(spec, frame, peaks)
    features = discrepancy_features(spec, frame)
    shapes = [spec.shapes[chosen[family_index[block[0]]]] for block in run_blocks]
    amplitude = spec.run_amplitude(frame[N_PARAMS]) * inflation
    shift, variance = level or (np.zeros(len(frame)), np.zeros(len(frame)))
    whitener, log_det = _whiten(shapes, frame, lag_index, run_blocks, np.sqrt(variance) / amplitude)
    whitener = whitener / np.append(amplitude, 1.0)[lag_index]
    log_det = log_det + 2 * np.log(amplitude)
    projector, rotation, eigenvalues = _spectra(whitener, lag_index, features, members)
    return Layout(
        families=tuple(str(family) for family in families),
        frame=frame,
        inputs=inputs,
        peaks=peaks,
        log_loss=np.log(frame[LOSS].to_numpy(dtype=float)) - units.log_unit[family_index] - shift,
        units=units,
        roughness=roughness,
        rough_kind=rough_kind,
        shape_index=chosen.copy(),
        family_index=family_index.astype(np.int64),
        lag_index=lag_index,
        whitener=whitener,
        member_index=_padded_members(members, len(frame)),
        projector=projector,
        rotation=rotation,
        eigenvalues=eigenvalues,
        log_det=np.bincount(family_index, log_det, len(families)),
        n_obs=np.bincount(family_index, minlength=len(families)).astype(float),
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


def _run_blocks(frame: pd.DataFrame) -> tuple[IntArray, list[IntArray]]:
    """For each observation the earlier ones of its run and itself, shape (n, m), and the observations of each run."""
    blocks = [np.asarray(index) for index in frame.groupby([FAMILY, RUN], sort=False).indices.values()]
    width = max(len(block) for block in blocks)
    lag_index = np.full((len(frame), width), len(frame), dtype=np.int64)
    for block in blocks:
        for position, observation in enumerate(block):
            lag_index[observation, : position + 1] = block[: position + 1]
    return lag_index, blocks


def _whiten(
    shapes: list[PathShape],
    frame: pd.DataFrame,
    lag_index: IntArray,
    run_blocks: list[IntArray],
    level_sd: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Weights (n, m) that whiten residuals within runs, and each observation's share of ln det C, (n,).

    ``level_sd`` (n,) is that of a level that all observations of a run share, on top of its path.
    """
    log_tokens = np.log(frame[N_TOKENS].to_numpy(dtype=float))
    weights, log_det = np.zeros(lag_index.shape), np.zeros(len(frame))
    for shape, block in zip(shapes, run_blocks, strict=True):
        shared = np.outer(level_sd[block], level_sd[block])
        factor = np.linalg.cholesky(shape.correlation(log_tokens[block]) + shared)
        weights[block, : len(block)] = linalg.solve_triangular(factor, np.eye(len(block)), lower=True)
        log_det[block] = 2 * np.log(np.diag(factor))
    return weights, log_det


def _spectra(
    whitener: FloatArray, lag_index: IntArray, features: FloatArray, members: list[NDArray[np.intp]]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Projector (F, K, M), rotation (F, K, K) and eigenvalues (F, K) of each family's whitened features."""
    padded = np.vstack([features, np.zeros((1, features.shape[1]))])
    whitened = np.einsum("nm,nmk->nk", whitener, padded[lag_index])
    size, n_features = max(len(index) for index in members), features.shape[1]
    projector = np.zeros((len(members), n_features, size))
    rotation = np.zeros((len(members), n_features, n_features))
    eigenvalues = np.zeros((len(members), n_features))
    for position, index in enumerate(members):
        values, vectors = np.linalg.eigh(whitened[index].T @ whitened[index])
        eigenvalues[position], rotation[position] = np.maximum(values, 0.0), vectors
        projector[position, :, : len(index)] = vectors.T @ whitened[index].T
    return projector, rotation, eigenvalues


def _padded_members(members: list[NDArray[np.intp]], n_obs: int) -> IntArray:
    """Observations of each family, padded with ``n_obs``, shape (F, M)."""
    padded = np.full((len(members), max(len(index) for index in members)), n_obs, dtype=np.int64)
    for position, index in enumerate(members):
        padded[position, : len(index)] = index
    return padded
