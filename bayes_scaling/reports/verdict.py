"""The one sentence that a calibration report opens with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bayes_scaling.errors import Severity
from bayes_scaling.evaluation import BacktestResult
from bayes_scaling.evaluation.groups import ALL_FAMILIES
from bayes_scaling.reports.wording import error_percent, listing, percent, percent_range, plural

LEVEL = 0.9
"""Nominal coverage of the interval on which a back-test is judged."""

_TOO_VAGUE = 0.4  # a band this wide cannot tell an honest interval from one that misses every third truth


@dataclass(frozen=True)
class Verdict:
    """A judgement in words.

    Attributes
    ----------
    sentence : str
        What was found, with its figures.
    detail : str
        What that means, or what else a reader should know first.
    severity : Severity
        Whether it asks for a second look.
    is_too_narrow : bool
        True when the intervals promise more than they hold, beyond what chance explains.
    """

    sentence: str
    detail: str
    severity: Severity
    is_too_narrow: bool = False


def judge_backtest(result: BacktestResult) -> Verdict:
    """Return the verdict on the 90 % intervals of a back-test, and the size of the typical error beside it.

    Intervals are called too narrow or too wide only where the promised share lies outside the band around the
    observed one, so chance alone does not decide.
    """
    table = result.coverage().table
    row = table.loc[np.isclose(table["nominal"], LEVEL)].iloc[0]
    n_failed = result.summary["n_failed_families"]
    if n_failed == result.summary["n_families"]:
        return Verdict("Not one forecast came back.", "The notes below may say why.", Severity.ERROR)
    error = _compare_errors(result.summary)
    if np.isnan(row["observed"]):
        return Verdict("These forecasts have no intervals, so there is no promise.", error, Severity.WARNING)
    if n_failed:
        families = plural(n_failed, "family", "families")
        error = f"{families} got no forecast at all and no share in these figures. {error}"
    is_too_narrow = bool(row["band_high"] < LEVEL)
    severity = Severity.WARNING if is_too_narrow or n_failed else Severity.INFO
    return Verdict(f"{_say_share(row)}: {_compare_with_promise(row)}.", error, severity, is_too_narrow)


def judge_groups(groups: pd.DataFrame) -> str:
    """Return the sentences that say in which groups the 90 % intervals are too narrow or too wide.

    As in :func:`judge_backtest`, a group is named only where the promised share lies outside its band.

    Parameters
    ----------
    groups : DataFrame
        As :func:`~bayes_scaling.evaluation.score_groups` makes it; groups without intervals are passed over.
    """
    known = groups[groups["coverage90"].notna() & (groups["group"] != ALL_FAMILIES)]
    narrow = known.loc[known["coverage90_high"] < LEVEL, "group"].tolist()
    wide = known.loc[known["coverage90_low"] > LEVEL, "group"].tolist()
    said = [
        f"{judgement} in {len(found)} of {plural(len(known), 'group')}: {listing(found)}."
        for judgement, found in (("Too narrow", narrow), ("Wider than they need to be", wide))
        if found
    ]
    return " ".join(
        said or ["In no group do the intervals break their promise, as far as its families can tell."]
    )


def _say_share(row: pd.Series) -> str:
    points = plural(row["n_rows"], "held-out checkpoint")
    families = plural(row["n_families"], "family", "families")
    covered, band = percent(row["observed"]), percent_range(row["band_low"], row["band_high"])
    return f"The {percent(LEVEL)} interval covered {covered} of {points} from {families} (band {band})"


def _compare_with_promise(row: pd.Series) -> str:
    if row["band_high"] < LEVEL:
        return "too narrow, the forecasts claim to know more than they do"
    if row["band_low"] > LEVEL:
        return "wider than it needs to be, the forecasts know more than they claim"
    if row["band_high"] - row["band_low"] > _TOO_VAGUE:
        return "no sign of a broken promise, but too few families to be sure of it"
    return "it keeps its promise, as far as this many families can tell"


def _compare_errors(summary: Mapping[str, Any]) -> str:
    typical = f"In the typical family the median forecast was off by {error_percent(summary['are_median'])}"
    others = {name: each["are_median"] for name, each in summary["baselines"].items()}
    known = {name: error for name, error in others.items() if error is not None}
    if not known:
        return f"{typical}."
    best = min(known, key=known.__getitem__)
    return f"{typical}; the best baseline, {best}, was off by {error_percent(known[best])}."
