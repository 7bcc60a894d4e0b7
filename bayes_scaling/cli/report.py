"""``bayes-scaling report``: a stored fit as a page to read."""

from __future__ import annotations

from pathlib import Path

import click

from bayes_scaling.api import load_fit
from bayes_scaling.cli.failures import exit_untrusted
from bayes_scaling.cli.outputs import OutputFile
from bayes_scaling.cli.printing import print_findings


@click.command()
@click.argument("file", metavar="FIT")
@click.option(
    "--out", type=OutputFile(".html"), required=True, help="Where the page goes; it opens without a network."
)
@click.option("--title", default="Fitted scaling laws", show_default=True, help="Heading of the page.")
def report(file: str, out: Path, title: str) -> None:
    """Write a self-contained HTML report of a fit.

    FIT is a file that `bayes-scaling fit` wrote.
    """
    fitted = load_fit(file)
    fitted.to_html(out, title=title)
    click.echo(fitted.verdict)
    findings = fitted.check()
    print_findings(findings)
    click.echo(f"Wrote {out}")
    if findings.has_errors:
        exit_untrusted()
