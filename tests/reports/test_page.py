from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from bayes_scaling import reports
from bayes_scaling.plots import Colour
from bayes_scaling.reports import write_report
from bayes_scaling.reports.page import render_page
from bayes_scaling.reports.svg import css_name

STYLE = (Path(reports.__file__).parent / "templates" / "style.css").read_text()


def test_text_is_escaped():
    page = render_page("page.html", title="<b>&", versions={"numpy": "<2>"})

    assert "<h1>&lt;b&gt;&amp;</h1>" in page
    assert "numpy &lt;2&gt;" in page


def test_a_forgotten_value_is_an_error():
    with pytest.raises(UndefinedError, match="title"):
        render_page("page.html", versions={})


def test_the_page_knows_every_colour_of_the_figures_by_day_and_by_night():
    page = render_page("page.html", title="", versions={})
    by_night = STYLE[STYLE.index("prefers-color-scheme: dark") :]

    assert all(f"--{css_name(colour)}: {colour.value};" in page for colour in Colour)
    assert all(f"--{css_name(colour)}: #" in by_night for colour in Colour)


def test_the_page_forbids_itself_to_fetch_anything():
    policy = re.search(
        r'Content-Security-Policy" content="([^"]*)"', render_page("page.html", title="", versions={})
    )

    assert policy is not None
    assert policy[1].startswith("default-src 'none';")


def test_a_report_is_written_with_its_folders(tmp_path):
    path = write_report(tmp_path / "new" / "report.html", "<p>Ünïcödé 🦙</p>\n")

    assert path.read_bytes() == "<p>Ünïcödé 🦙</p>\n".encode()
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]


def test_a_report_replaces_an_earlier_one(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")

    assert write_report(str(path), "new").read_text() == "new"


def test_a_failed_write_leaves_the_earlier_report_alone(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(path, "new")

    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_letters_that_no_file_can_hold_are_replaced(tmp_path):
    assert write_report(tmp_path / "report.html", "a\ud800b").read_text() == "a?b"
