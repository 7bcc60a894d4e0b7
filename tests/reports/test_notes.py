from __future__ import annotations

from bayes_scaling.errors import Finding, Findings, Severity
from bayes_scaling.reports.notes import Note, gather_notes


def few(family, severity=Severity.WARNING):
    return Finding("few_sizes", severity, "three sizes", "Add one.", family)


def test_the_same_thing_about_several_families_is_said_once():
    assert gather_notes(Findings((few("a"), few("b"), few("a")))) == (
        Note("few_sizes", Severity.WARNING, "three sizes", "Add one.", ("a", "b")),
    )


def test_grave_notes_come_first_and_others_keep_their_order():
    general = Finding("r_hat", Severity.ERROR, "R-hat is 1.2", "Draw longer.")
    notes = gather_notes(Findings((few("a", Severity.INFO), few("b"), general)))

    assert [note.severity for note in notes] == [Severity.ERROR, Severity.WARNING, Severity.INFO]
    assert notes[0].families == ()


def test_no_findings_give_no_notes():
    assert gather_notes(Findings()) == ()
