"""The expected log loss of a checkpoint: a law, and how far an unfinished schedule keeps it above the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bayes_scaling.laws import HasEndpointCoordinates, Law, Parameter

SCHEDULE_GAP = "schedule_gap"
"""Family parameter: rise of log loss at the peak of the learning rate over a run whose rate has decayed."""

_SCHEDULE_GAP = Parameter(
    SCHEDULE_GAP,
    "g",
    "rise of log loss while the learning rate is at its peak",
    SCHEDULE_GAP,
    transform="identity",
)

SCHEDULE_LEVEL = "schedule_level"
"""Input: learning rate over its peak, 1 at the peak and 0 when it has decayed."""

Ends = Mapping[str, tuple[Any, Any, Any]]


@dataclass(frozen=True)
class MeanLoss:
    """ln loss = ln law + schedule gap x schedule level; without a schedule term, the law alone.

    Attributes
    ----------
    law : Law
    has_schedule : bool
        Whether the schedule term is there.
    """

    law: Law
    has_schedule: bool = True

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The law's parameters in order, then the schedule gap."""
        return (*self.law.parameters, *((_SCHEDULE_GAP,) if self.has_schedule else ()))

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Their pooled names."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def scales_with_unit(self) -> tuple[bool, ...]:
        """For each parameter, whether it is the log of a loss: it moves when the unit of loss does."""
        return tuple(
            not parameter.relative_to_scale and parameter.transform == "exp" for parameter in self.parameters
        )

    @property
    def shares_of_loss(self) -> tuple[bool, ...]:
        """For each parameter, whether it compares parts of a loss."""
        return tuple(parameter.is_share for parameter in self.parameters)

    @property
    def shapes_of_law(self) -> tuple[bool, ...]:
        """For each parameter, whether it is the log of what gives the law its shape: an exponent, a place, a speed."""
        return tuple(
            parameter.transform == "exp" and parameter.relative_to_scale and not parameter.is_share
            for parameter in self.parameters
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """What a checkpoint is described by."""
        return (*self.law.inputs, *((SCHEDULE_LEVEL,) if self.has_schedule else ()))

    def log_loss(self, xp: Any, params: Mapping[str, Any], inputs: Mapping[str, Any]) -> Any:
        """Expected ln loss, in the log of the family's unit of loss; arrays are broadcast as by the law."""
        log_loss = self.law.log_loss(xp, params, inputs)
        if not self.has_schedule:
            return log_loss
        return log_loss + params[SCHEDULE_GAP] * inputs[SCHEDULE_LEVEL]

    def from_coordinates(self, xp: Any, coordinates: list[Any], ends: Ends) -> tuple[list[Any], Any]:
        """Parameters in order from straight coordinates, and the log Jacobian; the identity for other laws."""
        if not isinstance(self.law, HasEndpointCoordinates):
            return coordinates, 0.0 * coordinates[0]
        count = len(self.law.parameters)
        params, log_jacobian = self.law.from_endpoints(xp, coordinates[:count], ends)
        return [*(params[name] for name in self.law.parameter_names), *coordinates[count:]], log_jacobian

    def to_coordinates(self, xp: Any, params: list[Any], ends: Ends) -> list[Any]:
        """Straight coordinates from parameters in order: the inverse of :meth:`from_coordinates`."""
        if not isinstance(self.law, HasEndpointCoordinates):
            return params
        count = len(self.law.parameters)
        named = dict(zip(self.law.parameter_names, params[:count], strict=True))
        return [*self.law.to_endpoints(xp, named, ends), *params[count:]]
