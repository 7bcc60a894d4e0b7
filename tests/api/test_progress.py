from __future__ import annotations

import pytest

from bayes_scaling.api import show_progress


@pytest.fixture
def terminal(monkeypatch):
    """Have standard error taken for a terminal."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_is_shown_how_far_it_is_on_standard_error(capfd, terminal):
    with show_progress("Sampling of families") as report:
        report(3, 10, 1)

    shown = capfd.readouterr()
    assert shown.out == ""
    assert "Sampling of families" in shown.err
    assert "1 divergences" in shown.err


def test_nothing_is_shown_unless_asked(capfd, terminal):
    with show_progress("Sampling", enabled=False) as report:
        assert report is None

    assert capfd.readouterr() == ("", "")


def test_nothing_is_written_into_a_file(capfd):
    with show_progress("Sampling") as report:
        assert report is None

    assert capfd.readouterr() == ("", "")
