"""Which model families to evaluate when not all can be: V-optimal choice."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations
from math import comb

import numpy as np

from bayes_scaling.errors import InputError

_MAX_SUBSETS = 2_000_000
_TOO_SINGULAR = 1e-10


@dataclass(frozen=True)
class Subset:
    """Families that are worth evaluating under a budget of models.

    Attributes
    ----------
    families : tuple of str
    n_models : int
        How many models they have together.
    variance : float
        tr(XᵀX (X_SᵀX_S)⁻¹): the variance of a linear prediction summed over all models, in units of the noise.
    """

    families: tuple[str, ...]
    n_models: int
    variance: float


def choose_families(
    capabilities: np.ndarray, families: np.ndarray, max_models: int, *, max_families: int = 10
) -> Subset:
    """Whole families with the least V-optimality criterion under a budget, by trying every combination.

    The criterion tr(XᵀX (X_SᵀX_S)⁻¹) is that of arXiv:2405.10938, section 5: how well a linear law that is fitted to
    the subset S predicts all models.

    Parameters
    ----------
    capabilities : ndarray of shape (n_models, n_components)
        X, such as principal components.
    families : ndarray of shape (n_models,)
        Family of each model.
    max_models : int
        At most so many models.
    max_families : int
        At most so many families.

    Raises
    ------
    InputError
        ``bad_argument`` for shapes that do not belong together, values that are not finite, or a budget below the
        number of components; ``too_many_subsets`` for more than two million combinations; ``no_subset`` when no
        combination within the budget determines all components.
    """
    values = np.asarray(capabilities, dtype=float)
    labels = np.asarray(families).astype(str)
    _require(values, labels, max_models, max_families)
    names, index = np.unique(labels, return_inverse=True)
    counts = np.bincount(index)
    grams = np.stack([values[index == f].T @ values[index == f] for f in range(len(names))])
    whole = grams.sum(axis=0)
    best = Subset((), 0, np.inf)
    sizes = range(1, min(max_families, len(names)) + 1)
    for chosen in chain.from_iterable(combinations(range(len(names)), size) for size in sizes):
        members = list(chosen)
        n_models = int(counts[members].sum())
        if values.shape[1] <= n_models <= max_models:
            variance = _variance(whole, grams[members].sum(axis=0))
            if variance < best.variance:
                best = Subset(tuple(map(str, names[members])), n_models, variance)
    if not best.families:
        raise InputError(
            f"no combination of families with at most {max_models} models determines {values.shape[1]} components",
            "a larger budget or fewer components",
            "Raise max_models.",
            code="no_subset",
        )
    return best


def _variance(whole: np.ndarray, part: np.ndarray) -> float:
    """The criterion; infinite where the subset leaves a direction undetermined."""
    scale = np.linalg.eigvalsh(part)
    if scale[0] <= _TOO_SINGULAR * scale[-1]:
        return np.inf
    return float(np.trace(np.linalg.solve(part, whole)))


def _require(values: np.ndarray, labels: np.ndarray, max_models: int, max_families: int) -> None:
    fits = values.ndim == 2 and labels.shape == values.shape[:1] and np.isfinite(values).all()
    if not fits or max_models < values.shape[1] or max_families < 1:
        raise InputError(
            f"capabilities of shape {values.shape}, {labels.shape} labels, max_models {max_models},"
            f" max_families {max_families}",
            "finite numbers (n_models, n_components), a label a model, a budget of as many models as components",
            "Take Components.project(table) and table.families.",
            code="bad_argument",
        )
    n_families = len(np.unique(labels))
    n_subsets = sum(comb(n_families, size) for size in range(1, max_families + 1))
    if n_subsets > _MAX_SUBSETS:
        raise InputError(
            f"{n_subsets:,} combinations of {n_families} families",
            f"at most {_MAX_SUBSETS:,}",
            "Lower max_families.",
            code="too_many_subsets",
        )
