"""``bayes-scaling laws``: the scaling laws that can be fitted."""

from __future__ import annotations

import click

from bayes_scaling.cli.printing import print_table, print_text
from bayes_scaling.laws import Law, get_law, list_laws
from bayes_scaling.priors import weak_priors
from bayes_scaling.reports.wording import number


@click.command()
@click.argument("name", required=False)
def laws(name: str | None) -> None:
    """List the scaling laws, or describe the one called NAME."""
    if name is not None:
        return _describe(get_law(name))
    known = [get_law(each) for each in list_laws()]
    print_table(
        ["name", "equation", "source"], ([law.name, law.equation, law.citation] for law in known), n_text=3
    )
    return None


def _describe(law: Law) -> None:
    click.secho(f"{law.name}: {law.title}", bold=True)
    click.echo(f"\n  {law.equation}\n\nSource: {law.citation}\nInputs: {', '.join(law.inputs)}\n")
    priors = weak_priors(law)
    rows = []
    for parameter in law.parameters:
        prior = priors.parameters[parameter.name]
        lower, upper = prior.natural_interval()
        rows.append(
            [parameter.natural, parameter.meaning, f"{number(lower)} to {number(upper)}", prior.reason]
        )
    print_table(["parameter", "meaning", "weak prior", "why"], rows, n_text=4)
    print_text("\nweak prior: the range that holds 95 % of new families before any run is seen")
