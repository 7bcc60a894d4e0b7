"""Posteriors of families in closed form: a law that is linear in its parameters, under a population that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import logsumexp

from bayes_scaling.inference.linearised import Start
from bayes_scaling.models import Population
from bayes_scaling.runs import RunTable
from tests.laws.linear import LINEAR_SPEC, slopes
from tests.models.dense import dense_covariance


def linear_population(correlation: float = 0.4) -> Population:
    """Where the priors of the linear law expect families, with level and size correlated."""
    vector = LINEAR_SPEC.population_vector
    q, p = vector.n_family, vector.n_mean
    matrix = np.eye(p)
    matrix[0, 1] = matrix[1, 0] = correlation
    return Population(vector.location[:q], np.exp(vector.location[q : 2 * q]), np.linalg.cholesky(matrix), p)


@dataclass(frozen=True, eq=False)
class LinearFamily:
    """One family's rows in its own unit, at any scales, by one normal distribution over all its rows."""

    rows: pd.DataFrame
    shape: object
    population: Population

    @classmethod
    def of(cls, start: Start, label: str) -> LinearFamily:
        layout = start.batch.layout
        place = layout.families.index(label)
        rows = layout.frame[layout.frame["family"] == label]
        rows = rows.assign(loss=rows["loss"] / np.exp(layout.log_unit[place]))
        shape = LINEAR_SPEC.shapes[layout.shape_index[place]]
        return cls(rows, shape, start.population.widened(layout.roughness[layout.rough_kind[place]]))

    def evidence(self, scales: np.ndarray) -> float:
        """Log density of log losses and log scales, the parameters integrated out."""
        factor, x = self.population.mean_factor, slopes(self.rows)
        noise = dense_covariance(LINEAR_SPEC, self.rows, self.shape, *np.exp(scales))
        centre = x @ self.population.mean[:4]
        losses = stats.multivariate_normal.logpdf(
            np.log(self.rows["loss"]), centre, noise + x @ factor @ factor.T @ x.T
        )
        return losses + stats.norm.logpdf(scales, self.population.mean[4:], self.population.sd[4:]).sum()

    def params(self, scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean (P,) and covariance (P, P) of the parameters of the mean at log scales (2,)."""
        factor, x = self.population.mean_factor, slopes(self.rows)
        noise = dense_covariance(LINEAR_SPEC, self.rows, self.shape, *np.exp(scales))
        prior = factor @ factor.T
        gain = prior @ x.T @ np.linalg.inv(x @ prior @ x.T + noise)
        residual = np.log(self.rows["loss"].to_numpy()) - x @ self.population.mean[:4]
        return self.population.mean[:4] + gain @ residual, prior - gain @ x @ prior

    def moments(self, scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean (Q,) and covariance (Q, Q) of all parameters, log scales taking these values (G, 2) of a grid."""
        log_weight = np.array([self.evidence(one) for one in scales])
        weight = np.exp(log_weight - logsumexp(log_weight))
        own = [self.params(one) for one in scales]
        places = np.concatenate([np.stack([mean for mean, _ in own]), scales], axis=1)
        mean = weight @ places
        covariance = np.einsum("g,gi,gj->ij", weight, places - mean, places - mean)
        covariance[:4, :4] += np.einsum("g,gij->ij", weight, np.stack([one for _, one in own]))
        return mean, covariance


def fine_grid(population: Population, reach: float = 4.0, count: int = 21) -> np.ndarray:
    """Log scales (G, 2) evenly over all that the population holds possible."""
    centre, sd = population.mean[-2:], population.sd[-2:]
    line = np.linspace(-reach, reach, count)
    return centre + sd * np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)


def one_in_bits(runs: RunTable) -> RunTable:
    """The same runs, those of the last family in another unit of loss."""
    frame = runs.frame
    is_last = frame["family"] == runs.families[-1]
    loss = frame["loss"].where(~is_last, frame["loss"] / np.log(2))
    metric = np.where(is_last, "bits_per_token", "nats_per_token")
    return RunTable.from_frame(frame.assign(loss=loss, metric=metric))
