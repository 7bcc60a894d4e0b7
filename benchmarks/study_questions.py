"""The grids of docs/study.md: one for each choice that the Hitchhiker's guide says something about.

Cells that two questions share are run once. `benchmarks/study_run.py` runs them, `benchmarks/study_findings.py` and
`notebooks/02_hitchhiker_study.ipynb` read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bayes_scaling.datasets import load_dataset, without_suspects
from bayes_scaling.runs import RunTable
from bayes_scaling.study.cell import EVERY_ROW

WAYS = {"pooling": ["none", "population"], "method": ["least-squares", "laplace"]}
BY_POPULATION = {"pooling": ["population"], "method": ["laplace"]}

QUESTIONS: Mapping[str, Mapping[str, list[Any]]] = {
    "number of sizes": {"n_sizes": [2, 3, 4, 5, 6, 8], **WAYS},
    "distance in size": {"n_sizes": [3], "window": [1, 2, 3, 4, 5], **WAYS},
    "one model": {"n_sizes": [1], "window": [1, 2, 3, 4, 5, 6, 7], **BY_POPULATION},
    "final checkpoints": {"n_sizes": [3, 5], "checkpoints": ["final"], **WAYS},
    "early part": {"n_sizes": [3, 5], "drop_tokens": [1e10], **WAYS},
    "share of training": {"n_sizes": [3], "train_share": [0.3, 0.6], **WAYS},
    "own first part": {"n_sizes": [3], "target_share": [0.1, 0.3, 0.5], **WAYS},
    "own first part alone": {"n_sizes": [0], "target_share": [0.1, 0.3, 0.5], **BY_POPULATION},
}
"""Grids by what they ask; every row of training where no share is given."""

OLMO = "olmo"
"""Label of OLMo's two sizes as one family. They were scored on two samples of C4, which the readers keep apart."""


def spec_content(question: str, **restrictions: list[Any]) -> dict[str, Any]:
    """The spec of one question on the public families, ready for :func:`~bayes_scaling.study.make_spec`.

    Parameters
    ----------
    question : str
        A key of :data:`QUESTIONS`.
    **restrictions
        Axes with other values than those of the question, such as ``families``.
    """
    grid = {"train_share": [EVERY_ROW], **QUESTIONS[question], **restrictions}
    return {"data": {"dataset": "public"}, "grid": grid}


def olmo_content(file: Path) -> dict[str, Any]:
    """The spec that forecasts OLMo 7B from OLMo 1B by the shipped prior, which knows neither; see :func:`read_olmo`."""
    grid = {"n_sizes": [1], "train_share": [EVERY_ROW], **BY_POPULATION}
    return {"data": {"table": str(file.absolute())}, "grid": grid}


def read_olmo(mirror: str | None) -> RunTable:
    """OLMo 1B, 7B and the twin of 7B as one family."""
    rows = without_suspects(load_dataset("colpret", mirror, parts=["olmo"])).frame
    return RunTable.from_frame(rows.assign(family=OLMO))
