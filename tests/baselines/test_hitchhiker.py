"""The published tables of the Hitchhiker's guide, cell by cell, and the rules that they depend on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.baselines import (
    FINAL_CHECKPOINT,
    LAST_30_PERCENT,
    fit_least_squares,
    hitchhiker_table,
    hitchhiker_test_rows,
    hitchhiker_train_rows,
)
from bayes_scaling.baselines.columns import float_columns
from bayes_scaling.baselines.least_squares import EARLY_TOKENS, SIZE_TERM
from tests.baselines.families import family_rows

NOT_PRINTED = np.nan

GPT3_FINAL = {
    3: [48.28, 44.27, 40.87, 37.30, 35.29, 32.02, 29.39, 26.94, 25.05, 23.36],
    4: [0.18, 2.88, 0.38, 1.58, 3.69, 5.71, 7.68, 9.33, 9.13, 5.73],
    5: [0.74, 0.40, 1.26, 2.98, 4.73, 6.24, 7.83, 7.92, 6.51, 5.20],
    6: [6.03, 4.98, 5.45, 4.79, 4.12, 3.50, 2.65, 1.75, 1.04, 0.81],
    7: [16.74, 14.04, 12.16, 10.29, 8.59, 7.04, 5.67, 4.44, 3.31, 2.69],
}
"""Per cent, by number of training models; columns 10 % to 100 % of training; final-checkpoint rule."""

GPT3_7_MODELS_LAST_30 = [16, 14, 12, 9.9, 8.3, 6.8, 5.5, 4.3, 3.3, 2.7]

OPT_FINAL = {
    3: [40.47, 18.77, 18.39, 17.38, 15.83, 11.91, 9.97, 7.35, 5.63, 4.19],
    4: [55.51, 10.58, 16.20, 15.68, 14.17, 12.25, 10.69, 8.82, 7.86, 6.95],
    5: [NOT_PRINTED, 9.95, 15.65, 13.26, 12.05, 10.17, 8.39, 6.93, 6.23, 5.64],
}

OPT_LAST_30_AT_100 = {3: 5.9, 4: 8.7, 5: 7.4}

GPT3_ONE_MODEL = [16.4, 14.8, 14.75, 12.0, 10.6, 8.7, 6.9]
OPT_ONE_MODEL = [212, 73.5, 32.5, 24.9, 15.0]
"""Per cent at the largest model from one smaller model each, the size term borrowed; last-30 % rule."""

GPT3_SIZES = {
    "small": 125e6,
    "medium": 350e6,
    "large": 760e6,
    "xl": 1.3e9,
    "2.7b": 2.7e9,
    "6.7b": 6.7e9,
    "13b": 13e9,
    "175b": 175e9,
}


@pytest.fixture(scope="module")
def gpt3(mirror: Path) -> pd.DataFrame:
    """Every validation point read off the figure, repeated steps included; a step is a billion tokens."""
    raw = pd.read_csv(mirror / "colpret/raw_data/gpt3/extracted.csv").dropna(subset="val_loss")
    return pd.DataFrame(
        {"n_params": raw["model"].map(GPT3_SIZES), "n_tokens": raw["step"] * 1e9, "loss": raw["val_loss"]}
    )


@pytest.fixture(scope="module")
def opt(mirror: Path) -> pd.DataFrame:
    """Raw perplexities, as in the published fit; tokens are steps times a batch guessed from the size."""
    raw = pd.read_csv(mirror / "colpret/aggregated_eval/opt_trajectories.csv")
    unit = raw["model_size"].str[-1].map({"m": 1e6, "b": 1e9})
    n_params = raw["model_size"].str[:-1].astype(float) * unit
    bounds, batches = [0.0, 1e9, 6e9, 10e9, 60e9, np.inf], [0.5e6, 1e6, 2e6, 4e6, 2e6]
    batch = pd.cut(n_params, bounds, right=False, labels=batches, ordered=False).astype(float)
    return pd.DataFrame({"n_params": n_params, "n_tokens": raw["steps"] * batch, "loss": raw["ppl"]})


def in_per_cent(cells: pd.DataFrame) -> np.ndarray:
    return 100 * cells.to_numpy()


def test_the_gpt3_table_is_the_published_one_in_all_50_cells(gpt3):
    table = hitchhiker_table(gpt3, n_models=list(GPT3_FINAL), test_from=FINAL_CHECKPOINT)

    np.testing.assert_array_equal(in_per_cent(table).round(2), list(GPT3_FINAL.values()))


def test_the_gpt3_row_of_seven_models_is_the_published_one_under_the_last_30_percent_rule(gpt3):
    table = hitchhiker_table(gpt3, n_models=[7], test_from=LAST_30_PERCENT)

    np.testing.assert_allclose(in_per_cent(table)[0], GPT3_7_MODELS_LAST_30, rtol=0.04)


def test_the_opt_rows_are_the_published_ones_within_a_hundredth(opt):
    table = hitchhiker_table(opt, n_models=list(OPT_FINAL), test_from=FINAL_CHECKPOINT)

    np.testing.assert_allclose(in_per_cent(table), list(OPT_FINAL.values()), rtol=0, atol=0.01)


def test_the_opt_rows_are_the_published_ones_under_the_last_30_percent_rule(opt):
    table = hitchhiker_table(opt, n_models=list(OPT_LAST_30_AT_100), shares=[1.0], test_from=LAST_30_PERCENT)

    np.testing.assert_array_equal(in_per_cent(table)[:, 0].round(1), list(OPT_LAST_30_AT_100.values()))


@pytest.mark.parametrize(
    ("family", "published", "rounding"), [("gpt3", GPT3_ONE_MODEL, 0.05), ("opt", OPT_ONE_MODEL, 0.15)]
)
def test_one_model_with_a_borrowed_size_term_misses_the_largest_by_what_was_published(
    family, published, rounding, request
):
    rows = request.getfixturevalue(family)
    late = rows[rows["n_tokens"] > EARLY_TOKENS]
    n_params, n_tokens, loss = float_columns(hitchhiker_test_rows(late), "n_params", "n_tokens", "loss")
    errors = []
    for _, one_model in late[late["n_params"] < n_params.max()].groupby("n_params"):
        train = float_columns(hitchhiker_train_rows(one_model, 1), "n_params", "n_tokens", "loss")
        fit = fit_least_squares(*train, fixed=SIZE_TERM)
        errors.append(100 * np.mean(np.abs(fit.loss(n_params, n_tokens) - loss) / loss))

    np.testing.assert_allclose(errors, published, rtol=0, atol=rounding)


# --- the rules, on a made-up family -----------------------------------------------------------


def test_training_rows_are_strictly_between_the_cut_and_the_share_of_the_longest_chosen_run():
    rows = pd.DataFrame(
        [(1, 20.0), (1, 40.0), (2, 10.0), (2, 50.0), (2, 100.0), (3, 400.0)], columns=["n_params", "n_tokens"]
    ).assign(loss=1.0)

    train = hitchhiker_train_rows(rows, 2, 0.5, min_tokens=10.0)

    assert train[["n_params", "n_tokens"]].to_numpy().tolist() == [[1, 20.0], [1, 40.0]]


def test_at_a_share_of_one_only_the_longest_run_loses_its_last_checkpoint():
    rows = pd.concat([family_rows(sizes=(1e8,), last_tokens=5e10), family_rows(sizes=(1e9,))])

    train = hitchhiker_train_rows(rows, 2, 1.0, min_tokens=0.0)

    assert train.groupby("n_params")["n_tokens"].max().tolist() == [
        5e10,
        rows["n_tokens"].nlargest(2).iloc[1],
    ]


def test_test_rows_are_those_of_the_largest_model_from_the_share_on():
    rows = family_rows(sizes=(1e8, 1e9), last_tokens=100.0, n_checkpoints=5)

    test = hitchhiker_test_rows(rows, rows["n_tokens"].iloc[3] / 100.0)

    assert test["n_params"].unique().tolist() == [1e9]
    assert len(test) == 2


def test_a_cell_without_training_rows_is_nan():
    table = hitchhiker_table(family_rows(last_tokens=2e10), n_models=[3], shares=[0.1, 1.0])

    assert table.isna().to_numpy().tolist() == [[True, False]]
