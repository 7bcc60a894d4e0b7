from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from bayes_scaling.evaluation import run_backtest
from bayes_scaling.reports import ReportFigure, judge_backtest, render_backtest_report
from bayes_scaling.reports.backtest_figures import N_CURVES, largest_runs
from bayes_scaling.reports.wording import error_percent, signed_percent
from bayes_scaling.runs import RunTable
from tests.reports.made_up import ODD_NAMES, Guess, make_backtest, make_runs
from tests.reports.reading import Page

SECTIONS = [
    "Calibration",
    "Where the intervals hold",
    "Forecasts against what happened",
    "Is anything better?",
    "Some loss curves",
    "Every family",
    "What was held out",
    "How the fit went",
    "How to read this",
]


@pytest.fixture(scope="module")
def html(backtest_html):
    return backtest_html


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_the_verdict_comes_first(page, result):
    verdict = judge_backtest(result).sentence.replace("\u202f", " ")

    assert page.words.index(verdict) < page.words.index(SECTIONS[0])


def test_sections_stand_in_their_order(html):
    assert re.findall("<h2>(.*?)</h2>", html) == SECTIONS


def test_the_page_needs_nothing_else(page):
    assert page.addresses == ["data:,"]
    assert not {"script", "iframe", "img"} & set(page.tags)


def test_identifiers_are_unique_and_references_find_them(page):
    assert len(set(page.ids)) == len(page.ids)
    assert page.anchors <= set(page.ids)


def test_every_family_has_its_row_with_its_name_as_given(html, result):
    table = html[html.index("<h2>Every family</h2>") :]
    names = [Page(cell).words for cell in re.findall(r'<tr><td class="word">(.*?)</td>', table)]

    assert sorted(names) == sorted(" ".join(family.split()) for family in result.table["family"].unique())
    assert set(ODD_NAMES) <= set(names)


def test_every_method_is_compared(html, result):
    table = html[html.index('id="are-mean"') : html.index("<h2>Every family</h2>")]

    assert [*re.findall(r'<tr><td class="word">(.*?)</td>', table)] == [result.method.name, *result.baselines]


def rows_of(html: str, after: str) -> list[list[str]]:
    """The cells of the first table after some text, row by row."""
    start = html.index("<tbody>", html.index(after))
    body = html[start : html.index("</tbody>", start)]
    return [
        [Page(cell).words for cell in re.findall("<td.*?>(.*?)</td>", row)] for row in body.split("<tr>")[1:]
    ]


def test_methods_with_intervals_are_judged_side_by_side(html, result):
    ours, huber = rows_of(html, 'id="sharpness"')
    summary = result.summary

    assert [ours[0], huber[0]] == ["hierarchical", "huber-lbfgs"]
    for cells, each in ((ours, summary), (huber, summary["baselines"]["huber-lbfgs"])):
        assert cells[1:5] == [f"{100 * share:.0f} %" for share in each["coverage"].values()]
        assert cells[5:] == [
            error_percent(each[name]).replace("\u202f", " ") for name in ("width_mean", "interval_score_mean")
        ]


def test_errors_bias_and_log_score_of_every_method_are_told(html, result):
    ours, _, points = rows_of(html, 'id="are-mean"')

    assert ours[3] == signed_percent(result.summary["log_bias_mean"]).replace("\u202f", " ")
    assert ours[5] == f"{result.summary['log_score_mean']:.2f}"
    assert points[5] == "–"  # a point forecast has no density


def test_every_group_with_families_has_its_row_and_its_dot(html, result):
    shown = result.groups[result.groups["n_families"] > 0]
    rows = rows_of(html, 'id="groups"')
    figure = html[html.index('id="groups"') : html.index("</svg>", html.index('id="groups"'))]

    assert [row[0] for row in rows] == shown["group"].tolist()
    assert [label for label in result.groups["group"] if f">{label}<" in figure] == shown["group"].tolist()
    assert len(shown) < len(result.groups)
    for cells, (_, group) in zip(rows, shown.iterrows(), strict=True):
        assert cells[1] == str(group["n_families"])
        assert cells[4] == f"{100 * group['coverage90']:.0f} %"
        assert cells[-1] == signed_percent(group["bias"]).replace("\u202f", " ")


def test_a_group_of_repeated_data_that_fails_is_marked():
    frame = make_runs([f"f{place}" for place in range(24)]).frame
    repeats = frame.assign(
        n_unique_tokens=np.where(frame["family"].isin(["f0", "f1", "f2", "f4"]), 1e9, np.nan)
    )
    runs = RunTable.from_frame(repeats)
    honest = make_backtest(runs, 0.01, 0.03)
    missed = honest.table.assign(loss=np.where(honest.table["is_repeated"], 99.0, honest.table["loss"]))
    result = dataclasses.replace(honest, method=dataclasses.replace(honest.method, table=missed))
    html = render_backtest_report(result)

    assert "Too narrow in 1 of 5 groups: repeated epochs." in Page(html).words
    alarms = [row for row in html.split("<tr>") if "alarming" in row and "repeated epochs" in row]
    assert len(alarms) == 1


