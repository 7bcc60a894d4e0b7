"""``bayes-scaling demo``: the published runs, each family's largest model predicted from its smaller ones."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import pandas as pd

from bayes_scaling.api import Backtest, ScalingModel
from bayes_scaling.api.backtest import REPORT_FILE
from bayes_scaling.baselines import LeastSquares
from bayes_scaling.cli.failures import exit_untrusted
from bayes_scaling.cli.outputs import OutputFolder
from bayes_scaling.cli.printing import Record, interval_text, print_findings, print_table
from bayes_scaling.cli.source import without_suspect_rows
from bayes_scaling.datasets import dataset_available, load_dataset
from bayes_scaling.names import FAMILY, HOLDOUT_LARGEST_MODEL, LOSS, N_PARAMS
from bayes_scaling.plots import count_label
from bayes_scaling.reports.backtest_figures import largest_runs
from bayes_scaling.reports.wording import loss_value, plural
from bayes_scaling.runs import RunTable, concat_runs

SEED: Final = 0

COLPRET_PARTS: Final = ("gpt3", "opt", "redpajama", "overtrain")
"""Parts of ColPret that are used: families of several sizes whose runs saw their data about once."""


@click.command()
@click.option(
    "--out", type=OutputFolder(), default="demo-output", show_default=True, help="Folder for the report."
)
@click.option("--mirror", metavar="DIR", help="Folder with copies of the public data sets.")
def demo(out: Path, mirror: str | None) -> None:
    """Predict the largest model of published families."""
    click.echo("1/4 Reading runs whose losses were published")
    runs = read_demo_runs(mirror)
    click.echo("2/4 Hiding every run of each family's largest size")
    click.echo("3/4 Fitting one hierarchical law to what is left, and least squares beside it")
    result = predict_largest_models(runs)
    click.echo("4/4 Comparing the predictions with what the hidden runs reached\n")
    hidden = hidden_models(result)
    _print_predictions(hidden)
    click.echo(f"\n{hidden['is_inside'].sum()} of {len(hidden)} fell inside their 90 % interval.")
    print_findings(result.method.notes)
    result.save(out, title="The largest model of each published family")
    click.echo(f"\nThe calibration report is {out / REPORT_FILE}: open it in a browser.")
    if result.method.notes.has_errors:
        exit_untrusted()


def read_demo_runs(mirror: str | None) -> RunTable:
    """The published runs, and those of ColPret when its files are on this machine."""
    tables = {"published": without_suspect_rows(load_dataset("published"))}
    if dataset_available("colpret", mirror):
        tables["colpret"] = without_suspect_rows(load_dataset("colpret", mirror, COLPRET_PARTS))
    else:
        click.echo("    ColPret's loss curves are not on this machine and left out; to have them:")
        click.echo("    bayes-scaling datasets fetch colpret")
    for name, runs in tables.items():
        families = plural(len(runs.families), "family", "families")
        click.echo(f"    {name}: {families}, {plural(runs.n_runs, 'run')}, {plural(len(runs), 'checkpoint')}")
    return concat_runs(tables.values())


def predict_largest_models(runs: RunTable) -> Backtest:
    """The back-test of the demo: the largest models of all families, predicted from one fit to the rest."""
    # The Huber fit is left out: it takes half a minute for GPT-3's thousands of checkpoints.
    return ScalingModel(priors="weak").backtest(
        runs, HOLDOUT_LARGEST_MODEL, method="nuts", seed=SEED, baselines=[LeastSquares()]
    )


def hidden_models(result: Backtest) -> pd.DataFrame:
    """One row per family: the end of its longest hidden run, as predicted and as reached; ``is_inside``."""
    ends = largest_runs(result.table)
    return ends.assign(is_inside=ends[LOSS].between(ends["q05"], ends["q95"]))


def _print_predictions(hidden: pd.DataFrame) -> None:
    header = ["family", "size", "reached", "median", "90 % interval", "inside"]
    print_table(header, map(_prediction_row, hidden.to_dict("records")))


def _prediction_row(model: Record) -> list[str]:
    return [
        model[FAMILY],
        count_label(model[N_PARAMS]),
        loss_value(model[LOSS]),
        loss_value(model["median"]),
        interval_text(model["q05"], model["q95"]),
        "yes" if model["is_inside"] else "no",
    ]
