"""The run that a user wants to know about before paying for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.inference import Posterior
from bayes_scaling.names import FAMILY, FLOPS, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, RUN
from bayes_scaling.prediction import make_points
from bayes_scaling.runs.compute import training_flops


@dataclass(frozen=True)
class Target:
    """A run that has not been trained.

    Attributes
    ----------
    family : str
    n_params, n_tokens : float
    flops : float
        Training compute; 6 N D unless it was given.
    inputs : mapping of str to Any
        Further columns, for laws that need them.
    """

    family: str
    n_params: float
    n_tokens: float
    flops: float
    inputs: Mapping[str, Any] = field(default_factory=dict)


def read_target(
    posterior: Posterior, target: Mapping[str, Any] | pd.DataFrame, family: str | None = None
) -> Target:
    """A target from a mapping with ``n_params`` and ``n_tokens``, or from a frame of one row.

    Parameters
    ----------
    posterior : Posterior
    target : mapping or DataFrame
        May name ``family``, ``flops`` and other inputs too.
    family : str, optional
        Needed unless the target names one or the fit has only one.

    Raises
    ------
    InputError
        When there is not exactly one point, it is no positive number, or no family is named.
    """
    frame = target.reset_index(drop=True) if isinstance(target, pd.DataFrame) else _one_row(target)
    if len(frame) != 1:
        raise InputError(
            f"a target of {len(frame)} rows",
            "one run",
            "Ask for one target at a time: advice for two is not the sum of theirs.",
            code="bad_target",
        )
    label = family or (str(frame[FAMILY][0]) if FAMILY in frame else _only_family(posterior))
    point = make_points(frame, family=label).iloc[0]
    size, tokens = float(point[N_PARAMS]), float(point[N_TOKENS])
    known = {FAMILY, RUN, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, FLOPS}
    inputs = {str(name): value for name, value in point.items() if name not in known}
    return Target(label, size, tokens, flops_of(point, size, tokens), inputs)


def flops_of(row: Mapping[str, Any] | pd.Series, n_params: float, n_tokens: float) -> float:
    """Training compute of a run: as given, else 6 N D (Kaplan et al. 2020, arXiv:2001.08361, sec. 2.1).

    Raises
    ------
    InputError
        When it is given and is no positive number.
    """
    given = row.get(FLOPS)
    if given is None or pd.isna(given):
        return float(training_flops(n_params, n_tokens))
    try:
        flops = float(given)
    except (TypeError, ValueError):
        flops = -1.0
    if not 0 < flops < float("inf"):
        raise InputError(
            f"flops = {given!r}",
            "a positive finite number",
            "Leave it out for 6 N D.",
            code="bad_point",
        )
    return flops


def _one_row(target: Mapping[str, Any]) -> pd.DataFrame:
    if not isinstance(target, Mapping):
        raise InputError(
            f"a target of type {type(target).__name__}",
            "dict(n_params=7e9, n_tokens=1.4e11), or a DataFrame of one row",
            "Write it so.",
            code="bad_target",
        )
    return pd.DataFrame([dict(target)])


def _only_family(posterior: Posterior) -> str:
    if len(posterior.families) == 1:
        return posterior.families[0]
    raise InputError(
        f"no family, and a fit of {len(posterior.families)}",
        "the label of the family whose runs the advice is for",
        "Add family=..., one of fit.families.",
        code="missing_point",
    )
