"""Draws of a target and of what candidate runs would show, from one posterior and therefore together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.inference import Posterior
from bayes_scaling.models import LOG_DISCREPANCY_SD, LOG_RUN_SD, with_inputs
from bayes_scaling.names import FAMILY, FLOPS, KIND_MEAN, LOSS, N_PARAMS, N_TOKENS, N_UNIQUE_TOKENS, RUN
from bayes_scaling.planning.candidates import CandidateRun, Kind, checkpoints_of
from bayes_scaling.planning.narrowing import Belief, Observation
from bayes_scaling.planning.target import Target
from bayes_scaling.prediction.draws import FamilyDraws, PredictiveSampler

FloatArray = NDArray[np.float64]

MAX_DRAWS: Final = 4096
"""Draws that are used: the error of a width is then about a per cent."""

MISSING_PROGRESS: Final = (0.3, 0.55)
"""Where in an existing run intermediate checkpoints are looked at: within what a fit takes, and few."""

MAX_REVISITED: Final = 6
"""Existing runs whose intermediate checkpoints are looked at; the largest are kept."""


NEW_RUN: Final = "candidate"
"""Label of a run that does not exist yet."""


@dataclass(frozen=True, eq=False)
class JointDraws:
    """One family's posterior at a target, with which everything that could be observed goes together draw by draw.

    Attributes
    ----------
    posterior : Posterior
    target : Target
    seed : int
    """

    posterior: Posterior
    target: Target
    seed: int

    @cached_property
    def log_mean(self) -> FloatArray:
        """Log loss of the target without a run's noise, shape (n_draws,).

        As in a prediction, it sees every token once unless it says how many are unique.
        """
        size, tokens, flops = self.target.n_params, self.target.n_tokens, self.target.flops
        unique = self._named.get(N_UNIQUE_TOKENS, tokens)
        point = {N_PARAMS: size, N_TOKENS: tokens, FLOPS: flops, N_UNIQUE_TOKENS: unique}
        return self.log_means(pd.DataFrame([point]))[:, 0]

    @property
    def of_mean(self) -> Belief:
        """What is believed of the law at the target."""
        return Belief(self.log_mean, np.zeros_like(self.log_mean), self._scales)

    @property
    def of_run(self) -> Belief:
        """What is believed of a run at the target, with its seed and checkpoint noise."""
        variance = self._scale(self.target.n_params) ** 2 + self._family.typical_excess**2
        return Belief(self.log_mean, variance, self._scales)

    def log_means(self, points: pd.DataFrame) -> FloatArray:
        """Log loss at points without noise, shape (n_draws, n_points); all calls share law and discrepancy."""
        sampler = self._sampler(points)
        means = np.empty((sampler.n_draws, len(points)))
        for positions, loss in sampler.blocks():
            means[:, positions] = np.log(loss).T
        return means

    def observation(self, candidate: CandidateRun, n_checkpoints: int) -> Observation:
        """What a candidate would show at its rows, see :meth:`rows_of`."""
        rows = self.rows_of(candidate, n_checkpoints)
        if candidate.kind is Kind.CHECKPOINTS:
            return _side_by_side([self._of_existing_run(run) for _, run in rows.groupby(RUN, sort=False)])
        covariance = self._covariance(rows[N_TOKENS].to_numpy(), candidate.n_params)
        return Observation(self.log_means(rows), covariance)

    def rows_of(self, candidate: CandidateRun, n_checkpoints: int) -> pd.DataFrame:
        """The rows that a candidate would add to the table, without their losses.

        Parameters
        ----------
        candidate : CandidateRun
        n_checkpoints : int
            Checkpoints of a new run, the last at its end; existing runs get two before the one that they have.
        """
        if candidate.kind is not Kind.CHECKPOINTS:
            points = checkpoints_of(candidate, n_checkpoints, self.posterior.spec.min_progress)
            return points.assign(**{FAMILY: self.target.family, RUN: NEW_RUN})
        runs = self._own_rows.nlargest(MAX_REVISITED, N_PARAMS, keep="first").drop(columns=LOSS)
        rows = runs.loc[runs.index.repeat(len(MISSING_PROGRESS))]
        return rows.assign(**{N_TOKENS: rows[N_TOKENS] * np.tile(MISSING_PROGRESS, len(runs))}).reset_index(
            drop=True
        )

    def _of_existing_run(self, rows: pd.DataFrame) -> Observation:
        """Intermediate checkpoints of a run whose end was observed: its noise is known in part, given each draw."""
        end = self._own_rows[self._own_rows[RUN] == rows[RUN].iloc[0]]
        together = pd.concat([rows, end.drop(columns=LOSS)], ignore_index=True)
        means = self.log_means(together)
        joint = self._covariance(together[N_TOKENS].to_numpy(), float(end[N_PARAMS].iloc[0]))
        # conditional normal: the run's noise at its end is what was observed less what the draw expects
        slope = joint[:, :-1, -1] / joint[:, -1:, -1]
        at_end = np.log(float(end[LOSS].iloc[0])) - means[:, -1] - self._family.typical_excess
        covariance = joint[:, :-1, :-1] - slope[:, :, None] * joint[:, None, -1, :-1]
        return Observation(means[:, :-1] + slope * at_end[:, None], covariance)

    def _covariance(self, n_tokens: FloatArray, n_params: float) -> FloatArray:
        """Covariance of the noise of one run's checkpoints given each draw, shape (n_draws, k, k)."""
        shapes = self.posterior.spec.shapes
        correlations = np.stack([shape.correlation(np.log(n_tokens)) for shape in shapes])
        variance = self._scale(n_params)[:, None, None] ** 2
        return variance * correlations[self._family.shape_index] + self._family.typical_excess**2

    def _scale(self, n_params: float) -> FloatArray:
        return self._run_sd * float(self.posterior.spec.run_amplitude(n_params))

    @cached_property
    def _scales(self) -> FloatArray:
        names = self.posterior.spec.family_parameters
        return self._family.theta[:, [names.index(LOG_DISCREPANCY_SD), names.index(LOG_RUN_SD)]]

    @property
    def _run_sd(self) -> FloatArray:
        return np.exp(self._scales[:, 1])

    @cached_property
    def _family(self) -> FamilyDraws:
        point = pd.DataFrame({N_PARAMS: [self.target.n_params], N_TOKENS: [self.target.n_tokens]})
        return self._sampler(point).family_draws(self.target.family)

    @cached_property
    def _own_rows(self) -> pd.DataFrame:
        rows = self.posterior.observed
        return rows[rows[FAMILY] == self.target.family]

    def _sampler(self, points: pd.DataFrame) -> PredictiveSampler:
        filled = {**self._filled(points.columns), FAMILY: self.target.family}
        complete = points.assign(**filled)
        if RUN not in complete:
            complete[RUN] = NEW_RUN
        complete = with_inputs(self.posterior.spec.law, complete)
        return PredictiveSampler(self.posterior, complete, KIND_MEAN, self.seed, MAX_DRAWS)

    def _filled(self, given: pd.Index) -> dict[str, Any]:
        """Inputs that a candidate does not name: the target's, else those of the family's largest run.

        Of unique tokens, else as many as any of the family's runs had, if its runs repeat any.
        """
        wanted = {*self.posterior.spec.law.inputs, N_UNIQUE_TOKENS} - {N_PARAMS, N_TOKENS, FLOPS, *given}
        largest = self._own_rows.nlargest(1, N_PARAMS)
        own = {name: largest[name].iloc[0] for name in wanted if name in largest and len(largest)}
        own |= {N_UNIQUE_TOKENS: self._pool} if N_UNIQUE_TOKENS in wanted else {}
        own |= {name: value for name, value in self._named.items() if name in wanted}
        return {name: value for name, value in own.items() if pd.notna(value)}

    @property
    def _named(self) -> dict[str, Any]:
        """Inputs that the target names, with a value."""
        return {name: value for name, value in self.target.inputs.items() if pd.notna(value)}

    @property
    def _pool(self) -> float | None:
        """Unique tokens that the family's runs are made of; none, where each saw what it saw once."""
        if N_UNIQUE_TOKENS not in self._own_rows:
            return None
        tokens = self._own_rows[N_TOKENS]
        unique = self._own_rows[N_UNIQUE_TOKENS].fillna(tokens)
        return float(unique.max()) if (unique < tokens).any() else None


def _side_by_side(parts: Sequence[Observation]) -> Observation:
    """Several runs' values as one observation: their noise is independent."""
    sizes = [part.expected.shape[1] for part in parts]
    starts = np.cumsum([0, *sizes])
    covariance = np.zeros((len(parts[0].expected), starts[-1], starts[-1]))
    for start, size, part in zip(starts[:-1], sizes, parts, strict=True):
        covariance[:, start : start + size, start : start + size] = part.covariance
    return Observation(np.concatenate([part.expected for part in parts], axis=1), covariance)
