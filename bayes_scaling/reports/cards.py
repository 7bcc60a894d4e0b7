"""Key figures at the head of a report: a name, a large value, and a note on what to compare it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bayes_scaling.reports.wording import duration, number


@dataclass(frozen=True)
class Card:
    """One key figure.

    Attributes
    ----------
    name : str
        What it is.
    value : str
        The figure as text, with its unit.
    note : str, default ""
        What would be good, or what it means.
    is_alarming : bool, default False
        True when the value asks for a second look.
    """

    name: str
    value: str
    note: str = ""
    is_alarming: bool = False


_DIAGNOSTICS = (
    ("r_hat_max", "largest R-hat", "{:.3f}".format, "1.01 or less: the chains agree"),
    ("ess_min", "smallest ESS", number, "independent draws, worst parameter"),
    ("n_divergent", "divergences", number, "should be 0"),
    ("fit_seconds", "time to fit", duration, "on the machine that made this page"),
)


def diagnostic_cards(diagnostics: Mapping[str, float | None]) -> tuple[Card, ...]:
    """Return one card per sampler diagnostic that is known, in a fixed order.

    Parameters
    ----------
    diagnostics : mapping of str to float
        Any of ``r_hat_max, ess_min, n_divergent, fit_seconds`` (seconds); others are left out.
    """
    known = [
        (name, show, note, diagnostics[key]) for key, name, show, note in _DIAGNOSTICS if key in diagnostics
    ]
    return tuple(Card(name, show(value), note) for name, show, note, value in known if value is not None)
