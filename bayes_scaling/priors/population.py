"""Population priors that other families have taught: files with a joint normal distribution and its recipe.

The shipped one is the posterior of the population given the public families. It must not meet those again:
the file keeps fingerprints of the runs that taught it, and a table that holds one of them is told apart.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayes_scaling.errors import InputError
from bayes_scaling.laws import Law
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS
from bayes_scaling.priors.base import JointMoments, Priors
from bayes_scaling.priors.weak import weak_priors

FloatArray = NDArray[np.float64]

AUTO, WEAK, POPULATION = "auto", "weak", "population"
"""Names of sets of priors: chosen by the table, written by hand, taught by the public families."""

FEW_FAMILIES = 8
"""Below this number of families a table says too little about how families differ; then others are asked."""

FORMAT = 1


@dataclass(frozen=True)
class PopulationFile:
    """A population prior as it is stored.

    Attributes
    ----------
    law : str
        Name of the law whose parameters it is about.
    names : tuple of str
        Family parameters, in the order of the moments.
    moments : JointMoments
        Normal distribution of the population as one vector.
    fingerprints : dict of str to tuple of str
        Of the runs of each family that taught it.
    recipe : dict
        What it was made from and how: data sets, number of runs, method, seed, versions, date.
    """

    law: str
    names: tuple[str, ...]
    moments: JointMoments
    fingerprints: dict[str, tuple[str, ...]]
    recipe: dict[str, Any]

    def to_json(self) -> str:
        """The text of the file."""
        content = {
            "format": FORMAT,
            "law": self.law,
            "names": self.names,
            "mean": self.moments.mean,
            "factor": self.moments.factor,
            "fingerprints": self.fingerprints,
            "recipe": self.recipe,
        }
        lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"

    def overlap(self, frame: pd.DataFrame) -> tuple[str, ...]:
        """Labels of families of this file whose runs are among the rows of a table, whatever they are called there."""
        seen = set(fingerprints(frame))
        return tuple(family for family, prints in self.fingerprints.items() if not seen.isdisjoint(prints))

    def priors(self, law: Law, schedule: bool = True) -> Priors:
        """The priors of a model with this law.

        Raises
        ------
        InputError
            When the file is about another law or another set of parameters.
        """
        weak = weak_priors(law, schedule=schedule)
        if (law.name, tuple(weak.parameters)) != (self.law, self.names):
            raise InputError(
                f"a population prior of law {self.law!r} with parameters {', '.join(self.names)}",
                f"one of law {law.name!r} with {', '.join(weak.parameters)}",
                "Use priors='weak', or make one for this model with `bayes-scaling population`.",
                code="priors_of_another_law",
            )
        mean, factor = self.moments.arrays()
        sd = np.sqrt((factor**2).sum(axis=1))
        q = len(self.names)
        parameters = {
            name: replace(
                weak.parameters[name],
                location=float(mean[place]),
                location_sd=float(sd[place]),
                spread=float(np.exp(mean[q + place])),
                spread_factor=float(np.exp(sd[q + place])),
                reason=f"learned from {len(self.fingerprints)} families",
            )
            for place, name in enumerate(self.names)
        }
        return Priors(parameters, name=f"population, {law.name}", moments=self.moments)


def fingerprints(frame: pd.DataFrame) -> list[str]:
    """A short text for each row, the same for equal size, tokens and loss whatever the labels."""
    numbers = frame[[N_PARAMS, N_TOKENS, LOSS]].to_numpy(dtype=float)
    texts = (f"{size:.3e}|{tokens:.3e}|{loss:.4e}" for size, tokens, loss in numbers)
    return [hashlib.sha256(text.encode()).hexdigest()[:10] for text in texts]


def make_population_file(
    law: Law,
    names: tuple[str, ...],
    draws: FloatArray,
    taught_by: pd.DataFrame,
    recipe: dict[str, Any],
) -> PopulationFile:
    """A population prior from draws (S, H) of the population's vector and the rows that taught it."""
    covariance = np.cov(draws.T)
    factor = np.linalg.cholesky(covariance)
    moments = JointMoments.from_lists(draws.mean(axis=0).round(6).tolist(), factor.round(6).tolist())
    prints = {
        str(family): tuple(sorted(set(fingerprints(rows)))) for family, rows in taught_by.groupby(FAMILY)
    }
    return PopulationFile(law.name, names, moments, prints, recipe)


def read_population(path: Path) -> PopulationFile:
    """The population prior in a file.

    Raises
    ------
    InputError
        When there is no such file, or it is something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}, not {FORMAT}")
        return PopulationFile(
            content["law"],
            tuple(content["names"]),
            JointMoments.from_lists(content["mean"], content["factor"]),
            {family: tuple(prints) for family, prints in content["fingerprints"].items()},
            content["recipe"],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{str(path)!r} is not a population prior ({error})",
            "'weak', 'population', 'auto', or a file that `bayes-scaling population` wrote",
            "Check the name.",
            code="unknown_prior",
        ) from error


@cache
def shipped_population(law_name: str) -> PopulationFile | None:
    """The population prior that comes with the package; None for a law that has none."""
    package = Path(str(files("bayes_scaling")))
    folders = (package / "_data" / "population", package.parent / "data" / "population")
    for path in (folder / f"{law_name}.json" for folder in folders):
        if path.is_file():
            return read_population(path)
    return None


def named_priors(name: str, law: Law, schedule: bool = True) -> Priors:
    """Priors by name or by the path of a file.

    Raises
    ------
    InputError
        When there are none of this name for the law.
    """
    if name == WEAK:
        return weak_priors(law, schedule=schedule)
    if name != POPULATION:
        return read_population(Path(name)).priors(law, schedule)
    shipped = shipped_population(law.name)
    if shipped is None:
        raise InputError(
            f"law {law.name!r} has no population prior",
            "a law whose population was learned from public families",
            "Use priors='weak'.",
            code="no_priors",
        )
    return shipped.priors(law, schedule)


def choose_priors(law: Law, frame: pd.DataFrame, schedule: bool = True) -> Priors:
    """What ``"auto"`` stands for: the shipped population for a table of few families that did not teach it."""
    weak = weak_priors(law, schedule=schedule)
    shipped = shipped_population(law.name)
    is_small = frame[FAMILY].nunique() < FEW_FAMILIES
    if shipped is None or not is_small or not schedule or shipped.overlap(frame):
        return weak
    return shipped.priors(law, schedule)
