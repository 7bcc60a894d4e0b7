from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bayes_scaling.errors import Findings, Severity
from bayes_scaling.reports import render_fit_report
from tests.reports.made_up import ODD_NAMES
from tests.reports.reading import Page


@pytest.fixture(scope="module")
def html(fit_html):
    return fit_html


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_the_verdict_comes_first(html, page, fit_summary):
    assert page.words.index(fit_summary.verdict) < page.words.index("What to keep in mind")
    assert '<div class="verdict info"' in html


def test_a_fit_not_to_trust_is_marked(fit_summary):
    html = render_fit_report(
        replace(fit_summary, severity=Severity.ERROR, verdict="R-hat is 1.3: do not trust.")
    )

    assert '<div class="verdict error"' in html


def test_key_figures_are_totals_and_diagnostics(page):
    assert "families 5 runs 25 185 checkpoints sizes 70M–6.9B parameters lengths 3B–300B tokens" in page.words
    assert "largest R-hat 1.004" in page.words
    assert "time to fit 83 s" in page.words


def test_a_finding_about_two_families_is_said_once(page):
    assert page.words.count("three sizes only.") == 1
    assert f"few_sizes {ODD_NAMES[0]} and Pythia" in page.words


def test_each_parameter_and_each_curve_has_its_figure(page):
    assert {"prior-posterior", "parameter-0", "parameter-1", *(f"curves-{n}" for n in range(4))} <= set(
        page.ids
    )


def test_population_and_runs_are_tables(page):
    assert "alpha exponent of model size 0.28 0.35 0.43" in page.words
    assert "GPT-3 5 5 70M–6.9B 300B" in page.words


def test_the_parts_that_mattered_are_a_table_in_per_cent(page):
    assert "Which parts of the model mattered" in page.words
    assert re.search(r"law what the law explains 11.0\s%", page.words)


def test_the_model_is_printed_in_words(html, fit_summary):
    assert "partially pooled &lt;in log space&gt;" in html


def test_the_page_stands_on_its_own(page):
    assert page.addresses == ["data:,"]
    assert len(set(page.ids)) == len(page.ids)
    assert page.anchors <= set(page.ids)


def test_parameters_below_zero_are_drawn_too(fit_summary):
    numbers = fit_summary.population.drop(columns="meaning")
    html = render_fit_report(replace(fit_summary, population=-numbers, prior=-2 * numbers))

    assert 'id="prior-posterior"' in html


def test_only_what_is_there_is_shown(fit_summary):
    nothing = {
        "families": {},
        "findings": Findings(),
        "prior": None,
        "parts": None,
        "diagnostics": {},
        "curves": (),
    }
    bare = replace(fit_summary, **nothing)
    html = render_fit_report(bare)

    assert re.findall("<h2>(.*?)</h2>", html) == ["What was learned", "The runs behind it", "The model"]
    assert "<figure" not in html
