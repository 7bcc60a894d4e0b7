"""The model that a command fits and how it draws: the options shared by `fit` and `backtest`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from bayes_scaling.api import ScalingModel
from bayes_scaling.inference import METHODS, LaplaceSettings, NutsSettings
from bayes_scaling.laws import CHINCHILLA, list_laws
from bayes_scaling.priors import AUTO

seed_option = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    metavar="N",
    default=0,
    show_default=True,
    help="Same seed, same draws.",
)
"""The seed of everything that a command draws."""


def takes_model(default_method: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: the command gets ``model``, and ``sampling``: the keyword arguments of its fit."""
    return functools.partial(_with_model, default_method)


def _with_model(default_method: str, command: Callable[..., Any]) -> Callable[..., Any]:

    @click.option(
        "--law",
        type=click.Choice(list_laws()),
        metavar="NAME",
        default=CHINCHILLA.name,
        show_default=True,
        help="Scaling law; see `bayes-scaling laws`.",
    )
    @click.option(
        "--prior",
        metavar="NAME",
        default=AUTO,
        show_default=True,
        help="Population priors: weak, population, auto, or a file that `population` wrote.",
    )
    @click.option(
        "--method",
        type=click.Choice(list(METHODS)),
        default=default_method,
        show_default=True,
        help="How to draw: the No-U-Turn Sampler, or the fast path.",
    )
    @seed_option
    @click.option(
        "--chains",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Number of chains; {NutsSettings.chains} for nuts, {LaplaceSettings.chains} for laplace.",
    )
    @click.option(
        "--draws",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Draws kept of each chain; {NutsSettings.draws} for nuts, {LaplaceSettings.draws} for laplace.",
    )
    @click.option(
        "--tune",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Warm-up draws of each chain; {NutsSettings.tune} for nuts,"
        f" {LaplaceSettings().sweeps_before(False)} for laplace.",
    )
    @functools.wraps(command)
    def with_model(*args: Any, law: str, prior: str, method: str, seed: int, **options: Any) -> Any:
        counts = {name: options.pop(name) for name in ("chains", "draws", "tune")}
        given = {name: count for name, count in counts.items() if count is not None}
        model = ScalingModel(law=law, priors=prior)
        return command(*args, model=model, sampling={"method": method, "seed": seed, **given}, **options)

    return with_model
