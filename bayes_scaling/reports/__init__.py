"""The order of sections and sentences in a report.

Contract: a report is one HTML text that needs nothing else, neither files nor a network. Every number in it
comes from a result object or is counted from its table; nothing is fitted here. ``render_`` returns the text,
:func:`write_report` puts it into a file in one step.
"""

from bayes_scaling.reports.advice import advice_sentences, advice_table
from bayes_scaling.reports.backtest import render_backtest_report
from bayes_scaling.reports.fit import FamilyCurves, FitSummary, render_fit_report
from bayes_scaling.reports.page import write_report
from bayes_scaling.reports.svg import ReportFigure, render_svg
from bayes_scaling.reports.verdict import Verdict, judge_backtest

__all__ = [
    "FamilyCurves",
    "FitSummary",
    "ReportFigure",
    "Verdict",
    "advice_sentences",
    "advice_table",
    "judge_backtest",
    "render_backtest_report",
    "render_fit_report",
    "render_svg",
    "write_report",
]
