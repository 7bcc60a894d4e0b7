"""Results and fits that the tests of reports share."""

from __future__ import annotations

import pandas as pd
import pytest

from bayes_scaling.evaluation import BacktestResult
from bayes_scaling.reports import FitSummary, render_backtest_report, render_fit_report
from bayes_scaling.runs import RunTable
from tests.reports.made_up import ODD_NAMES, make_backtest, make_fit_summary, make_runs


@pytest.fixture(scope="session")
def runs() -> RunTable:
    """Twelve plain families, five with names that pages stumble over, and one of a single size."""
    table = make_runs([*(f"family {place:02d}" for place in range(12)), *ODD_NAMES])
    single = table.frame[table.frame["run"] == "family 00-7e+07"].assign(family="single size", run="alone")
    return RunTable.from_frame(pd.concat([table.frame, single]))


@pytest.fixture(scope="session")
def result(runs) -> BacktestResult:
    """A back-test whose intervals are about right."""
    return make_backtest(runs)


@pytest.fixture(scope="session")
def fit_summary() -> FitSummary:
    """A fit of a few families, one with an odd name."""
    return make_fit_summary([ODD_NAMES[0], "Pythia", "OPT", "GPT-3", "Cerebras-GPT"])


@pytest.fixture(scope="session")
def backtest_html(result, runs) -> str:
    """The calibration report of the back-test."""
    return render_backtest_report(result, runs=runs, title="Made-up families")


@pytest.fixture(scope="session")
def fit_html(fit_summary) -> str:
    """The report of the fit."""
    return render_fit_report(fit_summary, title="Five families")
