"""How the No-U-Turn Sampler runs: how long, how carefully, with which engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Integral
from typing import Any

from bayes_scaling.errors import InputError

SAMPLERS = ("nutpie", "pymc")


@dataclass(frozen=True)
class NutsSettings:
    """Length and care of a run of the No-U-Turn Sampler.

    Attributes
    ----------
    draws, tune, chains : int
        Draws kept of each chain, warm-up draws of each chain, number of chains.
    cores : int, optional
        Chains sampled at a time; default: one for each processor, at most the number of chains.
    target_accept : float
        Acceptance rate that the step size aims at; raise it when transitions diverge.
    sampler : {"nutpie", "pymc"}
        nutpie is faster; PyMC's own sampler is the second opinion, one chain after the other.

    Raises
    ------
    InputError
        When a value is out of range.
    """

    draws: int = 1000
    tune: int = 700
    chains: int = 4
    cores: int | None = None
    target_accept: float = 0.95
    sampler: str = "nutpie"

    def __post_init__(self) -> None:
        counts = {"draws": self.draws, "tune": self.tune, "chains": self.chains}
        for name, count in counts.items() if self.cores is None else (*counts.items(), ("cores", self.cores)):
            require_count(name, count, 1)
        if not (math.isfinite(self.target_accept) and 0 < self.target_accept < 1):
            raise InputError(
                f"target_accept = {self.target_accept!r}",
                "a rate between 0 and 1",
                "Take 0.95, or 0.99 when transitions diverge.",
                code="bad_argument",
            )
        if self.sampler not in SAMPLERS:
            raise InputError(
                f"sampler {self.sampler!r}",
                f"one of {', '.join(SAMPLERS)}",
                "Choose one of these.",
                code="unknown_sampler",
            )

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> NutsSettings:
        """Settings from options by name, as a user gives them to ``model.fit``.

        Raises
        ------
        InputError
            When there is no setting of some name, or a value is out of range.
        """
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(options) - set(known))
        if unknown:
            raise InputError(
                f"setting(s) {', '.join(unknown)}",
                f"names among {', '.join(known)}",
                "Check the spelling.",
                code="bad_argument",
            )
        return cls(**options)


def require_count(name: str, value: object, lowest: int) -> None:
    """Pass when a value is a whole number and large enough.

    Raises
    ------
    InputError
        With code ``"bad_argument"``.
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < lowest:
        raise InputError(
            f"{name} = {value!r}",
            f"a whole number of at least {lowest}",
            f"Correct {name}.",
            code="bad_argument",
        )
