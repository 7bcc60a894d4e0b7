"""Draws of a target and of what candidate runs would show, from one posterior and therefore together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.inference import Posterior
from bayes_scaling.models import LOG_RUN_SD, with_inputs
from bayes_scaling.names import FAMILY, FLOPS, KIND_MEAN, LOSS, N_PARAMS, N_TOKENS, N_UNIQUE_TOKENS, RUN
from bayes_scaling.planning.candidates import CandidateRun, Kind, checkpoints_of
from bayes_scaling.planning.narrowing import N_REPEATS, Observation
from bayes_scaling.planning.target import Target
from bayes_scaling.prediction.draws import FamilyDraws, PredictiveSampler

FloatArray = NDArray[np.float64]

MAX_DRAWS: Final = 4096
"""Draws that are used: the error of a width is then about a per cent."""

MISSING_PROGRESS: Final = (0.3, 0.55)
"""Where in an existing run intermediate checkpoints are looked at: the two tell nearly all that more would."""

MAX_REVISITED: Final = 6
"""Existing runs whose intermediate checkpoints are looked at; the largest are kept."""


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
        """Log loss of the target without a run's noise, shape (n_draws,)."""
        point = pd.DataFrame(
            {N_PARAMS: [self.target.n_params], N_TOKENS: [self.target.n_tokens], FLOPS: [self.target.flops]}
        )
        return self.log_means(point)[:, 0]

    @cached_property
    def own_noise(self) -> FloatArray:
        """Noise of the target's own run, shape (N_REPEATS, n_draws)."""
        rng = np.random.default_rng([self.seed, 11])
        shape = (N_REPEATS, len(self._run_sd))
        normal = self._scale(self.target.n_params) * rng.standard_normal(shape)
        return normal + self._family.typical_excess * rng.exponential(size=shape)

    def log_means(self, points: pd.DataFrame) -> FloatArray:
        """Log loss at points without noise, shape (n_draws, n_points); all calls share law and discrepancy."""
        sampler = self._sampler(points)
        means = np.empty((sampler.n_draws, len(points)))
        for positions, loss in sampler.blocks():
            means[:, positions] = np.log(loss).T
        return means

    def observation(self, candidate: CandidateRun, n_checkpoints: int) -> Observation:
        """What a candidate would show at its checkpoints, the last of them at its end."""
        if candidate.kind is Kind.CHECKPOINTS:
            return self._of_existing_runs()
        points = checkpoints_of(candidate, n_checkpoints, self.posterior.spec.min_progress)
        covariance = self._covariance(points[N_TOKENS].to_numpy(), candidate.n_params)
        return Observation(self.log_means(points), covariance)

    def _of_existing_runs(self) -> Observation:
        """Intermediate checkpoints of runs whose end was observed: their noise is known in part, given each draw."""
        rows = self._own_rows.nlargest(MAX_REVISITED, N_PARAMS, keep="first")
        parts = [self._of_existing_run(row) for _, row in rows.iterrows()]
        width = len(MISSING_PROGRESS)
        covariance = np.zeros((len(self._run_sd), width * len(parts), width * len(parts)))
        for place, part in enumerate(parts):
            block = slice(place * width, (place + 1) * width)
            covariance[:, block, block] = part.covariance
        return Observation(np.concatenate([part.expected for part in parts], axis=1), covariance)

    def _of_existing_run(self, row: pd.Series) -> Observation:
        tokens = np.array([*MISSING_PROGRESS, 1.0]) * row[N_TOKENS]
        points = pd.DataFrame([row] * len(tokens)).reset_index(drop=True).assign(**{N_TOKENS: tokens})
        means = self.log_means(points.drop(columns=[FAMILY, LOSS]))
        joint = self._covariance(tokens, row[N_PARAMS])
        # conditional normal: the run's noise at its end is what was observed less what the draw expects
        slope = joint[:, :-1, -1] / joint[:, -1:, -1]
        at_end = np.log(row[LOSS]) - means[:, -1] - self._family.typical_excess
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
    def _run_sd(self) -> FloatArray:
        return np.exp(self._family.theta[:, self.posterior.spec.family_parameters.index(LOG_RUN_SD)])

    @cached_property
    def _family(self) -> FamilyDraws:
        point = pd.DataFrame({N_PARAMS: [self.target.n_params], N_TOKENS: [self.target.n_tokens]})
        return self._sampler(point).family_draws(self.target.family)

    @cached_property
    def _own_rows(self) -> pd.DataFrame:
        rows = self.posterior.observed
        return rows[rows[FAMILY] == self.target.family]

    def _sampler(self, points: pd.DataFrame) -> PredictiveSampler:
        complete = points.assign(**self._filled(points.columns), **{FAMILY: self.target.family})
        if RUN not in complete:
            complete[RUN] = "candidate"
        complete = with_inputs(self.posterior.spec.law, complete)
        return PredictiveSampler(self.posterior, complete, KIND_MEAN, self.seed, MAX_DRAWS)

    def _filled(self, given: Sequence[str]) -> dict[str, object]:
        """Inputs that a candidate does not name: the target's, else those of the family's largest run."""
        wanted = {*self.posterior.spec.law.inputs, N_UNIQUE_TOKENS} - {N_PARAMS, N_TOKENS, FLOPS, *given}
        largest = self._own_rows.nlargest(1, N_PARAMS)
        own = {name: largest[name].iloc[0] for name in wanted if name in largest and len(largest)}
        own |= {name: value for name, value in self.target.inputs.items() if name in wanted}
        return {name: value for name, value in own.items() if pd.notna(value)}
