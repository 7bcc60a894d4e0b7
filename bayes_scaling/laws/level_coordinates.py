"""Coordinates for laws whose first parameter only shifts the log loss: the level in the middle takes its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bayes_scaling.laws.base import Array, HasEndpointCoordinates, Law


class HasLevelCoordinates(Law, HasEndpointCoordinates):
    """A law ``ln L = first parameter + shape(other parameters; inputs)``, stated by its ln L in the middle.

    Data fix the level where they lie to a fraction of a per cent, and the first parameter, the level at a
    reference point or in a limit, only together with all others. The other parameters are coordinates as
    they are, so that the map has the Jacobian one.
    """

    def from_endpoints(
        self, xp: Any, coordinates: Sequence[Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> tuple[dict[str, Array], Array]:
        """Parameters from (ln L in the middle, all parameters but the first)."""
        first, *others = self.parameter_names
        params = dict(zip(others, coordinates[1:], strict=True))
        scale = coordinates[0] - self._shape_in_the_middle(xp, params, coordinates[0], ends)
        return {first: scale, **params}, 0.0 * coordinates[0]

    def to_endpoints(
        self, xp: Any, params: Mapping[str, Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> list[Array]:
        """The coordinates of :meth:`from_endpoints` that give these parameters."""
        first, *others = self.parameter_names
        shape = self._shape_in_the_middle(xp, params, params[first], ends)
        return [params[first] + shape, *(params[name] for name in others)]

    def _shape_in_the_middle(
        self,
        xp: Any,
        params: Mapping[str, Array],
        level: Array,
        ends: Mapping[str, tuple[Array, Array, Array]],
    ) -> Array:
        middle = {name: ends[name][2] for name in self.inputs}
        return self.log_loss(xp, {**params, self.parameter_names[0]: 0.0 * level}, middle)
