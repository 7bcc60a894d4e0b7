from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayes_scaling import InputError
from bayes_scaling.inference import load_posterior, save_posterior
from bayes_scaling.inference.posterior import assemble
from bayes_scaling.laws import registry
from bayes_scaling.prediction import make_points, predict
from tests.made_up_posterior import FAMILIES, SPEC, made_up_draws, made_up_posterior

POINTS = make_points(
    pd.DataFrame({"family": ["apple", "pear", "new"], "n_params": [1e9, 1e10, 1e11], "n_tokens": 1e12})
)


# --- what it holds ----------------------------------------------------------------------------


def test_what_was_drawn_is_what_is_held():
    draws = made_up_draws()
    posterior = made_up_posterior(draws)

    assert posterior.families == FAMILIES
    assert posterior.n_draws == 2000
    assert posterior.method == "nuts"
    assert posterior.seconds == 1.5
    assert posterior.draws[list(draws)].identical(draws)
    assert len(posterior.observed) == 8
    assert set(posterior.idata.children) == {"posterior", "sample_stats", "constant_data", "observed_data"}


def test_law_parameters_come_on_their_natural_scale():
    posterior = made_up_posterior(log_unit=(0.0, np.log(3.0)))

    theta = posterior.draws["theta_family"]
    for parameter in SPEC.law.parameters:
        own = np.exp(theta.sel(parameter=parameter.name, drop=True))
        unit = 1.0 if parameter.relative_to_scale else xr.DataArray([1.0, 3.0], dims="family")
        xr.testing.assert_allclose(posterior.draws[f"{parameter.natural}_family"], own * unit)
        mean = posterior.draws["population_mean"].sel(parameter=parameter.name)
        np.testing.assert_allclose(posterior.draws[parameter.natural], np.exp(mean))
    assert (
        posterior.draws["E_family"].sel(family="pear").mean() > 2 * posterior.draws["E_family"][..., 0].mean()
    )


# --- the file ---------------------------------------------------------------------------------


def test_a_stored_posterior_comes_back_and_predicts_the_same(tmp_path):
    posterior = made_up_posterior(log_unit=(0.0, 0.7))

    back = load_posterior(save_posterior(posterior, tmp_path / "fit.nc"))

    assert back.spec == posterior.spec
    assert back.idata.identical(posterior.idata)
    pd.testing.assert_frame_equal(back.observed, posterior.observed)
    xr.testing.assert_identical(predict(back, POINTS).draws, predict(posterior, POINTS).draws)
    pd.testing.assert_frame_equal(predict(back, POINTS).table, predict(posterior, POINTS).table)


def test_labels_in_any_script_and_gaps_in_columns_survive(tmp_path):
    rows = made_up_posterior().observed.assign(
        family="通义 🦙", note=None, learning_rate=[1e-3, np.nan] * 4, n_layers=range(8), tied=True
    )
    rows.loc[0, "note"] = "Ünïcödé"
    constants = xr.Dataset(
        {"path_shape": ("family", [0]), "log_unit": ("family", [0.0])}, coords={"family": ["通义 🦙"]}
    )
    draws = made_up_draws().isel(family=[0]).assign_coords(family=["通义 🦙"])
    posterior = assemble(SPEC, draws, constants, rows, {"method": "nuts", "seconds": 1.0})

    back = load_posterior(save_posterior(posterior, tmp_path / "ünïcödé.nc"))

    assert back.families == ("通义 🦙",)
    assert back.observed["note"].tolist() == ["Ünïcödé", *[""] * 7]
    assert back.observed["tied"].tolist() == ["True"] * 8
    np.testing.assert_array_equal(back.observed["learning_rate"], rows["learning_rate"])
    np.testing.assert_array_equal(back.observed["n_layers"], rows["n_layers"])


def test_the_file_replaces_an_older_one_and_leaves_no_other(tmp_path):
    path = tmp_path / "fit.nc"
    path.write_text("older")

    assert save_posterior(made_up_posterior(), path) == path

    assert [file.name for file in tmp_path.iterdir()] == ["fit.nc"]
    assert path.stat().st_mode & 0o777 == 0o644
    assert load_posterior(path).families == FAMILIES


def test_a_write_that_fails_leaves_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "fit.nc"
    path.write_text("older")

    def broken(self, *_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(xr.DataTree, "to_netcdf", broken)
    with pytest.raises(OSError, match="disk full"):
        save_posterior(made_up_posterior(), path)

    assert [file.read_text() for file in tmp_path.iterdir()] == ["older"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(InputError) as error:
        save_posterior(made_up_posterior(), tmp_path / "none" / "fit.nc")

    assert error.value.code == "no_folder"


def cut_short(path):
    path.write_bytes(save_posterior(made_up_posterior(), path).read_bytes()[:5000])


def without_a_description(path):
    xr.Dataset({"x": [1.0]}).to_netcdf(path, engine="h5netcdf")


def of_another_format(path):
    posterior = made_up_posterior()
    posterior.idata.attrs["format"] = 99
    posterior.idata.attrs["spec"] = "written in a way of its own"
    save_posterior(posterior, path)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: None, "file_absent"),
        (lambda path: path.mkdir(), "file_absent"),
        (lambda path: path.write_text(""), "not_a_fit"),
        (lambda path: path.write_text("family,run\n"), "not_a_fit"),
        (cut_short, "not_a_fit"),
        (without_a_description, "not_a_fit"),
        (of_another_format, "other_format"),
    ],
    ids=["absent", "folder", "empty", "text", "cut short", "other netcdf", "other format"],
)
def test_what_is_no_stored_fit_is_one_clear_error(tmp_path, make, code):
    path = tmp_path / "fit.nc"
    make(path)

    with pytest.raises(InputError, match=r"fit\.nc") as error:
        load_posterior(path)

    assert error.value.code == code


def test_a_fit_of_a_law_that_is_not_registered_says_so(tmp_path, monkeypatch):
    path = save_posterior(made_up_posterior(), tmp_path / "fit.nc")
    monkeypatch.setattr(registry, "_LAWS", {})

    with pytest.raises(InputError, match="register_law") as error:
        load_posterior(path)

    assert error.value.code == "unknown_law"
