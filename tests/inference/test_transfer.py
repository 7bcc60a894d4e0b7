"""A family added to a fit, against the same family fitted together with the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.inference import (
    LaplaceSettings,
    check_posterior,
    draw_prior,
    fit_laplace,
    load_posterior,
    save_posterior,
    transfer,
)
from bayes_scaling.inference.ensemble import Ensemble
from bayes_scaling.inference.settings import WIDE_THIN, WIDE_TUNE
from bayes_scaling.inference.transfer import population_draws, typical_population
from bayes_scaling.models import ModelSpec
from bayes_scaling.prediction import make_points, predict
from bayes_scaling.runs import RunTable, concat_runs
from tests.simulate import Design, simulate

SPEC = ModelSpec()
NEW = "family-1"
"""Neither the first nor the last label."""


@pytest.fixture(scope="module")
def runs() -> RunTable:
    return simulate(4, design=Design(n_seeds=1), seed=21).runs


@pytest.fixture(scope="module")
def old(runs) -> RunTable:
    return runs.subset(runs.frame["family"] != NEW)


@pytest.fixture(scope="module")
def one_run(runs) -> RunTable:
    return runs.subset((runs.frame["family"] == NEW) & (runs.frame["n_params"] == 4e8))


@pytest.fixture(scope="module")
def base(old):
    """The fit of the other families, with many independent draws of the population."""
    return fit_laplace(SPEC, old, LaplaceSettings(thin=4), seed=1)


@pytest.fixture(scope="module")
def with_one_run(base, one_run):
    return transfer(base, one_run, seed=2)


def flat(posterior, name: str) -> np.ndarray:
    values = posterior.draws[name].transpose("chain", "draw", ...).to_numpy()
    return values.reshape(posterior.n_draws, *values.shape[2:])


@pytest.mark.parametrize("given", ["one run", "all runs"])
def test_it_agrees_with_the_fit_of_all_families_together(given, base, runs, old, one_run, with_one_run):
    own = {"one run": one_run, "all runs": runs.select(NEW)}[given]
    added = {"one run": with_one_run}.get(given) or transfer(base, own, seed=2)

    together = fit_laplace(SPEC, concat_runs([old, own]), LaplaceSettings(thin=4), seed=3)

    assert added.families == together.families
    for name in ("theta_family", "population_mean"):
        ours, full = flat(added, name), flat(together, name)
        off = (np.median(ours, axis=0) - np.median(full, axis=0)) / full.std(axis=0)
        np.testing.assert_allclose(off, 0, atol=0.35)
        np.testing.assert_allclose(ours.std(axis=0), full.std(axis=0), rtol=0.3)


def test_one_run_says_much_about_its_family(base, with_one_run, runs):
    last = runs.select(NEW).frame.query("n_params == 3e9 and n_tokens > 9e10")
    points = last.drop(columns="loss")

    before, after = (np.log(predict(one, points, seed=1).interval(0.9)) for one in (base, with_one_run))

    width_before, width_after = (float((one["upper"] - one["lower"]).iloc[0]) for one in (before, after))
    assert width_after < 0.5 * width_before
    assert after["lower"].item() < np.log(last["loss"].item()) < after["upper"].item()


def test_the_draws_can_be_trusted_and_say_where_they_come_from(with_one_run, base, one_run):
    assert not check_posterior(with_one_run)
    assert with_one_run.method == "transfer"
    assert with_one_run.idata.attrs["seed"] == 2
    assert with_one_run.spec == base.spec
    rows = with_one_run.observed
    assert set(rows["family"]) == set(with_one_run.families)
    assert len(rows) == len(base.observed) + (rows["family"] == NEW).sum()
    assert set(rows.loc[rows["family"] == NEW, "loss"]) < set(one_run.frame["loss"])


def test_the_families_that_were_fitted_come_along_with_their_population(base, with_one_run):
    """Each draw holds a population, and the other families at the draw that this population belongs to."""
    known, mean = flat(base, "theta_family"), flat(base, "population_mean")
    others = [with_one_run.families.index(family) for family in base.families]
    theta, weights = flat(with_one_run, "theta_family"), flat(with_one_run, "discrepancy_weights")
    place = {tuple(row): number for number, row in enumerate(mean)}

    source = [place[tuple(row)] for row in flat(with_one_run, "population_mean")]

    np.testing.assert_array_equal(theta[:, others], known[source])
    np.testing.assert_array_equal(weights[:, others], flat(base, "discrepancy_weights")[source])
    np.testing.assert_array_equal(flat(with_one_run, "population_sd"), flat(base, "population_sd")[source])
    assert len(set(source)) > 100


def test_a_family_of_its_own_unit_keeps_it(base, one_run):
    bits = RunTable.from_frame(one_run.frame.assign(metric="bits_per_word", loss=one_run.frame["loss"] * 20))

    added = transfer(base, bits, seed=2)

    point = make_points(None, n_params=4e8, n_tokens=1e11, family=[NEW, "family-0"])
    ours, theirs = predict(added, point).table["median"]
    last = one_run.frame["loss"].iloc[-1]
    assert ours == pytest.approx(20 * last, rel=0.05)
    assert theirs < 10


def test_seeds_reproduce_and_differ(base, one_run, with_one_run):
    again, other = (transfer(base, one_run, seed=seed) for seed in (2, 3))

    assert again.draws.identical(with_one_run.draws)
    assert not np.array_equal(other.draws["theta_family"], with_one_run.draws["theta_family"])


def test_what_was_added_is_stored_and_added_to(with_one_run, runs, tmp_path):
    back = load_posterior(save_posterior(with_one_run, tmp_path / "fit.nc"))
    another = runs.select(NEW).frame.assign(family="another")

    added = transfer(back, RunTable.from_frame(another), seed=4)

    assert back.draws.identical(with_one_run.draws)
    assert set(added.families) == {*with_one_run.families, "another"}
    assert added.n_draws == 2048


def test_families_stay_sorted_with_all_that_belongs_to_them(with_one_run, base):
    families = with_one_run.families
    assert families == tuple(sorted((*base.families, NEW)))
    constants = with_one_run.idata["constant_data"].to_dataset()
    assert tuple(constants["family"].to_numpy()) == families
    known = base.idata["constant_data"].to_dataset()["path_shape"]
    np.testing.assert_array_equal(constants["path_shape"].sel(family=list(base.families)), known)


def test_columns_that_only_the_new_runs_have_do_no_harm(base, tmp_path):
    design = Design(sizes=(4e8,), n_seeds=1, logs_learning_rate=True, n_unique_tokens=3e10)
    frame = simulate(1, design=design, seed=5).runs.frame.assign(family="other", arch="moe", note="mine")

    added = transfer(base, RunTable.from_frame(frame), seed=2)
    back = load_posterior(save_posterior(added, tmp_path / "fit.nc"))

    assert added.peak_learning_rates == {"other": pytest.approx(frame["learning_rate"].max())}
    assert back.peak_learning_rates == added.peak_learning_rates
    rows = back.observed.set_index("family")
    assert set(rows.loc["other", "arch"]) == {"moe"}
    assert rows.loc["family-0", "learning_rate"].isna().all()


def test_the_prior_alone_can_be_conditioned_too(runs):
    """Draws of the prior are a bank like any other: what comes out is the fit of that family."""
    own = runs.select(NEW)

    added = transfer(draw_prior(SPEC, n_draws=4000, seed=1), own, seed=2)
    fitted = fit_laplace(SPEC, own, LaplaceSettings(thin=4), seed=3)

    ours, exact = flat(added, "theta_family")[:, 0], flat(fitted, "theta_family")[:, 0]
    assert added.families == (NEW,)
    off = (np.median(ours, axis=0) - np.median(exact, axis=0)) / exact.std(axis=0)
    np.testing.assert_allclose(off, 0, atol=0.35)
    np.testing.assert_allclose(ours.std(axis=0), exact.std(axis=0), rtol=0.3)


# --- the population that stands for its draws -------------------------------------------------


def test_the_bank_holds_the_draws_of_the_population(base):
    bank = population_draws(base)

    np.testing.assert_array_equal(bank.mean, flat(base, "population_mean"))
    np.testing.assert_array_equal(bank.sd, flat(base, "population_sd"))
    correlation = bank.correlation_factor @ np.swapaxes(bank.correlation_factor, -1, -2)
    np.testing.assert_allclose(correlation, flat(base, "mean_correlation"), atol=1e-10)


def test_one_population_spreads_like_families_of_random_draws(base):
    bank = population_draws(base)
    rng = np.random.default_rng(0)
    families = bank.mean + bank.sd * rng.standard_normal(bank.mean.shape)

    typical = typical_population(bank)

    np.testing.assert_allclose(typical.mean, families.mean(axis=0), atol=4 * typical.sd.max() / np.sqrt(2048))
    np.testing.assert_allclose(typical.sd, families.std(axis=0), rtol=0.15)
    np.testing.assert_allclose(np.linalg.norm(typical.correlation_factor, axis=1), 1)


# --- errors -----------------------------------------------------------------------------------


def test_a_family_that_is_fitted_already_is_one_clear_error(base, runs):
    with pytest.raises(InputError, match="family-0") as error:
        transfer(base, runs)

    assert error.value.code == "family_fitted_already"
    assert NEW not in error.value.given


@pytest.mark.parametrize("seed", [-1, 0.5, "one", None])
def test_a_seed_is_a_whole_number(base, one_run, seed):
    with pytest.raises(InputError, match="seed"):
        transfer(base, one_run, seed=seed)


def test_a_single_size_in_a_known_metric_is_measured_as_the_fitted_families_are(runs):
    bits = runs.frame.assign(metric="bits_per_byte")
    fitted = RunTable.from_frame(bits[bits["family"] != NEW])
    new = bits[bits["family"] == NEW].assign(loss=lambda rows: 1.5 * rows["loss"])
    one_size = RunTable.from_frame(new[new["n_params"] == new["n_params"].min()])

    base = fit_laplace(SPEC, fitted, LaplaceSettings(draws=2, tune=2), seed=1)
    units = transfer(base, one_size, seed=1).idata["constant_data"]["log_unit"]

    known = units.drop_sel(family=NEW).to_numpy()
    assert float(units.sel(family=NEW)) == pytest.approx(np.sort(known)[(len(known) - 1) // 2], abs=0.02)
    assert float(units.sel(family=NEW)) < float(np.log(one_size.frame["loss"].min() / 2)) - 0.2


def test_under_a_law_that_data_leave_open_a_transfer_keeps_as_few_sweeps_as_a_fit(base, one_run, monkeypatch):
    class OpenLaw(type(SPEC.law)):
        weakly_identified = True

    swept = []
    monkeypatch.setattr(Ensemble, "sweep", lambda self: swept.append(self))
    opened = replace(base, spec=replace(SPEC, law=OpenLaw()))

    transfer(opened, one_run)

    assert len(swept) == WIDE_TUNE + WIDE_TUNE // 3 + WIDE_THIN * LaplaceSettings().draws
