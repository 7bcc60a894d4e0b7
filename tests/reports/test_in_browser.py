"""Reports as a browser shows them, and proof that the checks would notice one that is broken."""

from __future__ import annotations

import pytest

from bayes_scaling.reports import write_report
from tests.browser import run_browser
from tests.reports.made_up import ODD_NAMES

FIGURE = (
    '<figure id="good"><svg viewBox="0 0 99 99" width="99" height="99">'
    + "".join(f'<path d="M 0 {y} L 90 {y}" stroke="black"/>' for y in range(9))
    + '<text y="20">words</text></svg></figure>'
)
BROKEN = {
    "an empty figure": (
        '<figure id="bad"><svg width="99" height="99"></svg></figure>',
        "figure 'bad' is not rendered",
    ),
    "a figure without size": (FIGURE.replace('height="99"', 'height="0"'), "figure 'good' is not rendered"),
    "a hidden figure": (f'<div style="display:none">{FIGURE}</div>', "figure 'good' is not rendered"),
    "an unpainted figure": (FIGURE.replace('"black"', '"none" fill="none"'), "figure 'good' is not rendered"),
    "a picture from elsewhere": (
        '<img src="http://127.0.0.1:9999/a.png">',
        "asked for http://127.0.0.1:9999/a.png",
    ),
    "a style sheet from disk": ('<link rel="stylesheet" href="absent.css">', "absent.css"),
    "a fetch by a script": (
        "<script>fetch('http://127.0.0.1:9999/data')</script>",
        "asked for http://127.0.0.1:9999/",
    ),
    "an error in the console": ("<script>console.error('oh no')</script>", "oh no"),
    "an exception": ("<script>throw new Error('oh no')</script>", "exception: Uncaught"),
}


@pytest.fixture(scope="module")
def browser(chromium, tmp_path_factory):
    with run_browser(chromium, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def calibration(browser, backtest_html, tmp_path_factory):
    """A visit to the calibration report."""
    return browser.visit(write_report(tmp_path_factory.mktemp("calibration") / "report.html", backtest_html))


def test_a_calibration_report_is_rendered_without_complaint_or_request(calibration):
    assert calibration.problems == []
    assert calibration.requests[0] == calibration.url


def test_every_figure_of_a_calibration_report_is_there(calibration):
    names = [drawing.name for drawing in calibration.drawings]

    assert names[:4] == ["reliability", "pit", "sharpness", "groups"]
    assert names[4:7] == ["forecasts", "crps-mean", "are-mean"]
    assert sum(name.startswith("curves-") for name in names) == 6


def test_groups_and_methods_are_named_beside_their_dots(calibration):
    labels = {drawing.name: drawing.labels for drawing in calibration.drawings}

    assert {"hierarchical", "huber-lbfgs"} <= set(labels["sharpness"])
    assert {"all families", "2x to 5x in size", "trajectories", "final points"} <= set(labels["groups"])


def test_odd_names_are_read_as_they_are(calibration):
    labels = next(drawing.labels for drawing in calibration.drawings if drawing.name == "forecasts")

    assert {ODD_NAMES[0], ODD_NAMES[1], ODD_NAMES[4]} <= set(labels)
    assert any(label.startswith(ODD_NAMES[2][:8]) for label in labels)


def test_a_fit_report_is_rendered_without_complaint_or_request(browser, fit_html, tmp_path):
    visit = browser.visit(write_report(tmp_path / "report.html", fit_html))

    assert visit.problems == []
    assert len(visit.drawings) == 7


def test_a_whole_page_passes(browser, tmp_path):
    page = tmp_path / "whole.html"
    page.write_text(f'<!doctype html><link rel="icon" href="data:,">{FIGURE}')

    visit = browser.visit(page)

    assert visit.problems == []
    assert [drawing.name for drawing in visit.drawings] == ["good"]


@pytest.mark.parametrize(("body", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_broken_page_is_noticed(browser, tmp_path, body, problem):
    page = tmp_path / "broken.html"
    page.write_text(f'<!doctype html><link rel="icon" href="data:,">{body}')

    assert any(problem in found for found in browser.visit(page).problems)
