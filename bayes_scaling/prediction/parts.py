"""How much each part of a model moves the losses it was fitted to: which parts mattered."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.inference import Posterior
from bayes_scaling.models import LOG_RUN_SD, SCHEDULE_GAP, SCHEDULE_LEVEL, discrepancy_features, mean_inputs
from bayes_scaling.names import FAMILY, KIND_MEAN, N_PARAMS, N_TOKENS
from bayes_scaling.prediction.draws import FamilyDraws, PredictiveSampler

FloatArray = NDArray[np.float64]

N_PART_DRAWS = 200
"""Draws from which sizes of parts are told."""

PARTS = {
    "law": "differences between checkpoints of a family that the law explains",
    "schedule": "rise while the learning rate has not decayed",
    "repeats": "loss of worth of repeated tokens",
    "discrepancy": "smooth error of the law",
    "runs": "scatter of runs around all that: seeds, drift, evaluation",
    "excess": "rise of runs above a well-tuned one's",
}


def part_sizes(posterior: Posterior) -> pd.DataFrame:
    """Typical size of each part's contribution to log loss over the rows of the fit.

    Parameters
    ----------
    posterior : Posterior

    Returns
    -------
    DataFrame
        Index ``part``; columns ``meaning`` and ``q05, median, q95``, posterior quantiles of the root mean square
        over rows, in log loss: 0.01 moves a loss by 1 %. A part that is switched off, or that no row can show, has
        no line.
    """
    rows = posterior.observed
    sampler = PredictiveSampler(posterior, rows, KIND_MEAN, 0, N_PART_DRAWS)
    squares: dict[str, list[FloatArray]] = {name: [] for name in PARTS}
    for label, family_rows in rows.groupby(FAMILY):
        frame = family_rows.reset_index(drop=True)
        for name, values in _contributions(posterior, frame, sampler.family_draws(str(label))):
            squares[name].append((values**2).sum(axis=0))
    sizes = {name: np.sqrt(np.sum(sums, axis=0) / len(rows)) for name, sums in squares.items() if sums}
    shown = {name: np.quantile(size, [0.05, 0.5, 0.95]) for name, size in sizes.items() if size.max() > 0}
    table = pd.DataFrame.from_dict(shown, orient="index", columns=["q05", "median", "q95"])
    table.insert(0, "meaning", [PARTS[name] for name in table.index])
    return table.rename_axis("part")


def _contributions(
    posterior: Posterior, rows: pd.DataFrame, family: FamilyDraws
) -> Iterator[tuple[str, FloatArray]]:
    """Each part's share of log loss, (n_rows, n_draws), for one family."""
    spec = posterior.spec
    params = {name: family.theta[None, :, place] for place, name in enumerate(spec.family_parameters)}
    values = mean_inputs(spec, rows, posterior.peak_learning_rates)
    inputs = {name: column[:, None] for name, column in values.items()}
    law = spec.law.log_loss(np, params, inputs)
    yield "law", law - law.mean(axis=0)
    if spec.mean.has_schedule:
        yield "schedule", params[SCHEDULE_GAP] * inputs[SCHEDULE_LEVEL]
    if spec.repeats and N_TOKENS in inputs:
        fresh = inputs | {N_TOKENS: rows[N_TOKENS].to_numpy(dtype=float)[:, None]}
        yield "repeats", law - spec.law.log_loss(np, params, fresh)
    yield "discrepancy", discrepancy_features(spec, rows) @ family.weights.T
    yield "runs", spec.run_amplitude(rows[N_PARAMS])[:, None] * np.exp(params[LOG_RUN_SD])
    if family.typical_excess:
        yield "excess", np.full(law.shape, family.typical_excess)
