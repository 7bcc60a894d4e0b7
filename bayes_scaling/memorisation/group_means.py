"""What the estimators need of a panel: means of each cohort at each checkpoint, and the scatter of instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation.panel import MemorisationPanel, ModelOutcomes
from bayes_scaling.runs.rows import listed


@dataclass(frozen=True, eq=False)
class GroupMeans:
    """Means of groups of instances, in columns of (model, checkpoint); the last group was never trained on.

    Attributes
    ----------
    models : tuple of str
        The models whose checkpoints stand side by side.
    n_params : ndarray of shape (n_models,)
        Their sizes; NaN where not given.
    checkpoints : ndarray of shape (n_checkpoints,)
        Steps, the same for every model.
    cohorts : ndarray of shape (n_cohorts,)
        The first checkpoint at or after the training step of a cohort's instances, ascending.
    group : ndarray of shape (n_instances,)
        Position of each instance's group: 0 to n_cohorts - 1 for cohorts, n_cohorts for never trained on.
    residuals : ndarray of shape (n_instances, n_models * n_checkpoints)
        Outcome less the mean of the group.
    means : ndarray of shape (n_cohorts + 1, n_models * n_checkpoints)
        Means of the outcome.
    """

    models: tuple[str, ...]
    n_params: np.ndarray
    checkpoints: np.ndarray
    cohorts: np.ndarray
    group: np.ndarray
    residuals: np.ndarray
    means: np.ndarray

    @cached_property
    def sizes(self) -> np.ndarray:
        """Instances of each group, shape (n_cohorts + 1,)."""
        return np.bincount(self.group, minlength=len(self.means))

    @cached_property
    def covariances(self) -> np.ndarray:
        """Sample covariance of the instances of each group, shape (n_cohorts + 1, n_columns, n_columns)."""
        scatter = [part.T @ part for part in self._by_group(self.residuals)]
        return np.array(scatter) / (self.sizes - 1)[:, None, None]

    def column(self, model: str, checkpoint_index: np.ndarray) -> np.ndarray:
        """Columns of a model's checkpoints."""
        return self.models.index(model) * len(self.checkpoints) + checkpoint_index

    def perturbed(self, multipliers: np.ndarray) -> np.ndarray:
        """What multiplying each instance's residual by a random number does to the means.

        Parameters
        ----------
        multipliers : ndarray of shape (n_draws, n_instances)
            Mean zero, variance one, independent.

        Returns
        -------
        ndarray of shape (n_draws, n_cohorts + 1, n_columns)
        """
        parts = zip(self._by_group(multipliers.T), self._by_group(self.residuals), self.sizes, strict=True)
        # sqrt(n / (n - 1)): the variance over draws is then the unbiased sample variance over n
        sums = [weights.T @ part / np.sqrt(n * (n - 1.0)) for weights, part, n in parts]
        return np.stack(sums, axis=1)

    def _by_group(self, values: np.ndarray) -> list[np.ndarray]:
        ordered = values[np.argsort(self.group, kind="stable")]
        return np.split(ordered, np.cumsum(self.sizes)[:-1])


def group_means(panel: MemorisationPanel, models: Sequence[str] | None = None) -> GroupMeans:
    """Group means of one or several models of a panel.

    Parameters
    ----------
    panel : MemorisationPanel
    models : sequence of str, optional
        Models to put side by side; by default all. Several must have seen the same instances at the same
        checkpoints, which is what makes the covariance between their errors known.

    Raises
    ------
    InputError
        With code ``"unknown_model"``, ``"different_instances"`` or ``"cohort_too_small"``.
    """
    chosen = tuple(panel.models if models is None else (panel.require_model(model) for model in models))
    parts = [panel.outcomes(model) for model in chosen]
    first = parts[0]
    for model, part in zip(chosen, parts, strict=True):
        _require_same(first, part, chosen[0], model)
    cohort = first.cohort
    cohorts = np.unique(cohort[~np.isnan(cohort)])
    group = np.where(np.isnan(cohort), len(cohorts), np.searchsorted(cohorts, np.nan_to_num(cohort)))
    _require_two(group, cohorts)
    outcome = np.concatenate([part.outcome for part in parts], axis=1)
    means = np.array([outcome[group == g].mean(axis=0) for g in range(len(cohorts) + 1)])
    return GroupMeans(
        models=chosen,
        n_params=np.array([panel.n_params[model] for model in chosen]),
        checkpoints=first.checkpoints,
        cohorts=cohorts,
        group=group,
        residuals=outcome - means[group],
        means=means,
    )


def _require_same(first: ModelOutcomes, other: ModelOutcomes, first_model: str, model: str) -> None:
    pairs = (
        (first.instances, other.instances),
        (first.checkpoints, other.checkpoints),
        (np.nan_to_num(first.treatment_step, nan=-1.0), np.nan_to_num(other.treatment_step, nan=-1.0)),
    )
    if not all(np.array_equal(one, two) for one, two in pairs):
        raise InputError(
            f"models {first_model!r} and {model!r} differ in instances, checkpoints or treatment steps",
            "the same instances, in the same order of training, at the same checkpoints",
            "Keep what they have in common, or look at one model at a time.",
            code="different_instances",
        )


def _require_two(group: np.ndarray, cohorts: np.ndarray) -> None:
    small = cohorts[np.bincount(group, minlength=len(cohorts) + 1)[:-1] < 2]
    if len(small):
        raise InputError(
            f"one instance in the cohort(s) of checkpoint {listed([f'{step:g}' for step in small])}",
            "at least two instances in each, to tell how they scatter",
            "Merge cohorts with panel.coarsen(every), or remove these instances.",
            code="cohort_too_small",
        )
