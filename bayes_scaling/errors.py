"""The exceptions a user can meet, and the coded findings that checks return.

Nothing else in the package is imported here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class BayesScalingError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(BayesScalingError, ValueError):
    """The input cannot be used as given.

    Parameters
    ----------
    given : str
        What was found, with the rows or names concerned.
    expected : str
        What would have been right.
    advice : str
        What the user can do about it.
    code : str, default "bad_input"
        Stable short name of the problem, for tests and scripts.

    Notes
    -----
    The command line prints the message on one line and exits with code 2.
    """

    def __init__(self, given: str, expected: str, advice: str, *, code: str = "bad_input") -> None:
        self.given, self.expected, self.advice, self.code = given, expected, advice, code
        super().__init__(f"{given}; expected {expected}. {advice}")


def require_one_of(value: object, choices: Collection[str], given: str, code: str) -> None:
    """Pass when a value is one of the choices, which the error for another one lists.

    Parameters
    ----------
    value : object
    choices : collection of str
        Names, in the order in which they are listed.
    given : str
        What was given, for the message.
    code : str
        Of the error.

    Raises
    ------
    InputError
    """
    if value not in choices:
        raise InputError(given, f"one of {', '.join(choices)}", "Choose one of these.", code=code)


class DataUnavailableError(BayesScalingError):
    """A public data set cannot be had from cache, mirror or origin; the message names the ways to get it."""


class InferenceError(BayesScalingError):
    """No posterior could be drawn; the message names the step that failed and what to try."""


class Severity(StrEnum):
    """How much a finding matters: good to know, worth a look, or a reason not to trust the result."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One coded observation about a table or a fit, with advice.

    Attributes
    ----------
    code : str
        Stable short name, e.g. ``"too_few_sizes"`` or ``"r_hat"``.
    severity : Severity
        How much it matters.
    message : str
        What was seen, with figures.
    advice : str
        What can be done about it.
    family : str or None
        The family concerned; None when it concerns the whole table or fit.
    """

    code: str
    severity: Severity
    message: str
    advice: str
    family: str | None = None

    def __str__(self) -> str:
        where = f" [{self.family}]" if self.family else ""
        return f"{self.severity.value}: {self.code}{where}: {self.message}. {self.advice}"


@dataclass(frozen=True)
class Findings(Sequence[Finding]):
    """An immutable list of findings that prints one line each and knows its worst severity."""

    items: tuple[Finding, ...] = field(default_factory=tuple)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]  # int or slice, as in any sequence
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in order, one for each finding."""
        return tuple(item.code for item in self.items)

    @property
    def has_errors(self) -> bool:
        """True when at least one finding says not to trust the result."""
        return any(item.severity is Severity.ERROR for item in self.items)

    def __str__(self) -> str:
        return "\n".join(str(item) for item in self.items) or "no findings"

    __repr__ = __str__
