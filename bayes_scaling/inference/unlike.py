"""Notes on families that are unlike the population which is to speak for them: what pooling says of those is a guess.

Three questions are asked of each family, once a population is known: one that others taught, or that of a fit of
many families. Is its loss of the size that the population expects? Are its law's parameters? Could the population
know its level at all?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from bayes_scaling.errors import Finding, Findings, Severity
from bayes_scaling.inference.posterior import Posterior
from bayes_scaling.inference.prior import draw_prior
from bayes_scaling.inference.transfer import population_draws, typical_population
from bayes_scaling.models import Population, mean_inputs
from bayes_scaling.names import DIM_CHAIN, DIM_DRAW, DIM_FAMILY, FAMILY, LOSS, METRIC, METRIC_NATS, N_PARAMS
from bayes_scaling.priors.population import FEW_FAMILIES

FloatArray = NDArray[np.float64]

LEVEL_FACTOR = 5.0
"""Losses in nats of a text token keep within this factor of the population's, whatever the tokenizer."""

TAIL = 0.01
"""Share of families of the population that are further out, below which one is called unlike."""

INFORMED = 0.5
"""Share of the prior's variance that the data are taken to remove in any direction, though they may remove less."""

N_POPULATIONS = 512


@dataclass(frozen=True, eq=False)
class _Family:
    """One family of a posterior: its rows and its draws (S, P) of the mean's parameters."""

    label: str
    rows: pd.DataFrame
    draws: FloatArray

    @property
    def metric(self) -> str:
        return str(self.rows[METRIC].iloc[0])

    def widened(self, population: Population, posterior: Posterior) -> Population:
        """The population of families with a unit of loss as rough as this one's."""
        constants = posterior.idata["constant_data"].to_dataset()
        if "rough_unit" not in constants:
            return population
        is_rough = constants["rough_unit"].sel({DIM_FAMILY: [self.label]}).to_numpy()
        is_foreign = is_rough & (not self.has_metric_of_others(posterior))
        return population.widened(posterior.spec.roughness(is_rough, is_foreign, posterior.spec.is_taught)[0])

    def has_metric_of_others(self, posterior: Posterior) -> bool:
        """Whether another family of the fit was measured in this one's metric."""
        rows = posterior.observed
        return bool((rows.loc[rows[FAMILY] != self.label, METRIC] == self.metric).any())


def check_unlike(posterior: Posterior) -> Findings:
    """What in a posterior's families is unlike the population; empty when nothing is, or no population is known.

    Parameters
    ----------
    posterior : Posterior
        Under a population prior, or of at least eight families.

    Returns
    -------
    Findings
        ``unlike_level``: losses a factor of five or more away from what the population says in nats.
        ``unlike_law``: parameters of the law further out than those of 99 % of the population's families.
        ``unknown_level``: one size in a metric of its own, whose level no other family can know.
    """
    is_taught = posterior.spec.is_taught
    if not is_taught and len(posterior.families) < FEW_FAMILIES:
        return Findings()
    source = draw_prior(posterior.spec, n_draws=N_POPULATIONS) if is_taught else posterior
    population = typical_population(population_draws(source))
    notes = (
        note
        for family in _families(posterior)
        for note in (
            _check_level(family, population, posterior),
            _check_metric(family, posterior),
            _check_law(family, family.widened(population, posterior)),
        )
    )
    return Findings(tuple(note for note in notes if note is not None))


def _families(posterior: Posterior) -> Iterator[_Family]:
    names = list(posterior.spec.mean.parameter_names)
    theta = posterior.draws["theta_family"].sel(parameter=names)
    for label, rows in posterior.observed.groupby(FAMILY, sort=True):
        own = theta.sel(family=label).transpose(DIM_CHAIN, DIM_DRAW, "parameter").to_numpy()
        yield _Family(str(label), rows.reset_index(drop=True), own.reshape(-1, len(names)))


def _check_level(family: _Family, population: Population, posterior: Posterior) -> Finding | None:
    """Whether the family's losses are of the size that the population expects of such runs, in nats."""
    names = posterior.spec.mean.parameter_names
    typical = dict(zip(names, population.mean[: population.n_mean], strict=True))
    inputs = mean_inputs(posterior.spec, family.rows, posterior.peak_learning_rates)
    expected = float(np.exp(np.median(posterior.spec.mean.log_loss(np, typical, inputs))))
    seen = float(family.rows[LOSS].median())
    if max(seen / expected, expected / seen) < LEVEL_FACTOR:
        return None
    return Finding(
        "unlike_level",
        Severity.WARNING,
        f"its losses are around {seen:.3g} where the population expects {expected:.3g} nats",
        "What other families teach may not hold for it: look at its metric and unit, and give it more sizes.",
        family.label,
    )


def _check_metric(family: _Family, posterior: Posterior) -> Finding | None:
    """Whether one size has to tell the level of a metric in which no other family of the fit was measured."""
    sizes = family.rows[N_PARAMS]
    if family.metric == METRIC_NATS or sizes.min() < sizes.max():
        return None
    if family.has_metric_of_others(posterior):
        return None
    return Finding(
        "unknown_level",
        Severity.WARNING,
        f"one size, in the metric {family.metric}, of which the population knows no level",
        "How far its loss can fall is a guess: give it a second size, or losses in nats per token.",
        family.label,
    )


def _check_law(family: _Family, population: Population) -> Finding | None:
    """Whether the parameters, where the data speak of them, are those of an unlikely family of the population."""
    tail = tail_probability(family.draws, population)
    if tail >= TAIL:
        return None
    return Finding(
        "unlike_law",
        Severity.WARNING,
        f"its law is further out than those of {1 - tail:.1%} of the population's families",
        "What other families teach may not hold for it: give it more sizes, or compare with the weak priors.",
        family.label,
    )


def tail_probability(draws: FloatArray, population: Population) -> float:
    """Probability that a family of the population has a posterior mean at least as far out, or a larger one.

    In coordinates in which families of the population are standard normal: over such families the posterior mean has
    the variance that the data have taken away. Where they take away less than :data:`INFORMED`, that much is assumed,
    which makes the probability larger. Where the posterior is wider than the population, since a far-out family widens
    what its fit takes the population to be, the mean still counts.

    Parameters
    ----------
    draws : ndarray of shape (S, P)
        Parameters of the mean.
    population : Population
        One, for which families under it stand.
    """
    standard = np.linalg.solve(population.mean_factor, (draws - population.mean[: population.n_mean]).T)
    left, directions = np.linalg.eigh(np.cov(standard))
    along = directions.T @ standard.mean(axis=1)
    return float(chi2.sf(np.sum(along**2 / np.maximum(1.0 - left, INFORMED)), len(along)))
