"""From a run table to what the sampler needs: arrays, path shapes, and coordinates in which sampling is easy.

The coordinates come from a quick empirical-Bayes pass (modes of the families, population of the modes, a few
times over). They decide how fast the sampler moves, not what it finds.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from bayes_scaling.inference.family_modes import (
    FamilyObjective,
    columns,
    positive_part,
    prior_anchor,
    summarise_families,
    updated_anchor,
)
from bayes_scaling.models import (
    Centring,
    Layout,
    build_layout,
    coordinates_from_law,
    law_from_coordinates,
)
from bayes_scaling.runs import RunTable

FloatArray = NDArray[np.float64]

N_ROUNDS = 3
"""Rounds of modes and population; the population moves little after the third."""

SCALE_FLOOR = 0.02
"""Variance added to that of a pilot run's log scales: short runs see too little of it."""


def prepare(objective: FamilyObjective, runs: RunTable) -> tuple[Layout, Centring]:
    """Arrays of a run table, each family with the path shape its rows support best, and first coordinates."""
    spec = objective.spec
    anchor = prior_anchor(spec)
    layouts = [build_layout(spec, runs, position) for position in range(len(spec.shapes))]
    summaries = [summarise_families(objective, layout, anchor) for layout in layouts]
    best = np.argmax([summary.log_evidence for summary in summaries], axis=0)
    layout = build_layout(spec, runs, best)
    summary = summarise_families(
        objective, layout, anchor, np.stack([one.mode for one in summaries])[best, np.arange(len(best))]
    )
    for _ in range(N_ROUNDS):
        anchor = updated_anchor(spec, summary, anchor)
        summary = summarise_families(objective, layout, anchor, summary.mode)
    covariance = np.linalg.inv(
        _scale_precision(summary.precision, anchor.precision, len(spec.law.parameters))
    )
    return layout, linearise(objective, layout, summary.mode, covariance)


def recentre(objective: FamilyObjective, layout: Layout, theta: FloatArray) -> Centring:
    """Better coordinates from the draws (n_draws, F, P + 2) of a pilot run: where families are, not their modes."""
    law = objective.spec.law
    n_law, ends = len(law.parameters), layout.ends(law.inputs)
    straight = coordinates_from_law(np, law, [theta[..., position] for position in range(n_law)], ends)
    centre = law_from_coordinates(np, law, [values.mean(axis=0) for values in straight], ends)[0]
    scales = theta[..., n_law:]
    offset = scales - scales.mean(axis=0)
    covariance = np.einsum("sfi,sfj->fij", offset, offset) / len(offset) + SCALE_FLOOR * np.eye(2)
    point = np.concatenate([np.stack(centre, axis=-1), scales.mean(axis=0)], axis=-1)
    return linearise(objective, layout, point, covariance)


def linearise(
    objective: FamilyObjective, layout: Layout, point: FloatArray, scale_covariance: FloatArray
) -> Centring:
    """Coordinates linearised at family parameters (F, P + 2), given a covariance (F, 2, 2) of the log scales."""
    law = objective.spec.law
    n_law, ends = len(law.parameters), layout.ends(law.inputs)

    def parameters(coordinates: jax.Array) -> jax.Array:
        return jnp.stack(law_from_coordinates(jnp, law, list(coordinates.T), ends)[0], axis=-1)

    with jax.enable_x64(True):
        data = objective.data(layout, prior_anchor(objective.spec))
        residual, slopes = (np.asarray(part) for part in objective.slopes(jnp.asarray(point), data))
        origin = np.stack(coordinates_from_law(np, law, list(point[:, :n_law].T), ends), axis=-1)
        law_slopes = np.asarray(columns(parameters, jnp.asarray(origin), n_law))
    slopes = slopes @ law_slopes
    return Centring(
        origin=origin,
        law_origin=point[:, :n_law],
        law_slopes=law_slopes,
        gram=np.einsum("fmp,fmq->fpq", slopes, slopes),
        cross=np.einsum("fkm,fmp->fkp", layout.projector, slopes),
        pull=np.einsum("fmp,fm->fp", slopes, residual),
        projection=np.einsum("fkm,fm->fk", layout.projector, residual),
        scale_mode=point[:, n_law:],
        scale_factor=np.linalg.cholesky(scale_covariance),
    )


def _scale_precision(precision: FloatArray, anchor: FloatArray, n_law: int) -> FloatArray:
    """Curvature (F, 2, 2) of the log scales under the anchor, with the law parameters integrated out."""
    joint = precision + anchor
    law, scale, both = joint[:, :n_law, :n_law], joint[:, n_law:, n_law:], joint[:, :n_law, n_law:]
    return positive_part(scale - np.swapaxes(both, -1, -2) @ np.linalg.solve(law, both), floor=0.5)
