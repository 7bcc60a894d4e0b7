"""How the No-U-Turn Sampler runs: how long, how carefully, with which engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from numbers import Integral
from typing import Any

from bayes_scaling.errors import InputError, require_one_of

SAMPLERS = ("nutpie", "pymc")

Progress = Callable[[int, int, int], None]
"""Called with draws done, draws in all and divergences so far, warm-up included."""


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

    draws: int = 850
    tune: int = 250
    chains: int = 4
    cores: int | None = None
    target_accept: float = 0.96
    sampler: str = "nutpie"

    def __post_init__(self) -> None:
        counts = {"draws": self.draws, "tune": self.tune, "chains": self.chains}
        for name, count in counts.items() if self.cores is None else (*counts.items(), ("cores", self.cores)):
            require_count(name, count, 1)
        if not (math.isfinite(self.target_accept) and 0 < self.target_accept < 1):
            raise InputError(
                f"target_accept = {self.target_accept!r}",
                "a rate between 0 and 1",
                "Take 0.96, or 0.99 when transitions diverge.",
                code="bad_argument",
            )
        require_one_of(self.sampler, SAMPLERS, f"sampler {self.sampler!r}", "unknown_sampler")


FEW_FAMILIES, FEW_FAMILIES_THIN = 12, 3
"""Below this number of families the fast path keeps every third sweep: a population is slow when few hold it."""

TUNE = 20
"""Sweeps of the fast path before draws are kept."""

WIDE_TUNE, WIDE_THIN = 120, 3
"""The same, and sweeps a draw, for a law that data leave partly open, a `weakly_identified` one."""


@dataclass(frozen=True)
class LaplaceSettings:
    """Number and length of the fast path's chains.

    Attributes
    ----------
    draws : int
        Draws kept of each chain.
    tune : int, optional
        Sweeps before, and a third as many after the coordinates are made anew; by default 20, and 120 for a law that
        data leave partly open.
    chains : int
        Chains moved at once by the same array operations.
    thin : int, optional
        Sweeps for each draw kept; by default one, and three for a table of few families, whose population is slow, and
        for a law that data leave partly open.

    Raises
    ------
    InputError
        When a value is not a whole number of at least one, or there are fewer than four chains.
    """

    draws: int = 32
    tune: int | None = None
    chains: int = 64
    thin: int | None = None

    def __post_init__(self) -> None:
        for name, lowest in (("draws", 1), ("tune", 1), ("chains", 4), ("thin", 1)):
            if getattr(self, name) is not None:
                require_count(name, getattr(self, name), lowest)

    def sweeps_before(self, is_wide: bool) -> int:
        """Sweeps before draws are kept, for a law that data leave partly open or not."""
        if self.tune is not None:
            return self.tune
        return WIDE_TUNE if is_wide else TUNE

    def sweeps_a_draw(self, n_families: int, is_taught: bool, is_wide: bool) -> int:
        """Sweeps for each draw kept of a table of so many families, under a population that others taught or not.

        `is_wide` is for a law that data leave partly open.
        """
        if self.thin is not None:
            return self.thin
        if is_wide:
            return WIDE_THIN
        return 1 if is_taught or n_families >= FEW_FAMILIES else FEW_FAMILIES_THIN


Settings = NutsSettings | LaplaceSettings
METHODS: Mapping[str, type[Settings]] = {"nuts": NutsSettings, "laplace": LaplaceSettings}
"""Ways of drawing by name, with what can be set of each."""


def settings_for(method: str, options: Mapping[str, Any]) -> Settings:
    """Settings of a method from options by name, as a user gives them to ``model.fit``.

    Raises
    ------
    InputError
        When the method is unknown, has no setting of some name, or a value is out of range.
    """
    require_one_of(method, METHODS, f"method {method!r}", "unknown_method")
    known = [field.name for field in fields(METHODS[method])]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise InputError(
            f"setting(s) {', '.join(unknown)} of method {method!r}",
            f"names among {', '.join(known)}",
            "Check the spelling.",
            code="bad_argument",
        )
    return METHODS[method](**options)


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
