"""Splits, proper scores, coverage and back-tests: how much a forecast can be trusted.

Contract: everything is a table or a pure function of draws and observations. A back-test may fit and predict
again, through a :class:`~bayes_scaling.baselines.Forecaster`; no held-out run ever reaches one, and a failed
forecast is counted, never dropped.
"""

from bayes_scaling.evaluation.backtest import BacktestResult, MethodResult, run_backtest
from bayes_scaling.evaluation.backtest_files import PREDICTIONS_FILE, SUMMARY_FILE, write_backtest
from bayes_scaling.evaluation.coverage import Coverage, coverage_of
from bayes_scaling.evaluation.groups import score_groups
from bayes_scaling.evaluation.predictions import predictions_table
from bayes_scaling.evaluation.scores import (
    absolute_relative_error,
    covered,
    crps,
    interval_score,
    log_bias,
    log_score,
    pit,
)
from bayes_scaling.evaluation.splits import LeakError, Split, assert_no_leak, split_runs

__all__ = [
    "PREDICTIONS_FILE",
    "SUMMARY_FILE",
    "BacktestResult",
    "Coverage",
    "LeakError",
    "MethodResult",
    "Split",
    "absolute_relative_error",
    "assert_no_leak",
    "coverage_of",
    "covered",
    "crps",
    "interval_score",
    "log_bias",
    "log_score",
    "pit",
    "predictions_table",
    "run_backtest",
    "score_groups",
    "split_runs",
    "write_backtest",
]
