"""The laws that can be asked for by name."""

from __future__ import annotations

from typing import Final

from bayes_scaling.errors import InputError
from bayes_scaling.laws.annealing import ANNEALING
from bayes_scaling.laws.base import Law
from bayes_scaling.laws.broken import BROKEN_1, BROKEN_2
from bayes_scaling.laws.chinchilla import CHINCHILLA
from bayes_scaling.laws.compute import COMPUTE
from bayes_scaling.laws.farseer import FARSEER
from bayes_scaling.laws.kaplan_nd import KAPLAN_ND
from bayes_scaling.laws.kaplan_ns import KAPLAN_NS
from bayes_scaling.laws.kaplan_single import KAPLAN_C, KAPLAN_D, KAPLAN_N
from bayes_scaling.laws.loss_to_error import LOSS_TO_ERROR
from bayes_scaling.laws.m1 import M1_LAW
from bayes_scaling.laws.m2 import M2_LAW
from bayes_scaling.laws.m3 import M3_LAW
from bayes_scaling.laws.m4 import M4_LAW
from bayes_scaling.laws.multi_power import MULTI_POWER
from bayes_scaling.laws.multiplicative import MULTIPLICATIVE
from bayes_scaling.laws.overtrain import OVERTRAIN
from bayes_scaling.laws.power_sum import POWER_SUM
from bayes_scaling.laws.precision import PRECISION
from bayes_scaling.laws.repeat_data import REPEAT_DATA
from bayes_scaling.laws.tied import TIED

_SHIPPED: Final[tuple[Law, ...]] = (
    ANNEALING,
    BROKEN_1,
    BROKEN_2,
    CHINCHILLA,
    COMPUTE,
    FARSEER,
    KAPLAN_C,
    KAPLAN_D,
    KAPLAN_N,
    KAPLAN_ND,
    KAPLAN_NS,
    LOSS_TO_ERROR,
    M1_LAW,
    M2_LAW,
    M3_LAW,
    M4_LAW,
    MULTIPLICATIVE,
    MULTI_POWER,
    OVERTRAIN,
    POWER_SUM,
    PRECISION,
    REPEAT_DATA,
    TIED,
)

_LAWS: dict[str, Law] = {law.name: law for law in _SHIPPED}


def list_laws() -> tuple[str, ...]:
    """Names of all registered laws, in alphabetical order."""
    return tuple(sorted(_LAWS))


def get_law(name: str | Law) -> Law:
    """The law registered under a name; a law object is handed back as it is.

    Raises
    ------
    InputError
        When no law of that name is registered; the message lists those that are.
    """
    if isinstance(name, Law):
        return name
    if name not in _LAWS:
        raise InputError(
            f"law {name!r} is not known",
            f"one of {', '.join(list_laws())}",
            "Register your own with register_law(law).",
            code="unknown_law",
        )
    return _LAWS[name]


def register_law(law: Law) -> Law:
    """Make a user's law available by its name, and hand it back.

    Raises
    ------
    InputError
        When the name is taken by another law.
    """
    if _LAWS.get(law.name, law) is not law:
        raise InputError(
            f"law name {law.name!r} is taken",
            "a new name",
            "Give your law another `name`.",
            code="law_exists",
        )
    _LAWS[law.name] = law
    return law