def test_key_figures_are_the_summary_s(page, result):
    shares = result.summary["coverage"]

    assert f"90 % interval covered {100 * shares['90']:.0f} %" in page.words
    assert f"50 % interval covered {100 * shares['50']:.0f} %" in page.words


def test_a_baseline_that_failed_on_some_rows_is_compared_on_the_others(page, result):
    same = result.summary["baselines"]["least-squares"]["on_same_rows"]
    error, crps = (f"{100 * same[name]:.1f} %" for name in ("are_mean", "crps_mean"))

    assert f"Where least-squares gave a forecast, hierarchical had a mean error of {error}" in page.words
    assert f"mean CRPS of {crps}." in page.words
    assert "Where huber" not in page.words


def test_families_left_whole_are_listed_with_the_reason(page):
    assert "single size (all runs have one size)" in page.words


def test_a_family_without_any_forecast_is_named():
    runs = make_runs(["a", "b", "c"])
    result = run_backtest(runs, Guess("gave up once", 0.01, 0.01, fails_on="b"))

    assert "No forecast came back for b:" in Page(render_backtest_report(result)).words


def test_the_rule_of_the_holdout_is_told():
    result = run_backtest(make_runs(["a", "b"]), Guess("new", 0.01, 0.01), holdout="family", n_given=2)

    assert "only its smallest 2 runs reached the fit" in Page(render_backtest_report(result)).words


def test_a_family_of_which_nothing_was_given_still_has_its_curves():
    runs = make_runs(["a", "b"])
    result = run_backtest(runs, Guess("blind", 0.01, 0.01), holdout="family", n_given=0)
    page = Page(render_backtest_report(result, runs=runs))

    assert sum(name.startswith("curves-") and name.endswith("figure_1") for name in page.ids) == 2


def test_loss_curves_run_from_the_best_forecast_to_the_worst(html, result):
    means = result.table.groupby("family")["are"].mean().sort_values()
    section = html[html.index("<h2>Some loss curves</h2>") : html.index("<h2>Every family</h2>")]
    shown = [Page(title).words for title in re.findall("<h3>(.*?)</h3>", section)]

    assert len(shown) == N_CURVES
    assert [shown[0], shown[-1]] == [means.index[0], means.index[-1]]


def test_a_method_without_intervals_has_a_report_of_its_own():
    result = run_backtest(make_runs(["a", "b"]), Guess("point", 0.01, 0.0, is_point=True))
    words = Page(render_backtest_report(result)).words

    assert "There are no intervals, so there is no promise to check." in words
    assert "Where the intervals hold" not in words
    assert "nan" not in words


def test_a_method_that_gave_nothing_has_a_report_that_says_so():
    runs = make_runs(["a"])
    result = run_backtest(runs, Guess("gave up", 0.01, 0.01, fails_on="a"))
    words = Page(render_backtest_report(result, runs=runs)).words

    assert "Not one forecast came back." in words
    assert "nan" not in words


def test_a_poor_method_is_marked(html):
    poor = render_backtest_report(make_backtest(make_runs([f"f{n}" for n in range(30)]), 0.05, 0.002))

    assert '<div class="verdict warning"' in poor
    assert '<div class="card alarming">' in poor
    assert '<div class="verdict info"' in html


def test_further_figures_are_shown(result):
    axes = Figure().subplots()
    axes.plot([1, 2], [1, 2])
    html = render_backtest_report(result, figures=[ReportFigure("mine", "One <more>", axes, "As drawn.")])

    assert '<figure id="mine">' in html
    assert "One &lt;more&gt;" in html


def test_the_same_result_gives_the_same_page(html, result, runs):
    assert render_backtest_report(result, runs=runs, title="Made-up families") == html


def test_sixty_families_fit_into_one_page():
    runs = make_runs([f"family {place}" for place in range(60)])
    page = Page(render_backtest_report(make_backtest(runs), runs=runs))

    assert all(f"family {place}" in page.words for place in range(60))


def test_a_family_is_shown_by_its_last_checkpoint_of_most_compute():
    table = pd.DataFrame(
        {
            "family": ["b", "b", "b", "A"],
            "n_params": [1.0, 2.0, 2.0, 1.0],
            "n_tokens": [9.0, 5.0, 3.0, 1.0],
            "loss": [1.0, 2.0, 3.0, np.nan],
        }
    )

    assert largest_runs(table)[["family", "n_tokens"]].to_numpy().tolist() == [["A", 1.0], ["b", 5.0]]
