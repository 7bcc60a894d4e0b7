"""A back-test and what can be asked of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bayes_scaling.evaluation import BacktestResult, write_backtest
from bayes_scaling.plots import plot_coverage, plot_forecasts, plot_pit
from bayes_scaling.reports import render_backtest_report, write_report
from bayes_scaling.reports.pit_histogram import pit_histogram
from bayes_scaling.runs import RunTable

REPORT_FILE = "report.html"


@dataclass(frozen=True, eq=False, repr=False)
class Backtest(BacktestResult):
    """Forecasts of held-out runs with their scores. Made by :meth:`ScalingModel.backtest`; frozen."""

    runs: RunTable | None = None

    def plot_pit(self, ax: Any = None) -> Any:
        """Axes with the histogram of the probability integral transform: flat when honest."""
        return plot_pit(pit_histogram(self.table), ax)

    def plot_coverage(self, ax: Any = None) -> Any:
        """Axes with observed against nominal coverage."""
        return plot_coverage(self.coverage().table, ax)

    def plot_forecasts(self, ax: Any = None) -> Any:
        """Axes with each held-out checkpoint's interval relative to what was reached."""
        return plot_forecasts(self.table, ax)

    def to_html(self, path: str | os.PathLike[str], title: str = "Calibration report") -> Path:
        """Write the self-contained calibration report."""
        return write_report(Path(path), render_backtest_report(self, title=title, runs=self.runs))

    def save(self, folder: str | os.PathLike[str], title: str = "Calibration report") -> Path:
        """Write ``predictions.csv``, ``summary.json`` and ``report.html`` into a folder, and hand it back."""
        write_backtest(self, Path(folder))
        self.to_html(Path(folder) / REPORT_FILE, title)
        return Path(folder)
