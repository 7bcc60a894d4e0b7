"""``bayes-scaling fit``: from a table of runs to a file with the posterior."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bayes_scaling.api import ScalingModel
from bayes_scaling.cli.failures import exit_untrusted
from bayes_scaling.cli.model import takes_model
from bayes_scaling.cli.outputs import OutputFile
from bayes_scaling.cli.printing import print_findings
from bayes_scaling.cli.source import RunsSource, takes_runs


@click.command()
@takes_runs
@click.option(
    "--out", type=OutputFile(".nc"), required=True, help="Where the fit goes; `predict` and `report` read it."
)
@takes_model("nuts")
def fit(source: RunsSource, out: Path, model: ScalingModel, sampling: dict[str, Any]) -> None:
    """Fit a scaling law to several model families.

    RUNS is a table as `bayes-scaling check` describes it. The verdict says whether the draws can be trusted;
    when they cannot, the fit is still written and the exit code is 3.
    """
    fitted = model.fit(source.read(), **sampling)
    findings = fitted.check()
    print_findings(findings)
    fitted.save(out)
    click.echo(f"Wrote {out}")
    if findings.has_errors:
        exit_untrusted()
