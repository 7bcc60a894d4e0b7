"""Which law: several of them on the same rows, by how well they foretell the largest runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bayes_scaling.api.backtest import Backtest
from bayes_scaling.api.scaling_model import ScalingModel
from bayes_scaling.errors import InputError
from bayes_scaling.evaluation.stacking import stacking_weights
from bayes_scaling.inference import Settings, fit_posterior, leave_one_run_out, settings_for
from bayes_scaling.laws import Law, get_law
from bayes_scaling.names import FAMILY, HOLDOUT_LARGEST_MODEL
from bayes_scaling.runs import RunTable


@dataclass(frozen=True, eq=False)
class LawComparison:
    """Scores of laws on the same held-out rows, the best first.

    Attributes
    ----------
    table : DataFrame
        Index ``law``; columns ``log_score`` (mean over families, on log loss, higher is better), ``crps`` (same,
        lower), ``are_median`` (share of the loss), ``coverage_50``, ``coverage_90``, ``weight`` (of the law in the
        mixture that would have scored best), ``elpd_loo``, ``elpd_loo_se``, ``pareto_k_max`` (leave-one-run-out on
        all rows, a second opinion; NaN when not asked for) and ``seconds``.
    backtests : mapping of str to Backtest
        By law.
    """

    table: pd.DataFrame
    backtests: Mapping[str, Backtest]

    @property
    def best(self) -> str:
        """The law with the highest log score."""
        return str(self.table.index[0])

    def __repr__(self) -> str:
        return self.table.round(4).to_string()

    def _repr_html_(self) -> str:
        return str(self.table.round(4).to_html())


def compare_laws(
    runs: RunTable,
    laws: Sequence[str | Law],
    holdout: str = HOLDOUT_LARGEST_MODEL,
    *,
    method: str = "laplace",
    priors: str = "weak",
    loo: bool = True,
    seed: int = 0,
    **settings: Any,
) -> LawComparison:
    """Back-tests of several laws on the same rows, and what mixture of them would have scored best.

    Parameters
    ----------
    runs : RunTable
        With every input of every law, or the columns that it follows from.
    laws : sequence of str or Law
        At least two different ones.
    holdout : {"largest-model", "top-compute", "family"}
        What is hidden; leaving the largest out is what a law is for.
    method, priors, seed, **settings
        As for :class:`ScalingModel` and its :meth:`~ScalingModel.backtest`.
    loo : bool
        Fit all rows too, and score each run by leave-one-run-out cross-validation.

    Raises
    ------
    InputError
        When fewer than two laws are given, one is given twice, or the table lacks an input.
    """
    names = [get_law(law).name for law in laws]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(
            f"laws {', '.join(names) or 'none'}",
            "at least two, each once",
            "See list_laws() for their names.",
            code="bad_argument",
        )
    models = {name: ScalingModel(law=law, priors=priors) for name, law in zip(names, laws, strict=True)}
    options: dict[str, Any] = {"method": method, "seed": seed, "progress": False, **settings}
    backtests = {
        name: model.backtest(runs, holdout, baselines=(), **options) for name, model in models.items()
    }
    weights = dict(zip(names, _weights(list(backtests.values())), strict=True))
    rows = []
    for name, back in backtests.items():
        second = _second_opinion(models[name], runs, settings_for(method, settings), seed) if loo else {}
        rows.append({"law": name, **_figures(back), "weight": weights[name], **second})
    order = [name for name in _ORDER if loo or name not in _LOO]
    table = pd.DataFrame(rows).set_index("law").sort_values("log_score", ascending=False)[order]
    return LawComparison(table, backtests)


_ORDER = (
    "log_score",
    "crps",
    "are_median",
    "coverage_50",
    "coverage_90",
    "weight",
    "elpd_loo",
    "elpd_loo_se",
    "pareto_k_max",
    "seconds",
)


_LOO = ("elpd_loo", "elpd_loo_se", "pareto_k_max")


def _figures(back: Backtest) -> dict[str, float]:
    summary = back.summary
    return {
        "log_score": summary["log_score_mean"],
        "crps": summary["crps_mean"],
        "are_median": summary["are_median"],
        "coverage_50": summary["coverage"]["50"],
        "coverage_90": summary["coverage"]["90"],
        "seconds": summary["fit_seconds"],
    }


def _weights(backtests: list[Backtest]) -> np.ndarray:
    """Stacking weights in which every family counts the same; rows that some law did not forecast are left out."""
    scores = np.column_stack([back.table["log_score"].to_numpy(dtype=float) for back in backtests])
    is_scored = np.isfinite(scores).all(axis=1)
    family = backtests[0].table[FAMILY][is_scored]
    return stacking_weights(scores[is_scored], 1.0 / family.map(family.value_counts()).to_numpy(dtype=float))


def _second_opinion(model: ScalingModel, runs: RunTable, settings: Settings, seed: int) -> dict[str, float]:
    posterior = fit_posterior(model.spec_for(runs), runs, settings, seed=seed)
    found = leave_one_run_out(posterior)
    return {"elpd_loo": found.elpd, "elpd_loo_se": found.se, "pareto_k_max": found.pareto_k_max}
