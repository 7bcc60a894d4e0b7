"""The model that a command fits and how it draws: the options shared by `fit` and `backtest`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from bayes_scaling.api import ScalingModel
from bayes_scaling.api.scaling_model import METHODS
from bayes_scaling.inference import NutsSettings
from bayes_scaling.laws import CHINCHILLA, Law, get_law, list_laws
from bayes_scaling.priors import Priors, weak_priors

PRIORS: Final[Mapping[str, Callable[[Law], Priors]]] = {"weak": weak_priors}
"""The sets of population priors that can be asked for by name; the first is the default."""

seed_option = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    metavar="N",
    default=0,
    show_default=True,
    help="Same seed, same draws.",
)
"""The seed of everything that a command draws."""


def takes_model(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: the command gets ``model``, and ``sampling``: the keyword arguments of its fit."""

    @click.option(
        "--law",
        type=click.Choice(list_laws()),
        default=CHINCHILLA.name,
        show_default=True,
        help="Scaling law.",
    )
    @click.option(
        "--prior",
        type=click.Choice(list(PRIORS)),
        default=next(iter(PRIORS)),
        show_default=True,
        help="Population priors.",
    )
    @click.option(
        "--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True, help="How to draw."
    )
    @seed_option
    @click.option(
        "--chains",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Number of chains; {NutsSettings.chains} for nuts.",
    )
    @click.option(
        "--draws",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Draws kept of each chain; {NutsSettings.draws} for nuts.",
    )
    @click.option(
        "--tune",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Warm-up draws of each chain; {NutsSettings.tune} for nuts.",
    )
    @functools.wraps(command)
    def with_model(*args: Any, law: str, prior: str, method: str, seed: int, **options: Any) -> Any:
        counts = {name: options.pop(name) for name in ("chains", "draws", "tune")}
        given = {name: count for name, count in counts.items() if count is not None}
        model = ScalingModel(law=law, priors=PRIORS[prior](get_law(law)))
        return command(*args, model=model, sampling={"method": method, "seed": seed, **given}, **options)

    return with_model
