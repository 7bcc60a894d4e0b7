"""``bayes-scaling check``: what a table of runs can and cannot tell."""

from __future__ import annotations

import click

from bayes_scaling.cli.failures import exit_untrusted
from bayes_scaling.cli.printing import Record, print_findings, print_table, print_text
from bayes_scaling.cli.source import RunsSource, takes_runs
from bayes_scaling.reports.wording import loss_value, plural, size_range


@click.command()
@takes_runs
@click.option(
    "--all", "all_families", is_flag=True, help="Show all families of a finding, not only the first five."
)
def check(source: RunsSource, all_families: bool) -> None:
    """Say what a table of training runs can tell.

    RUNS is a .csv, .csv.gz, .parquet or .jsonl file with a row for each evaluated checkpoint and the columns
    family, run, n_params, n_tokens and loss.
    """
    runs = source.read()
    counts = (
        plural(len(runs.families), "family", "families"),
        plural(runs.n_runs, "run"),
        plural(len(runs), "checkpoint"),
    )
    print_text(f"{source.name}: {', '.join(counts)}\n")
    rows = (_family_row(family) for family in runs.summary.reset_index().to_dict("records"))
    print_table(["family", "runs", "rows", "parameters", "tokens", "loss"], rows)
    findings = runs.check()
    print_findings(findings, all_families=all_families)
    if not findings:
        click.echo("\nNothing to remark.")
    if findings.has_errors:
        exit_untrusted()


def _family_row(family: Record) -> list[str]:
    return [
        family["family"],
        str(family["n_runs"]),
        str(family["n_checkpoints"]),
        size_range(family["n_params_min"], family["n_params_max"]),
        size_range(family["n_tokens_min"], family["n_tokens_max"]),
        f"{loss_value(family['loss_min'])}–{loss_value(family['loss_max'])}",
    ]
