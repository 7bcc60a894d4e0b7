"""``bayes-scaling datasets``: the public tables of runs that are known by name."""

from __future__ import annotations

import click

from bayes_scaling.cli.printing import print_table, print_text
from bayes_scaling.datasets import (
    CACHE_VARIABLE,
    MIRROR_VARIABLE,
    DatasetInfo,
    dataset_available,
    fetch_dataset,
    get_dataset,
    list_datasets,
)


@click.group()
def datasets() -> None:
    """List the public data sets, and fetch one."""


@datasets.command("list")
@click.option("--mirror", metavar="DIR", help="Folder with copies of the public data sets.")
def list_them(mirror: str | None) -> None:
    """List the data sets, with what they hold and whether they are on this machine."""
    rows = (_row(get_dataset(name), mirror) for name in list_datasets())
    print_table(["name", "holds", "here", "size"], rows, n_text=3)
    print_text(
        "\nhere: usable without a network. Any other is fetched once, into the cache, by"
        " `bayes-scaling datasets fetch NAME`, or taken from a folder with copies of the files: --mirror DIR,"
        f" or the environment variable {MIRROR_VARIABLE}. {CACHE_VARIABLE} names another cache."
    )


@datasets.command()
@click.argument("name")
@click.option("--mirror", metavar="DIR", help="Check the copies in this folder in place of a download.")
def fetch(name: str, mirror: str | None) -> None:
    """Put the files of data set NAME on this machine, each checked by size and SHA-256."""
    folder = fetch_dataset(name, mirror)
    info = get_dataset(name)
    click.echo(f"{name}: {len(info.files)} files in {folder}")
    click.echo(f"Licence: {info.licence}")
    click.echo(f"Cite: {info.citation}")


def _row(info: DatasetInfo, mirror: str | None) -> list[str]:
    return [info.name, info.title, _availability(info, mirror), f"{info.n_bytes / 1e3:,.0f} kB"]


def _availability(info: DatasetInfo, mirror: str | None) -> str:
    if info.is_shipped:
        return "built in"
    return "yes" if dataset_available(info.name, mirror) else "no"
