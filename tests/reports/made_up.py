"""Back-tests of made-up families by methods that guess: reports of any quality in an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.baselines import Forecast
from bayes_scaling.errors import Finding, Findings, Severity
from bayes_scaling.evaluation import BacktestResult, run_backtest
from bayes_scaling.reports import FamilyCurves, FitSummary
from bayes_scaling.runs import RunTable

SIZES = (7e7, 1.6e8, 4.1e8, 1.4e9, 6.9e9)
SHARES = (0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.75, 0.9, 1.0)
ODD_NAMES = (
    "<script>alert('no')</script>",
    '$x^2$ & "friends" 100 %',
    "通义千问 大模型 训练曲线 第二版 去重数据 三个随机种子",
    "a family whose name is far longer than any figure has room for, with its data set and its tokenizer",
    "Ünïcödé ⟨λ⟩ 🦙 עברית",
)


def true_loss(points: pd.DataFrame) -> np.ndarray:
    """Loss of every family by one law, in a unit of the family's own."""
    unit = points["family"].map(lambda name: 1.0 + sum(map(ord, name)) % 7 / 3).to_numpy(dtype=float)
    n_params, n_tokens = points["n_params"].to_numpy(dtype=float), points["n_tokens"].to_numpy(dtype=float)
    return unit * (1.7 + 0.4 * (1e9 / n_params) ** 0.3 + 0.5 * (2e10 / n_tokens) ** 0.35)


def make_runs(families: Sequence[str]) -> RunTable:
    """Five sizes of each family; every fourth family reports last checkpoints only."""
    rows = [
        (family, f"{family}-{size:g}", size, tokens)
        for place, family in enumerate(families)
        for size in SIZES
        for tokens in 3e11 * np.array(SHARES[-1:] if place % 4 == 3 else SHARES)
    ]
    frame = pd.DataFrame(rows, columns=["family", "run", "n_params", "n_tokens"])
    return RunTable.from_frame(frame.assign(loss=true_loss(frame)))


@dataclass(frozen=True)
class Guess:
    """A method that knows the law, errs by a common factor in each family, and says how far it may err."""

    name: str
    error_sd: float
    claimed_sd: float
    is_point: bool = False
    fails_on: str | None = None

    def forecast(self, train: RunTable, points: pd.DataFrame, *, seed: int) -> Forecast:
        random = np.random.default_rng(seed)
        error = {family: random.normal(0, self.error_sd) for family in sorted(points["family"].unique())}
        centre = np.log(true_loss(points)) + points["family"].map(error).to_numpy(dtype=float)
        noise = np.zeros((1, 1)) if self.is_point else random.normal(0, self.claimed_sd, (500, 1))
        draws = np.exp(centre + noise)
        draws[:, (points["family"] == self.fails_on).to_numpy()] = np.nan
        return Forecast(
            draws,
            self.is_point,
            self._notes(points),
            {"r_hat_max": 1.004, "ess_min": 612.0, "n_divergent": 0},
        )

    def _notes(self, points: pd.DataFrame) -> Findings:
        return Findings(
            tuple(
                Finding(
                    "three_sizes", Severity.WARNING, "only few sizes were given", "Add a smaller run.", family
                )
                for family in sorted(points["family"].unique())[::5]
            )
        )


def make_backtest(
    runs: RunTable, error_sd: float = 0.015, claimed_sd: float = 0.015, **options: str
) -> BacktestResult:
    """Back-test a guess of the given quality beside two baselines, one of which gives no intervals."""
    baselines = [
        Guess("huber-lbfgs", error_sd=0.02, claimed_sd=0.006),
        Guess("least-squares", error_sd=0.03, claimed_sd=0.0, is_point=True, fails_on=runs.families[-1]),
    ]
    return run_backtest(runs, Guess("hierarchical", error_sd, claimed_sd), baselines, seed=4, **options)


def make_fit_summary(families: Sequence[str]) -> FitSummary:
    """A fit of the given families with made-up numbers."""
    random = np.random.default_rng(1)
    population = pd.DataFrame(
        {
            "meaning": ["loss that no scale removes", "exponent of model size", "exponent of data"],
            "q05": [1.2, 0.28, 0.24],
            "q25": [1.5, 0.32, 0.29],
            "median": [1.7, 0.35, 0.33],
            "q75": [1.9, 0.38, 0.37],
            "q95": [2.3, 0.43, 0.44],
        },
        index=["E", "alpha", "beta"],
    )
    numbers = population.drop(columns="meaning")
    runs = make_runs(families).frame
    return FitSummary(
        verdict="The chains agree (R-hat 1.004) and nothing argues against this fit.",
        severity=Severity.INFO,
        model="Law: loss = E + A N^-alpha + B D^-beta\nFamilies: partially pooled <in log space>",
        overview=_overview(runs),
        population=population,
        families={
            name: pd.DataFrame(
                np.sort(random.normal(row["median"], 0.04, (len(families), 5)), axis=1),
                index=list(families),
                columns=numbers.columns,
            )
            for name, row in numbers.drop(index="E").iterrows()
        },
        findings=Findings(
            (
                Finding("few_sizes", Severity.WARNING, "three sizes only", "Add a smaller run.", families[0]),
                Finding("few_sizes", Severity.WARNING, "three sizes only", "Add a smaller run.", families[1]),
            )
        ),
        parts=pd.DataFrame(
            {"meaning": ["what the law explains"], "q05": [0.11], "median": [0.123], "q95": [0.14]},
            index=pd.Index(["law"], name="part"),
        ),
        prior=numbers.assign(q05=numbers["q05"] / 2, q95=numbers["q95"] * 2),
        diagnostics={"r_hat_max": 1.004, "ess_min": 812.0, "n_divergent": 0.0, "fit_seconds": 83.0},
        curves=tuple(_curves(runs, family) for family in families[:4]),
    )


def _overview(runs: pd.DataFrame) -> pd.DataFrame:
    spans = runs.groupby("family")
    return pd.DataFrame(
        {
            "n_runs": spans["run"].nunique(),
            "n_checkpoints": spans.size(),
            "n_params_min": spans["n_params"].min(),
            "n_params_max": spans["n_params"].max(),
            "n_tokens_min": spans["n_tokens"].min(),
            "n_tokens_max": spans["n_tokens"].max(),
        }
    ).reset_index()


def _curves(runs: pd.DataFrame, family: str) -> FamilyCurves:
    rows = runs[runs["family"] == family]
    largest = rows[rows["n_params"] == rows["n_params"].max()]
    factors = {"q05": 0.98, "q25": 0.99, "median": 1.0, "q75": 1.01, "q95": 1.02}
    return FamilyCurves(
        family, rows, largest.assign(**{name: largest["loss"] * by for name, by in factors.items()})
    )
