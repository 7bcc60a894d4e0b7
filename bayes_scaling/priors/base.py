"""Population priors as plain, printable data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from bayes_scaling.errors import InputError


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
class Priors:
    """The priors of one model: one :class:`ScalarPrior` for each family-level parameter.

    Attributes
    ----------
    parameters : mapping of str to ScalarPrior
        By pooled parameter name, e.g. ``"log_alpha"``; ``"log_run_sd"`` and ``"log_discrepancy_sd"`` are the
        residual's scales.
    correlation_eta : float
        Shape of the LKJ prior of the correlations between the law parameters of a family; 1 is uniform,
        larger pulls to independence.
    name : str
        What the set is called in printed descriptions.
    """

    parameters: Mapping[str, ScalarPrior]
    correlation_eta: float = 2.0
    name: str = "custom"

    def __post_init__(self) -> None:
        if not self.correlation_eta > 0:
            raise InputError(
                f"correlation_eta = {self.correlation_eta}",
                "a positive number",
                "Write 1 for a uniform prior of correlations, more to pull them to zero.",
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
        return replace(self, parameters={**self.parameters, **changes}, name=f"{self.name}, changed")

    def describe(self) -> str:
        """One line for each parameter: its prior for a new family in natural units, and why."""
        lines = [f"Priors ({self.name}); intervals hold 95 % of new families"]
        for name, prior in self.parameters.items():
            lower, upper = prior.natural_interval() if name.startswith("log_") else prior.interval()
            lines.append(f"  {name.removeprefix('log_'):16s} {lower:9.3g} to {upper:9.3g}   {prior.reason}")
        return "\n".join(lines)

    __str__ = describe
