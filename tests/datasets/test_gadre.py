"""The 104 over-train models."""

from __future__ import annotations

import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def gadre(load):
    return load("gadre").frame


def test_three_families_by_training_set(gadre):
    assert gadre.groupby("family").size().to_dict() == {
        "gadre-c4": 34,
        "gadre-redpajama": 35,
        "gadre-refinedweb": 35,
    }


def test_sizes_are_exact_totals_and_tokens_multiples_of_them(gadre):
    assert set(gadre["n_params"]) == {10569312, 78914048, 153677376, 411616256, 1439795200, 6889410560}
    assert np.allclose(gadre["n_tokens"], 20 * gadre["token_multiplier"] * gadre["n_params"], rtol=1e-6)
    assert gadre["n_params_no_embed"].lt(gadre["n_params"]).all()
    assert set(gadre["seed"]) == {"124"}


def test_loss_and_standard_error_are_those_on_c4(gadre, mirror):
    name = "rpj-open_lm_7b-1.0"
    results = json.loads((mirror / "gadre" / "models" / f"{name}.json").read_text("utf-8"))["results"]
    (on_c4,) = (result for result in results if "c4_val" in result["val_data"][0])
    (row,) = gadre[gadre["run"] == name].itertuples()

    assert row.loss == on_c4["loss"]
    assert on_c4["loss_sequences_lower_95"] < row.loss - 1.9 * row.loss_se
    assert on_c4["loss_sequences_upper_95"] > row.loss + 1.9 * row.loss_se
    assert gadre["loss_se"].between(0.001, 0.0015).all()


@pytest.mark.parametrize(
    ("family", "c_alpha", "c_beta", "b", "offset", "within"),
    [
        ("gadre-c4", 113.7, 189.5, -0.2425, 1.508, 0.015),
        ("gadre-redpajama", 166.2, 366.7, -0.2729, 1.837, 0.005),
        ("gadre-refinedweb", 125.1, 246.2, -0.2544, 1.734, 0.006),
    ],
)
def test_the_papers_laws_describe_this_loss(gadre, family, c_alpha, c_beta, b, offset, within):
    rows = gadre[(gadre["family"] == family) & (gadre["token_multiplier"] == 1.0)]
    predicted = c_alpha * rows["n_params"] ** b + c_beta * 6 ** (b / 2) * rows["n_tokens"] ** b + offset

    assert (predicted / rows["loss"] - 1.0).abs().mean() < within


def test_it_repeats_the_overtrain_table_of_colpret(gadre, load):
    overtrain = load("colpret", "overtrain").frame.set_index("run")
    by_run = gadre.set_index("run")

    assert np.allclose(overtrain.loc[by_run.index, "loss"], by_run["loss"])
    assert np.allclose(overtrain.loc[by_run.index, "loss_se"], by_run["loss_se"])
