"""A fit of simulated families, and the truth that it did not see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.inference import verdict


@pytest.fixture(scope="module")
def held_out(simulation) -> pd.DataFrame:
    """Checkpoints of the largest size, which the fit has not seen."""
    frame = simulation.frame
    return frame[frame["n_params"] > 1e10].reset_index(drop=True)


# --- predictions ------------------------------------------------------------------------------


def test_larger_runs_are_predicted_with_honest_intervals(small_fit, held_out):
    predicted = small_fit.predict(held_out.drop(columns="loss"))

    last = (held_out["n_tokens"] == held_out["n_tokens"].max()).to_numpy()
    inside = held_out["loss"].between(predicted.table["lower"], predicted.table["upper"])
    outside_99 = ~held_out["loss"].between(*predicted.interval(0.998).to_numpy().T)
    error = np.abs(np.log(predicted.table["median"] / held_out["loss"]))
    assert inside[last].sum() >= 4  # of six runs
    assert not outside_99.any()
    assert error.mean() < 0.02


def test_the_recipe_is_predicted_without_the_noise_of_a_run(small_fit, held_out):
    one_seed = held_out[held_out["seed"] == "0"].drop(columns="loss")
    recipe = np.exp(held_out["log_law"] + held_out["schedule"] + held_out["discrepancy"])
    recipe = recipe[held_out["seed"] == "0"]

    predicted = small_fit.predict(one_seed, kind="mean")

    inside = recipe.to_numpy() > predicted.interval(0.998)["lower"].to_numpy()
    inside &= recipe.to_numpy() < predicted.interval(0.998)["upper"].to_numpy()
    assert inside.all()


def test_fitted_rows_are_described(small_fit):
    table = small_fit.predict(small_fit.observed).table

    inside = table["loss"].between(table["lower"], table["upper"])
    assert inside.mean() > 0.85
    assert (table["extrapolation_decades"] == 0).all()


def test_numbers_lists_and_frames_are_the_same_question(small_fit):
    frame = pd.DataFrame({"family": "family-0", "n_params": [1e10, 1e11], "n_tokens": 1e12})

    by_frame = small_fit.predict(frame, seed=3)
    by_list = small_fit.predict(n_params=[1e10, 1e11], n_tokens=1e12, family="family-0", seed=3)

    pd.testing.assert_frame_equal(by_frame.table, by_list.table)


def test_uncertainty_grows_with_distance_and_with_ignorance(small_fit):
    near, far, new = (
        np.log(small_fit.predict(n_params=size, n_tokens=1e11, family=family, kind="mean").draws).std().item()
        for size, family in ((1e9, "family-0"), (1e13, "family-0"), (1e9, "another"))
    )

    assert near < 0.5 * far < far < new


def test_a_whole_run_table_is_told_to_give_its_frame(small_fit, small_runs):
    with pytest.raises(bs.InputError, match="frame"):
        small_fit.predict(small_runs)


# --- what it says of itself -------------------------------------------------------------------


def test_it_says_whether_to_trust_it(small_fit):
    assert small_fit.verdict == verdict(small_fit)
    assert not small_fit.check().has_errors
    assert repr(small_fit) == f"<Fit of chinchilla: 3 families, 800 draws (nuts). {small_fit.verdict}>"


def test_a_notebook_shows_the_population(small_fit):
    html = small_fit._repr_html_()

    assert "<table" in html
    assert all(f"<th>{parameter.natural}</th>" in html for parameter in small_fit.spec.law.parameters)
    assert small_fit.verdict.split(":")[0] in html


@pytest.mark.parametrize("name", ["idata", "spec", "verdict", "families"])
def test_a_fit_cannot_be_changed(small_fit, name):
    with pytest.raises(AttributeError):
        setattr(small_fit, name, None)


def test_the_summary_holds_what_the_report_shows(small_fit):
    summary = small_fit.summary()

    names = [parameter.natural for parameter in small_fit.spec.parameters]
    alpha = small_fit.draws["alpha_family"].sel(family="family-1")
    assert summary.population.index.tolist() == summary.prior.index.tolist() == names
    assert summary.families["alpha"].loc["family-1", "median"] == pytest.approx(float(alpha.median()))
    assert summary.overview["n_runs"].tolist() == [10, 10, 10]
    assert summary.diagnostics["n_divergent"] == 0
    # learned: narrower than before
    width = summary.families["alpha"].eval("q95 - q05")
    assert (width < summary.prior.eval("q95 - q05")["alpha"]).all()


def test_the_report_is_one_file(small_fit, tmp_path):
    path = small_fit.to_html(tmp_path / "fit.html", title="Of three families")

    page = path.read_text(encoding="utf-8")
    assert path == tmp_path / "fit.html"
    assert "Of three families" in page
    assert all(family in page for family in small_fit.families)
    assert 'src="http' not in page


# --- the file ---------------------------------------------------------------------------------


def test_a_loaded_fit_predicts_the_same(small_fit, held_out, tmp_path):
    loaded = bs.load_fit(small_fit.save(tmp_path / "fit.nc"))

    points = held_out.drop(columns="loss").assign(family=["family-2", "new"] * (len(held_out) // 2))
    assert isinstance(loaded, bs.Fit)
    assert repr(loaded) == repr(small_fit)
    pd.testing.assert_frame_equal(loaded.predict(points).table, small_fit.predict(points).table)


def test_an_absent_file_is_one_clear_error(tmp_path):
    with pytest.raises(bs.InputError) as error:
        bs.load_fit(tmp_path / "none.nc")

    assert error.value.code == "file_absent"
