"""``bayes-scaling population``: what a table of families teaches about the population, as a prior for others."""

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
from bayes_scaling.errors import InputError


@click.command()
@takes_runs
@click.option("--out", type=OutputFile(".json"), required=True, help="Where the prior goes.")
@click.option("--exclude", multiple=True, metavar="FAMILY", help="A family to leave out; may be repeated.")
@takes_model("nuts")
def population(
    source: RunsSource, out: Path, exclude: tuple[str, ...], model: ScalingModel, sampling: dict[str, Any]
) -> None:
    """Learn a population prior from a table of families.

    The file serves as `--prior FILE` of `fit` and `backtest`. Leave out the families that are to be scored
    with it: their runs are remembered in the file, and a prior that has met them would flatter itself.
    """
    runs = source.read()
    unknown = sorted(set(exclude) - set(runs.families))
    if unknown:
        raise InputError(
            f"family {', '.join(unknown)} to leave out",
            f"some of {', '.join(runs.families)}",
            "Check the spelling.",
            code="unknown_family",
        )
    taught_by = runs.select([family for family in runs.families if family not in exclude])
    fitted = model.fit(taught_by, **sampling)
    print_findings(fitted.check())
    out.write_text(fitted.population_prior().to_json(), encoding="utf-8")
    click.echo(f"Wrote {out}")
    if fitted.check().has_errors:
        exit_untrusted()
