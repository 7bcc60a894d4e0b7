"""Findings as a reader wants them: each thing said once, the grave ones first."""

from __future__ import annotations

from dataclasses import dataclass

from bayes_scaling.errors import Findings, Severity

_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Note:
    """One finding with all the families that it was made about.

    Attributes
    ----------
    code, severity, message, advice
        As in :class:`~bayes_scaling.errors.Finding`.
    families : tuple of str
        The families concerned; empty when it concerns all of them at once.
    """

    code: str
    severity: Severity
    message: str
    advice: str
    families: tuple[str, ...] = ()


def gather_notes(findings: Findings) -> tuple[Note, ...]:
    """Return one note for findings that differ in their family only, errors first, then warnings."""
    families: dict[tuple[str, Severity, str, str], list[str]] = {}
    for item in findings:
        concerned = families.setdefault((item.code, item.severity, item.message, item.advice), [])
        concerned.extend([item.family] if item.family else [])
    notes = (Note(*said, tuple(dict.fromkeys(concerned))) for said, concerned in families.items())
    return tuple(sorted(notes, key=lambda note: _GRAVITY[note.severity]))
