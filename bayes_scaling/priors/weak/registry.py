"""The weak priors of each law by name, those of the package and those that a user adds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bayes_scaling.errors import InputError
from bayes_scaling.laws import Law
from bayes_scaling.priors.base import Priors, ScalarPrior
from bayes_scaling.priors.weak import (
    chinchilla,
    compute,
    farseer,
    kaplan_nd,
    kaplan_ns,
    kaplan_single,
    learning_curves,
    loss_to_error,
    multiplicative,
    overtrain,
    power_sum,
    precision,
    repeat_data,
    schedules,
    tied,
)
from bayes_scaling.priors.weak.residual import RESIDUAL, SCHEDULE

_FILES: Final = (
    chinchilla,
    compute,
    farseer,
    kaplan_nd,
    kaplan_ns,
    kaplan_single,
    loss_to_error,
    multiplicative,
    overtrain,
    power_sum,
    tied,
    learning_curves,
    precision,
    repeat_data,
    schedules,
)

_BY_LAW: dict[str, Mapping[str, ScalarPrior]] = {
    name: priors for file in _FILES for name, priors in file.PRIORS.items()
}
"""By law: a prior for each of its parameters, and for a residual scale where the usual one does not fit."""


def weak_priors(law: Law, *, schedule: bool = True) -> Priors:
    """Return the weak population priors of a law and of the residual around it.

    Raises
    ------
    InputError
        When no priors are known for the law; a user's own law brings its own.
    """
    if law.name not in _BY_LAW:
        raise InputError(
            f"law {law.name!r} has no weak priors",
            f"one of {', '.join(_BY_LAW)}",
            "Register them with register_weak_priors(law, {...}), one ScalarPrior for each of the law's parameters,"
            " or hand a model Priors({...}) that hold those of `log_run_sd`, `log_discrepancy_sd` and, unless"
            " schedule=False, `schedule_gap` too.",
            code="no_priors",
        )
    gap = SCHEDULE if schedule else {}
    own = _BY_LAW[law.name]
    in_law = {name: own[name] for name in law.parameter_names}
    around = {name: own.get(name, prior) for name, prior in {**gap, **RESIDUAL}.items()}
    return Priors({**in_law, **around}, name=f"weak, {law.name}")


def register_weak_priors(law: Law, priors: Mapping[str, ScalarPrior]) -> None:
    """Make a user's priors those of a law: one for each of its parameters.

    Parameters
    ----------
    law : Law
    priors : mapping of str to ScalarPrior
        By pooled parameter name. ``log_run_sd``, ``log_discrepancy_sd`` and ``schedule_gap`` may be there too,
        when the usual ones do not fit the law.

    Raises
    ------
    InputError
        When a parameter has none, a name is not known, or the law comes with the package.
    """
    missing = [name for name in law.parameter_names if name not in priors]
    surplus = sorted(set(priors) - {*law.parameter_names, *RESIDUAL, *SCHEDULE})
    shipped = any(law.name in file.PRIORS for file in _FILES)
    if missing or surplus or shipped:
        problem = "comes with priors" if shipped else f"lacks {missing} or does not know {surplus}"
        raise InputError(
            f"priors for law {law.name!r}, which {problem}",
            f"one for each of {', '.join(law.parameter_names)}",
            "Correct the names; to change priors of a shipped law, use weak_priors(law).with_(...).",
            code="bad_prior",
        )
    _BY_LAW[law.name] = MappingProxyType(dict(priors))
