"""``bayes-scaling study``: a grid of fits that a file describes, run on all processors or on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import click
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bayes_scaling.cli.failures import exit_untrusted
from bayes_scaling.cli.outputs import OutputFolder
from bayes_scaling.cli.printing import Record, note, print_table, print_text
from bayes_scaling.reports.wording import error_percent, percent, plural
from bayes_scaling.study import Cluster, Study, StudyStart, read_spec, run_study
from bayes_scaling.study.columns import UNDETERMINED

EXIT_INTERRUPTED = 130
SHOWN_FAILURES = 5


@click.command()
@click.argument("spec", metavar="SPEC.toml")
@click.option("--out", type=OutputFolder(), required=True, help="Folder for cells/ and summary.json.")
@click.option("--scheduler", metavar="ADDRESS", help="A running Dask scheduler, e.g. tcp://10.0.0.1:8786.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Worker processes on this machine; default: one for each processor.",
)
@click.option("--mirror", metavar="DIR", help="Folder with copies of the public data sets.")
def study(spec: str, out: Path, scheduler: str | None, workers: int | None, mirror: str | None) -> None:
    """Run a grid of fits, each one back-tested.

    SPEC.toml names the runs and lists what to vary; docs/study-runner.md has an example. Results are kept as
    they come: stop at any moment, run the same command again, and only missing cells run. When cells failed or a
    diagnostic says not to trust some, the exit code is 3.
    """
    asked = read_spec(spec)
    with TerminalWatcher() as watcher:
        try:
            result = run_study(asked, out, Cluster(scheduler, workers), mirror=mirror, watcher=watcher)
        except KeyboardInterrupt:
            click.echo(
                f"Interrupted. What is finished is kept in {out}; run the same command to go on.", err=True
            )
            click.get_current_context().exit(EXIT_INTERRUPTED)
    _print_result(result, out)
    if not result.is_trusted:
        exit_untrusted()


class TerminalWatcher:
    """Says what there is to do, and draws a bar with the rate where there is a terminal to draw it on."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("Cells"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}, {task.fields[failed]} failed"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("cells", total=None, rate="", failed=0, visible=False)

    def __enter__(self) -> TerminalWatcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def started(self, start: StudyStart) -> None:
        """Print the number of cells and where to look, and start the bar."""
        there = f", {start.n_there:,} of them there already" if start.n_there else ""
        where = f" on {plural(start.n_workers, 'worker')}" if start.n_pending else ""
        print_text(f"{plural(start.n_cells, 'cell')}{there}{where}")
        if start.n_senseless:
            note(
                f"left out {plural(start.n_senseless, 'combination')} that mean nothing, such as pooled least squares"
            )
        if start.dashboard:
            print_text(f"Dashboard: {start.dashboard}")
        if self._bar.console.is_terminal and start.n_pending:
            self._bar.update(self._task, total=start.n_pending, visible=True)
            self._bar.start()

    def progressed(self, done: int, total: int, failed: int) -> None:
        """Move the bar."""
        elapsed = self._bar.tasks[0].elapsed
        rate = f"{done / elapsed:.1f} cells/s" if elapsed else ""
        self._bar.update(self._task, completed=done, total=total, failed=failed, rate=rate)


def _print_result(result: Study, out: Path) -> None:
    means = result.summary["means_on_same"]
    if means:
        header = ["fit", "cells", "families", "typical", "mean", "CRPS", "90 % held"]
        n_laws = len({record["law"] for record in means})
        print_table(header, (_means_row(record, n_laws > 1) for record in means))
        print_text(
            "\ntypical, mean: error of the median forecast, median and mean over families; CRPS: of log loss."
            " These are the combinations that every way of fitting could fit"
        )
    status = result.summary["status"]
    print_text(f"\n{', '.join(f'{count:,} {name}' for name, count in status.items())}")
    _print_undetermined(result.table)
    _print_failures(result.failures.to_dict("records"))
    if result.summary["n_untrusted"]:
        print_text(
            f"{plural(result.summary['n_untrusted'], 'cell')} should not be trusted: see the column `untrusted`"
        )
    print_text(f"\nWrote {out / 'cells'} and {out / 'summary.json'}")


def _print_undetermined(table: pd.DataFrame) -> None:
    """Why the data do not allow some fits: the reason that most of these cells have."""
    reasons = table.loc[table["status"] == UNDETERMINED, "reason"].value_counts()
    if len(reasons):
        print_text(f"undetermined, {plural(reasons.iloc[0], 'cell')}: {reasons.index[0]}")
    if len(reasons) > 1:
        print_text(f"... and {plural(len(reasons) - 1, 'other reason')}, in the column `reason`")


def _print_failures(failed: Sequence[Record]) -> None:
    for cell in failed[:SHOWN_FAILURES]:
        name = f"{cell['family']}, {cell['n_sizes']} sizes, {cell['pooling']}, {cell['method']}"
        print_text(f"failed: {name}: {cell['reason']}")
    if len(failed) > SHOWN_FAILURES:
        print_text(f"... and {len(failed) - SHOWN_FAILURES:,} more, listed in summary.json")
    if failed:
        print_text("-> Run the same command again to try these once more.")


def _means_row(record: Record, names_law: bool) -> list[str]:
    law = f", {record['law']}" if names_law else ""
    return [
        f"{record['method']}, {record['pooling']}{law}",
        f"{record['n_cells']:,}",
        str(record["n_families"]),
        error_percent(record["are_median"]),
        error_percent(record["are"]),
        error_percent(record["crps"]),
        percent(record["covered_90"]),
    ]
