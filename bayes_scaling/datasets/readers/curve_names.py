"""What the names of the 192 curves say: family, run, size, unit and planned length."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from bayes_scaling.datasets.readers.colpret.checkpoint_evaluations import METRIC_SPAN_CORRUPTION, T5_SIZES
from bayes_scaling.datasets.readers.colpret.single_curves import METRIC_RELATIVE
from bayes_scaling.datasets.readers.files import count_from_label
from bayes_scaling.datasets.readers.open_lm import SIZES, TOKENS_PER_PARAM, TRAINING_SETS
from bayes_scaling.names import METRIC_NATS

METRIC_MEAN_LN_PERPLEXITY: Final = "mean_ln_perplexity_over_sets"
METRIC_MEAN_NATS: Final = "mean_nats_over_sets"

TO_NATS: Final[Mapping[str, Callable[[np.ndarray], np.ndarray]]] = {
    "nats": lambda values: values,
    "log2": lambda values: values * np.log(2.0),
    "perplexity": np.log,
}
"""How the values of a curve become natural logarithms."""

LABELLED_SIZES: Final[Mapping[str, float]] = {
    **SIZES,
    **T5_SIZES,
    # GPT-3 sizes that go by a word
    "Small": 125e6,
    "Medium": 350e6,
    "Large": 760e6,
    "XL": 1.3e9,
    # sizes that upstream rounded to two digits
    "0.12B": 125e6,
    "0.13B": 134e6,
    "0.17T": 175e9,
    "0.26B": 262e6,
    "0.45B": 453e6,
}
"""Parameters behind labels that do not spell them out."""


@dataclass(frozen=True)
class CurveLabel:
    """What a curve's name says.

    Attributes
    ----------
    part : str
        Part of the data set that the curve belongs to.
    family, run : str
        Labels in a run table.
    n_params : float or None
        Parameters; None where the name does not tell.
    unit : str
        What the values are: a key of ``TO_NATS``.
    metric : str
        What the loss is once it is a natural logarithm.
    n_tokens_planned : float or None
        Planned length of the run in tokens, where the name tells.
    """

    part: str
    family: str
    run: str
    n_params: float | None
    unit: str
    metric: str
    n_tokens_planned: float | None


@dataclass(frozen=True)
class _Rule:
    pattern: str
    part: str
    family: str
    unit: str = "nats"
    metric: str = METRIC_NATS


_MEAN_LOG2: Final = {"unit": "log2", "metric": METRIC_MEAN_LN_PERPLEXITY}

_RULES: Final = (
    _Rule(
        r"(?P<data>c4_original|rpj|rw_original)-(?P<size>d=.+)-(?P<multiplier>[\d.]+)",
        "overtrain",
        "overtrain-{data}",
    ),
    _Rule(
        r"pythia-(?P<kind>baseline|(?:long-)?intervention)-(?P<size>.+b)-deduped",
        "pythia-branches",
        "pythia-{kind}",
        **_MEAN_LOG2,
    ),
    _Rule(r"pythia-(?P<size>1\.3b|350m)-deduped", "pythia", "pythia-deduped-legacy", **_MEAN_LOG2),
    _Rule(r"pythia-(?P<kind>bf16)-(?P<size>1b)", "pythia", "pythia-{kind}", **_MEAN_LOG2),
    _Rule(r"pythia-(?P<size>[\d.]+[mb])(?P<variant>-.+)?", "pythia", "pythia{variant}", **_MEAN_LOG2),
    _Rule(r"Amber", "amber", "amber", **_MEAN_LOG2),
    _Rule(r"(?:Pile|SlimPajama)(?:_.+_mix)?", "mixtures", "mixtures"),
    _Rule(r"GPT-3 (?P<size>.+)", "repeats", "gpt3"),
    _Rule(r"GPT2-(?P<size>.+B)-(?P<data>c4|oscar)-(?P<epochs>\d+)\.0", "repeats", "gpt2-{data}-{epochs}ep"),
    _Rule(r"OPT-(?P<size>.+)", "repeats", "opt", unit="perplexity"),
    _Rule(r"OLMo-(?P<size>[17]B)(?:-Twin-2T)?", "repeats", "olmo-{size}", metric=METRIC_MEAN_NATS),
    _Rule(r"lambda-(?P<size>.+)", "repeats", "lamda", metric=METRIC_RELATIVE),
    _Rule(r"pile-t5-(?P<size>.+)", "repeats", "t5-pile", unit="log2", metric=METRIC_SPAN_CORRUPTION),
    _Rule(r"redPajama(?P<size>[\d.]+)", "repeats", "redpajama"),
    _Rule(r"chin(?P<size>\d+)", "repeats", "chinchilla"),
)
"""Tried in this order; the first that matches the whole name says what the curve is."""


def parse_curve_name(name: str) -> CurveLabel:
    """Family, run, size, unit and planned length that a curve's name tells.

    Raises
    ------
    ValueError
        When no rule knows the name.
    """
    label = name.strip()  # upstream has "OLMo-1B "
    for rule in _RULES:
        match = re.fullmatch(rule.pattern, label)
        if match:
            return _label(rule, label, match.groupdict(default=""))
    raise ValueError(f"no rule for the curve {name!r}")


def _label(rule: _Rule, name: str, said: dict[str, str]) -> CurveLabel:
    n_params = _size(name, said)
    readable = said | {"data": TRAINING_SETS.get(said.get("data", ""), said.get("data", ""))}
    return CurveLabel(
        part=rule.part,
        family="curves-" + rule.family.format(**readable).lower(),
        run=name,
        n_params=n_params,
        unit=rule.unit,
        metric=rule.metric,
        n_tokens_planned=_planned(n_params, said.get("multiplier")),
    )


def _size(name: str, said: dict[str, str]) -> float | None:
    if name == "Amber":
        return 6.7e9
    size = said.get("size")
    if size is None:
        return None
    unit = "B" if name.startswith("redPajama") else ""
    return LABELLED_SIZES.get(size) or count_from_label(size + unit)


def _planned(n_params: float | None, multiplier: str | None) -> float | None:
    if n_params is None or multiplier is None:
        return None
    return float(multiplier) * TOKENS_PER_PARAM * n_params
