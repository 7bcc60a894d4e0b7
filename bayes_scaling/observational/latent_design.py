"""What the latent-factor model is built from: linked scores in the frame of principal components, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes_scaling.errors import InputError
from bayes_scaling.observational.components import fit_components
from bayes_scaling.observational.scores import ScoreTable, linked
from bayes_scaling.observational.tasks import Task


@dataclass(frozen=True, eq=False)
class LatentDesign:
    """Arrays of the latent-factor model for one table of models and one task.

    Attributes
    ----------
    models : tuple of str
        Names of all models, those to be forecast included.
    families : tuple of str
        Names of their families.
    family_index : ndarray of shape (n_models,)
        Position of each model's family in ``families``.
    log_compute : ndarray of shape (n_models,)
        Log FLOPs less ``compute_center`` over ``compute_scale`` (mean and sd of the models for fitting); NaN unknown.
    compute_center, compute_scale : float
    family_compute : ndarray of shape (n_families,)
        Mean of ``log_compute`` in each family; zero where all are unknown.
    linked : ndarray of shape (n_models, n_benchmarks)
        Scores on the scale of :func:`~bayes_scaling.observational.scores.linked`, centred on the models for fitting and
        divided by their common root mean square; NaN missing.
    basis : ndarray of shape (n_benchmarks, n_capabilities)
        Principal directions of those models' linked scores, each times the standard deviation along it.
    complement : ndarray of shape (n_benchmarks, n_benchmarks - n_capabilities)
        Orthonormal directions that are left.
    fitted : ndarray of int
        Positions of the models whose task score is given.
    counts : ndarray of int, shape (n_fitted,)
        Their task scores as counts out of ``task.n_items``.
    task : Task
    """

    models: tuple[str, ...]
    families: tuple[str, ...]
    family_index: np.ndarray
    log_compute: np.ndarray
    compute_center: float
    compute_scale: float
    family_compute: np.ndarray
    linked: np.ndarray
    basis: np.ndarray
    complement: np.ndarray
    fitted: np.ndarray
    counts: np.ndarray
    task: Task

    @property
    def n_capabilities(self) -> int:
        """Number of latent capabilities."""
        return self.basis.shape[1]

    @property
    def unknown_compute(self) -> np.ndarray:
        """Positions of the models whose compute is unknown."""
        return np.flatnonzero(np.isnan(self.log_compute))

    def count_information(self) -> np.ndarray:
        """What each count says of a model's log-odds on the task, as an inverse variance, shape (n_fitted,).

        Of a binomial count, n (dp/dz)² / (p (1 - p)), at the observed share.
        """
        task = self.task
        share = (self.counts + 0.5) / (task.n_items + 1.0)
        within = np.clip(share, task.chance, task.ceiling)
        slope = (within - task.chance) * (task.ceiling - within) / (task.ceiling - task.chance)
        return task.n_items * slope**2 / (share * (1.0 - share))

    def informative_capability(self) -> np.ndarray:
        """Capabilities at which the task's counts say most, shape (n_capabilities,).

        The mean of the fitted models' principal scores, weighted by their counts' information, each as clear as a
        log-odds known to one unit at most: near there the intercept of the task's link is known best.
        """
        information = self.count_information()
        weights = information / (1.0 + information)
        spread = np.linalg.norm(self.basis, axis=0)
        scores = np.nan_to_num(self.linked[self.fitted]) @ (self.basis / spread**2)
        return weights @ scores / weights.sum() if weights.sum() > 0.0 else np.zeros(self.n_capabilities)

    def patterns(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Models that lack the same scores: their positions, and the positions of the benchmarks that they have."""
        present = ~np.isnan(self.linked)
        kinds, kind = np.unique(present, axis=0, return_inverse=True)
        return [(np.flatnonzero(kind == k), np.flatnonzero(has)) for k, has in enumerate(kinds)]


