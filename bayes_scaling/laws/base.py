"""What every law is: a formula in log space with declared inputs and parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

Array = Any
"""Whatever the array namespace handed to a law works on: ndarray, DataArray, TensorVariable, jax.Array."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a law on the scale on which families are pooled.

    Attributes
    ----------
    name : str
        Name on the pooled (unconstrained) scale, e.g. ``"log_alpha"``.
    symbol : str
        The paper's symbol in LaTeX.
    meaning : str
        What it is, in a short clause with its unit.
    natural : str
        Name on the natural scale, e.g. ``"alpha"``.
    transform : {"exp", "identity"}
        How the natural value comes from the pooled one.
    relative_to_scale : bool
        True when the value is free of the family's unit of loss, so that families with different tokenizers
        can share it.
    is_share : bool
        True when the value compares parts of a loss, such as a term with the floor: what is measured in another way
        than by nats per token of text may have other proportions.
    """

    name: str
    symbol: str
    meaning: str
    natural: str
    transform: Literal["exp", "identity"] = "exp"
    relative_to_scale: bool = True
    is_share: bool = False


class Law(ABC):
    """A scaling law: the loss of a model as a function of what was spent on it.

    Subclasses set the class attributes and write :meth:`log_loss` once, in log space, with functions of the
    namespace ``xp`` only.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    equation: ClassVar[str]
    citation: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]]
    parameters: ClassVar[tuple[Parameter, ...]]
    assumptions: ClassVar[Mapping[str, Any]] = {}
    """What a model around this law assumes unless the user says otherwise: fields of the model's description.

    ``basis`` is given as a mapping of the fields that differ from the default.
    """
    rises_with: ClassVar[tuple[str, ...]] = ()
    """Inputs of which more may raise the loss; in all others the law falls or stays."""
    weakly_identified: ClassVar[bool] = False
    """Whether usual data leave some parameters to the population, as the slope behind a break that no run has reached.

    The fast path then looks further, and takes longer.
    """

    @abstractmethod
    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Natural logarithm of the loss predicted by the law.

        Parameters
        ----------
        xp : module
            Array namespace with ``exp``, ``log``, ``logaddexp`` and ``maximum``.
        params : mapping of str to array
            One array for each of :attr:`parameters`, by pooled name.
        inputs : mapping of str to array
            One array for each of :attr:`inputs`, natural units; broadcast against the parameters.

        Returns
        -------
        array
            ln(loss), in the log of the family's unit of loss.
        """

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Pooled names of the parameters, in order."""
        return tuple(parameter.name for parameter in self.parameters)

    def __repr__(self) -> str:
        return f"<law {self.name}: {self.equation}>"


class HasClosedFormOptimum(ABC):
    """A law whose compute-optimal split between parameters and tokens has a closed form."""

    @abstractmethod
    def optimal_n_params(self, xp: Any, params: Mapping[str, Array], flops: Array) -> Array:
        """Parameters of the model with the lowest loss at a budget in FLOPs (6 a parameter and token)."""


class HasPowerLawTail(ABC):
    """A law that ends in a power of some of its inputs, as each grows alone."""

    @abstractmethod
    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """By input x, the limit of ``-d ln(L - L(x = infinity)) / d ln x`` for large x, the other inputs held."""


class HasEndpointCoordinates(ABC):
    """A law that can also be stated by its loss in the middle of a family's data and between their two ends.

    Data fix the level and the drop between the ends far better than they fix any parameter, and along a
    curved ridge of the parameters. In these coordinates the two directions are straight, which is what a
    sampler needs.
    """

    @abstractmethod
    def from_endpoints(
        self, xp: Any, coordinates: Sequence[Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> tuple[dict[str, Array], Array]:
        """Pooled parameters, and the log of the absolute Jacobian determinant of the map to them.

        Parameters
        ----------
        xp : module
            Array namespace.
        coordinates : sequence of array
            As many real numbers as the law has parameters.
        ends : mapping of str to (low, high, middle)
            For each input of the law, its values at the low end, the high end and in the middle; at least one
            input differs between the ends.
        """

    @abstractmethod
    def to_endpoints(
        self, xp: Any, params: Mapping[str, Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> list[Array]:
        """The coordinates that give these parameters: the inverse of :meth:`from_endpoints`."""

    def for_gradients(self) -> Self:
        """The same law in coordinates for samplers that follow gradients; these, where they suit all samplers."""
        return self
