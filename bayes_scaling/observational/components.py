"""Principal components of benchmark scores with missing ones filled in: capabilities as the paper measures them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bayes_scaling.errors import InputError
from bayes_scaling.observational.scores import ScoreTable

N_COMPONENTS: Final = 3
"""Three components have about 97 % of the variance (arXiv:2405.10938, section 3.2)."""

_N_IMPUTATION: Final = 1
_MAX_ROUNDS, _TOLERANCE = 10_000, 1e-10


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of training models' scores, and the model that fills in missing scores.

    Attributes
    ----------
    center : ndarray of shape (n_benchmarks,)
        Mean score of the training models, missing ones filled in.
    directions : ndarray of shape (n_benchmarks, n_components)
        Orthonormal; the sign is such that a direction's entries have a positive sum.
    variance_share : ndarray of shape (n_benchmarks,)
        Share of the variance of each component, those not kept included.
    filling : Filling
        What missing scores are filled in by.
    """

    center: np.ndarray
    directions: np.ndarray
    variance_share: np.ndarray
    filling: Filling

    def project(self, table: ScoreTable) -> np.ndarray:
        """Capabilities of models, shape (n_models, n_components); missing scores are filled in."""
        return (self.filling.fill(table.values) - self.center) @ self.directions


@dataclass(frozen=True, eq=False)
class Filling:
    """One principal component of standardised training scores; a missing score is its reconstruction.

    Attributes
    ----------
    mean, sd : ndarray of shape (n_benchmarks,)
        Of the training scores that there are.
    center, direction : ndarray of shape (n_benchmarks,), (n_benchmarks, 1)
        The component of the standardised scores.
    """

    mean: np.ndarray
    sd: np.ndarray
    center: np.ndarray
    direction: np.ndarray

    def fill(self, values: np.ndarray) -> np.ndarray:
        """The scores with missing ones filled in, within 0 and 1; shape as given."""
        missing = np.isnan(values)
        standard = np.where(missing, 0.0, (values - self.mean) / self.sd)
        for _ in range(_MAX_ROUNDS):
            rebuilt = (standard - self.center) @ self.direction @ self.direction.T + self.center
            change = np.abs(rebuilt - standard)[missing].max(initial=0.0)
            standard = np.where(missing, rebuilt, standard)
            if change < _TOLERANCE:
                break
        return np.where(missing, np.clip(standard * self.sd + self.mean, 0.0, 1.0), values)


def fit_components(table: ScoreTable, n_components: int = N_COMPONENTS) -> Components:
    """Principal components of the scores of these models, not standardised, as in arXiv:2405.10938.

    Missing scores are filled in first, by one component of the standardised scores fitted in turn with them.

    Parameters
    ----------
    table : ScoreTable
        The models for fitting only.
    n_components : int

    Raises
    ------
    InputError
        ``bad_argument`` for more components than benchmarks or models less one; ``no_score`` for a benchmark on
        which no model, or ``constant_score`` for one on which every model alike, scores.
    """
    values = table.values
    if not 1 <= n_components <= min(values.shape[1], len(values) - 1):
        raise InputError(
            f"{n_components} components of {values.shape[1]} benchmarks and {len(values)} models",
            "from one up to the number of benchmarks, and fewer than models",
            "Take fewer components.",
            code="bad_argument",
        )
    _require_variation(table)
    filling = _fit_filling(values)
    filled = filling.fill(values)
    center = filled.mean(axis=0)
    _, singular, rows = np.linalg.svd(filled - center, full_matrices=False)
    directions = rows[:n_components].T
    return Components(center, directions * _signs(directions), singular**2 / (singular**2).sum(), filling)


def _fit_filling(values: np.ndarray) -> Filling:
    missing = np.isnan(values)
    mean, sd = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    standard = np.where(missing, 0.0, (values - mean) / sd)
    for _ in range(_MAX_ROUNDS):
        center = standard.mean(axis=0)
        _, _, rows = np.linalg.svd(standard - center, full_matrices=False)
        direction = rows[:_N_IMPUTATION].T
        rebuilt = (standard - center) @ direction @ direction.T + center
        change = np.abs(rebuilt - standard)[missing].max(initial=0.0)
        standard = np.where(missing, rebuilt, standard)
        if change < _TOLERANCE:
            break
    return Filling(mean, sd, center, direction)


def _signs(directions: np.ndarray) -> np.ndarray:
    return np.where(directions.sum(axis=0) < 0, -1.0, 1.0)


def _require_variation(table: ScoreTable) -> None:
    values = table.values
    for benchmark, column in zip(table.benchmarks, values.T, strict=True):
        seen = column[~np.isnan(column)]
        if not len(seen):
            raise InputError(
                f"no model for fitting has a score on {benchmark.column}",
                "a score of at least one of them",
                "Leave that benchmark out.",
                code="no_score",
            )
        if np.ptp(seen) == 0.0:
            raise InputError(
                f"every model for fitting scores {seen[0]:g} on {benchmark.column}",
                "scores that differ",
                "Leave that benchmark out.",
                code="constant_score",
            )
