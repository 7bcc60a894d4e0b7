"""The published tables of the Hitchhiker's guide (arXiv:2410.11840), from least-squares cells of a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.study import Cluster, make_spec, run_study
from tests.baselines.test_hitchhiker import (
    GPT3_7_MODELS_LAST_30,
    GPT3_FINAL,
    OPT_FINAL,
    OPT_LAST_30_AT_100,
    gpt3,
    opt,
)

__all__ = ["gpt3", "opt"]  # fixtures: the rows and the unit of loss that the guide fits

T5_PILE_3_MODELS = [5.64, 1.05, 4.81, 7.29, 8.39, 8.64, 8.87, 9.05, 9.19, 9.35]
"""Per cent, by share of training; final-checkpoint rule."""

T5_SIZES = {"base": 247_586_304, "large": 783_173_632, "xl": 2_849_804_288, "xxl": 11_135_426_560}
"""Parameters of the T5 v1.1 architecture with its vocabulary of 32,128."""


@pytest.fixture(scope="module")
def t5_pile(mirror: Path) -> pd.DataFrame:
    """Losses of the four curves as the guide fits them: log2 of an unusual perplexity near one."""
    with np.load(mirror / "nslpfn" / "colpret.npz") as curves:
        parts = [
            pd.DataFrame(dict(zip(("n_tokens", "loss"), curves[f"pile-t5-{size}"], strict=True))).assign(
                n_params=count
            )
            for size, count in T5_SIZES.items()
        ]
    return pd.concat(parts)


@pytest.fixture(scope="module")
def errors(gpt3, opt, t5_pile, tmp_path_factory) -> pd.Series:
    """Relative errors in per cent by test rule, family, sizes found and share, as the study's table has them."""
    folder = tmp_path_factory.mktemp("guide")
    rows = {"gpt3": gpt3, "opt": opt, "t5-pile": t5_pile}
    table = pd.concat(
        [each.assign(family=label, metric=label) for label, each in rows.items()], ignore_index=True
    )
    # Points read off a figure repeat tokens: each repetition is a run of its own in a run table.
    repeats = table.groupby(["family", "n_params", "n_tokens"]).cumcount()
    table.assign(run=table["n_params"].astype(str) + "/" + repeats.astype(str)).to_csv(
        folder / "runs.csv", index=False
    )
    grid = {
        "n_sizes": [3, 4, 5, 6, 7],
        "train_share": [share / 10 for share in range(1, 11)],
        "drop_tokens": [1e10],
        "test_from": [0.7, 1.0],
        "pooling": ["none"],
        "method": ["least-squares"],
    }
    spec = make_spec({"data": {"table": "runs.csv"}, "grid": grid}, folder)
    found = run_study(spec, folder / "out", Cluster(n_workers=2)).table
    return 100 * found.groupby(["test_from", "family", "n_train_sizes", "train_share"])["are"].mean()


def cells(errors: pd.Series, test_from: float, family: str) -> pd.DataFrame:
    return errors.loc[test_from, family].unstack("train_share")


def test_all_50_cells_of_gpt3_are_the_published_ones(errors):
    found = cells(errors, 1.0, "gpt3").loc[list(GPT3_FINAL)]

    np.testing.assert_array_equal(found.round(2), list(GPT3_FINAL.values()))


def test_gpt3_with_seven_models_is_the_published_row_under_the_last_30_percent_rule(errors):
    np.testing.assert_allclose(cells(errors, 0.7, "gpt3").loc[7], GPT3_7_MODELS_LAST_30, rtol=0.04)


def test_opt_is_the_published_table_within_a_hundredth(errors):
    found = cells(errors, 1.0, "opt").loc[list(OPT_FINAL)]

    np.testing.assert_allclose(found, list(OPT_FINAL.values()), rtol=0, atol=0.01)


def test_opt_is_the_published_one_under_the_last_30_percent_rule(errors):
    found = cells(errors, 0.7, "opt").loc[list(OPT_LAST_30_AT_100), 1.0]

    np.testing.assert_array_equal(found.round(1), list(OPT_LAST_30_AT_100.values()))


def test_t5_pile_with_three_models_is_the_published_row(errors):
    np.testing.assert_array_equal(cells(errors, 1.0, "t5-pile").loc[3].round(2), T5_PILE_3_MODELS)
