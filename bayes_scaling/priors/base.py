"""Population priors as plain, printable data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ScalarPrior:
    """Prior of one family-level parameter: where the population lies and how much families differ.

    The parameter of family f is normal around the population's location with the population's spread, on the
    pooled scale.

    Attributes
    ----------
    location, location_sd : float
        Mean and standard deviation of the normal prior of the population's location (pooled scale, usually a
        log).
    spread, spread_factor : float
        Median of the log-normal prior of the spread between families, and the factor that is one standard
        deviation either way. A log-normal keeps the spread away from zero, where hierarchical posteriors have
        their funnel.
    reason : str
        Why these numbers, in natural units.
    """

    location: float
    location_sd: float
    spread: float
    spread_factor: float
    reason: str

    def __post_init__(self) -> None:
        positive = {
            "location_sd": self.location_sd,
            "spread": self.spread,
            "spread_factor - 1": self.spread_factor - 1,
        }
        bad = [name for name, value in positive.items() if not (math.isfinite(value) and value > 0)]
        if bad or not math.isfinite(self.location):
            given = [f"{name} = {positive[name]}" for name in bad] or [f"location = {self.location}"]
            raise InputError(
                f"a prior with {', '.join(given)}",
                "finite numbers, and positive sd, spread and spread_factor - 1",
                "Correct the prior.",
                code="bad_prior",
            )

    @property
    def family_sd(self) -> float:
        """Standard deviation of a new family's parameter under the prior, at the median spread."""
        return math.hypot(self.location_sd, self.spread)

    def interval(self, n_sd: float = 1.96) -> tuple[float, float]:
        """Central interval of a new family's parameter on the pooled scale; 95 % by default."""
        reach = n_sd * self.family_sd
        return self.location - reach, self.location + reach

    def natural_interval(self, n_sd: float = 1.96) -> tuple[float, float]:
        """Central interval of exp(parameter) of a new family under the prior; 95 % by default."""
        lower, upper = self.interval(n_sd)
        return math.exp(lower), math.exp(upper)


@dataclass(frozen=True)
class JointMoments:
    """Normal distribution of a population's parameters as one vector; plain tuples, so that it can be compared.

    Attributes
    ----------
    mean : tuple of float
    factor : tuple of tuple of float
        Rows of the lower Cholesky factor of the covariance.
    """

    mean: tuple[float, ...]
    factor: tuple[tuple[float, ...], ...]

    @classmethod
    def from_lists(cls, mean: Sequence[float], factor: Sequence[Sequence[float]]) -> JointMoments:
        """Moments from anything that holds these numbers."""
        return cls(tuple(map(float, mean)), tuple(tuple(map(float, row)) for row in factor))

    def arrays(self) -> tuple[FloatArray, FloatArray]:
        """Mean (H,) and factor (H, H)."""
        return np.array(self.mean), np.array(self.factor)


@dataclass(frozen=True)
class Priors:
    """The priors of one model: one :class:`ScalarPrior` for each family-level parameter.

    Attributes
    ----------
    parameters : mapping of str to ScalarPrior
        By pooled parameter name, e.g. ``"log_alpha"``; ``"log_run_sd"`` and ``"log_discrepancy_sd"`` are the
        residual's scales.
    correlation_sd : float
        Standard deviation of the normal prior of each number below the diagonal of the correlations' factor
        (rows are scaled to length one, diagonal 1 before). 0.4 gives correlations of about 0.35 either way,
        larger values allow stronger ones.
    name : str
        What the set is called in printed descriptions.
    moments : JointMoments, optional
        Joint normal prior of the whole population, when it comes from another fit; `parameters` then describe
        its margins.
    """

    parameters: Mapping[str, ScalarPrior]
    correlation_sd: float = 0.4
    name: str = "custom"
    moments: JointMoments | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.correlation_sd) and self.correlation_sd > 0):
            raise InputError(
                f"correlation_sd = {self.correlation_sd}",
                "a positive number",
                "Write 0.4 for moderate correlations between parameters, less to pull them to zero.",
                code="bad_prior",
            )
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def with_(self, **changes: ScalarPrior) -> Priors:
        """A copy with some priors replaced, by pooled parameter name.

        Raises
        ------
        InputError
            When a name is not a parameter of this set.
        """
        unknown = sorted(set(changes) - set(self.parameters))
        if unknown:
            raise InputError(
                f"prior for unknown parameter(s) {', '.join(unknown)}",
                f"names among {', '.join(self.parameters)}",
                "Check the spelling; pooled names start with log_.",
                code="unknown_parameter",
            )
        return replace(
            self, parameters={**self.parameters, **changes}, name=f"{self.name}, changed", moments=None
        )

    def joint(self, names: Sequence[str], n_mean: int) -> tuple[FloatArray, FloatArray]:
        """Mean (H,) and Cholesky factor (H, H) of the normal prior of the population as one vector.

        The vector holds the locations of the named parameters, the logs of their spreads, and the numbers
        below the diagonal of the correlation factor of the first ``n_mean``, row by row.
        """
        if self.moments is not None:
            return self.moments.arrays()
        chosen = [self.parameters[name] for name in names]
        n_below = n_mean * (n_mean - 1) // 2
        location = [p.location for p in chosen] + [math.log(p.spread) for p in chosen] + [0.0] * n_below
        sd = [p.location_sd for p in chosen] + [math.log(p.spread_factor) for p in chosen]
        return np.array(location), np.diag(sd + [self.correlation_sd] * n_below)

    def describe(self) -> str:
        """One line for each parameter: its prior for a new family in natural units, and why."""
        lines = [f"Priors ({self.name}); intervals hold 95 % of new families"]
        for name, prior in self.parameters.items():
            lower, upper = prior.natural_interval() if name.startswith("log_") else prior.interval()
            lines.append(f"  {name.removeprefix('log_'):16s} {lower:9.3g} to {upper:9.3g}   {prior.reason}")
        return "\n".join(lines)

    __str__ = describe