def design_latent_model(
    table: ScoreTable, task: Task, task_scores: np.ndarray, n_capabilities: int
) -> LatentDesign:
    """The arrays of the model, after checks.

    Parameters
    ----------
    table : ScoreTable
        All models, with benchmark scores.
    task : Task
    task_scores : ndarray of shape (n_models,)
        NaN for every model that is to be forecast.
    n_capabilities : int

    Raises
    ------
    InputError
        As :func:`~bayes_scaling.observational.components.fit_components`; ``bad_task_score`` for scores that are
        no shares of one or do not belong to the table; ``too_few_models`` when fewer than five have one;
        ``no_compute`` when the compute of fewer than two of these is known and differs.
    """
    scores = np.asarray(task_scores, dtype=float)
    _require_task_scores(table, scores)
    fitted = np.flatnonzero(~np.isnan(scores))
    log_flops, center, scale = _standardised(table.log_flops, fitted)
    families, index = np.unique(table.families.astype(str), return_inverse=True)
    values, basis, complement = _frame(table, fitted, n_capabilities)
    return LatentDesign(
        models=table.models,
        families=tuple(map(str, families)),
        family_index=index,
        log_compute=log_flops,
        compute_center=center,
        compute_scale=scale,
        family_compute=_family_means(log_flops, index, len(families)),
        linked=values,
        basis=basis,
        complement=complement,
        fitted=fitted,
        counts=np.round(scores[fitted] * task.n_items).astype(int),
        task=task,
    )


def _frame(
    table: ScoreTable, fitted: np.ndarray, n_capabilities: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linked and scaled scores, and the principal frame of the models for fitting.

    Gaps are filled in for the frame alone: the model itself treats them as unobserved.
    """
    components = fit_components(table.subset(_mask(fitted, len(table))), n_capabilities)
    filled = linked(components.filling.fill(table.values[fitted]), table.chance)
    center = filled.mean(axis=0)
    scale = float(np.sqrt(((filled - center) ** 2).mean()))
    _, singular, rows = np.linalg.svd((filled - center) / scale, full_matrices=True)
    directions = rows[:n_capabilities].T
    signs = np.where(directions.sum(axis=0) < 0, -1.0, 1.0)
    spread = singular[:n_capabilities] / np.sqrt(len(fitted))
    values = (linked(table.values, table.chance) - center) / scale
    return values, directions * signs * spread, rows[n_capabilities:].T


def _mask(positions: np.ndarray, length: int) -> np.ndarray:
    mask = np.zeros(length, dtype=bool)
    mask[positions] = True
    return mask


def _standardised(log_flops: np.ndarray, fitted: np.ndarray) -> tuple[np.ndarray, float, float]:
    known = log_flops[fitted][~np.isnan(log_flops[fitted])]
    if len(known) < 2 or np.ptp(known) == 0.0:
        raise InputError(
            f"the compute of {len(known)} models for fitting is known",
            "at least two, with different compute",
            "Fill in the column flops.",
            code="no_compute",
        )
    center, scale = float(known.mean()), float(known.std())
    return (log_flops - center) / scale, center, scale


def _family_means(values: np.ndarray, index: np.ndarray, n_families: int) -> np.ndarray:
    known = ~np.isnan(values)
    n_known = np.bincount(index[known], minlength=n_families)
    sums = np.bincount(index[known], weights=values[known], minlength=n_families)
    return sums / np.maximum(n_known, 1)


def _require_task_scores(table: ScoreTable, scores: np.ndarray) -> None:
    given = scores[~np.isnan(scores)] if scores.shape == (len(table),) else scores
    if scores.shape != (len(table),) or not ((given >= 0) & (given <= 1)).all():
        raise InputError(
            f"task scores of shape {scores.shape}",
            f"{len(table)} shares between 0 and 1, NaN for models to be forecast",
            "Divide percentages by 100; give one score a row of the table.",
            code="bad_task_score",
        )
    if len(given) < 5:
        raise InputError(
            f"{len(given)} models with a task score",
            "at least five",
            "A forecast needs more models to learn from.",
            code="too_few_models",
        )
