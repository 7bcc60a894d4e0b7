"""``bayes-scaling backtest``: how far the intervals can be believed, shown on runs that were held out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bayes_scaling.api import Backtest, ScalingModel
from bayes_scaling.api.backtest import REPORT_FILE
from bayes_scaling.cli.failures import exit_untrusted
from bayes_scaling.cli.model import takes_model
from bayes_scaling.cli.outputs import OutputFolder
from bayes_scaling.cli.printing import Record, print_findings, print_table, print_text
from bayes_scaling.cli.source import RunsSource, takes_runs
from bayes_scaling.evaluation import PREDICTIONS_FILE, SUMMARY_FILE
from bayes_scaling.names import HOLDOUT_LARGEST_MODEL, HOLDOUTS
from bayes_scaling.reports import judge_backtest
from bayes_scaling.reports.wording import duration, error_percent, percent, percent_range


@click.command()
@takes_runs
@click.option(
    "--holdout",
    type=click.Choice(HOLDOUTS),
    default=HOLDOUT_LARGEST_MODEL,
    show_default=True,
    help="What is hidden.",
)
@click.option(
    "--n-given",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Runs given of a new family, for `family`.",
)
@click.option(
    "--out",
    type=OutputFolder(),
    required=True,
    help="Folder for predictions.csv, summary.json and report.html.",
)
@takes_model("laplace")
def backtest(
    source: RunsSource, holdout: str, n_given: int, out: Path, model: ScalingModel, sampling: dict[str, Any]
) -> None:
    """Hide the largest runs, and score forecasts of them.

    RUNS is a table as `bayes-scaling check` describes it. Point-estimate baselines are scored beside the
    model. When a diagnostic says not to trust the draws, the files are still written and the exit code is 3.
    """
    result = model.backtest(source.read(), holdout, n_given=n_given, **sampling)
    result.save(out, title=f"Calibration report: {source.name}")
    print_scores(result)
    print_findings(result.method.notes)
    files = ", ".join(str(out / name) for name in (PREDICTIONS_FILE, SUMMARY_FILE, REPORT_FILE))
    click.echo(f"\nWrote {files}")
    if result.method.notes.has_errors:
        exit_untrusted()


def print_scores(result: Backtest) -> None:
    """Print how often the intervals held the truth, and the errors of all methods."""
    verdict = judge_backtest(result)
    print_text(f"{verdict.sentence}\n{verdict.detail}\n")
    coverage = result.coverage().table.to_dict("records")
    print_table(["interval", "held the truth", "band", "families"], map(_coverage_row, coverage))
    click.echo()
    summary = result.summary
    methods = {summary["method"]: summary, **summary["baselines"]}
    header = ["method", "typical", "mean", "CRPS", "90 % held", "failed", "time"]
    print_table(header, (_method_row(name, scores) for name, scores in methods.items()))
    print_text(
        "\ntypical, mean: error of the median forecast, median and mean over families; CRPS: of log loss;"
        " failed: checkpoints without a forecast"
    )


def _coverage_row(level: Record) -> list[str]:
    return [
        percent(level["nominal"]),
        percent(level["observed"]),
        percent_range(level["band_low"], level["band_high"]),
        str(level["n_families"]),
    ]


def _method_row(name: str, scores: Record) -> list[str]:
    return [
        name,
        error_percent(scores["are_median"]),
        error_percent(scores["are_mean"]),
        error_percent(scores["crps_mean"]),
        percent(scores["coverage"]["90"]),
        str(scores["n_failed"]),
        duration(scores["fit_seconds"]),
    ]
