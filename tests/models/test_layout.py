"""A table as arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.laws import get_law
from bayes_scaling.models import (
    SCHEDULE_LEVEL,
    DiscrepancyBasis,
    ModelSpec,
    assumptions_of,
    build_layout,
    discrepancy_features,
    family_log_likelihood,
    likelihood_arrays,
    mean_inputs,
    read_rows,
    whitened,
)
from bayes_scaling.runs import RunTable
from tests.models.dense import AWKWARD_FAMILIES, awkward_runs, random_theta, split
from tests.simulate import Design, fresh_tokens, simulate

SPEC = ModelSpec()


# --- the arrays -------------------------------------------------------------------------------


def test_rows_families_and_inputs_are_those_of_the_table():
    runs = awkward_runs()
    layout = build_layout(SPEC, runs)

    assert layout.families == runs.families == AWKWARD_FAMILIES
    assert layout.n_obs.sum() == len(layout.frame) == len(layout.log_loss)
    assert set(likelihood_arrays(layout)) > set(SPEC.mean.inputs)
    np.testing.assert_array_equal(layout.inputs["n_params"], layout.frame["n_params"])
    labels = np.array(layout.families)[layout.family_index]
    np.testing.assert_array_equal(labels, layout.frame["family"])


def test_nats_keep_their_unit_and_any_other_unit_is_taken_from_the_rows():
    runs = awkward_runs()
    layout = build_layout(SPEC, runs)

    lowest = runs.frame.groupby("family")["loss"].min()["bits"]
    np.testing.assert_allclose(layout.log_unit, [np.log(lowest / 2), 0, 0, 0, 0])
    assert np.exp(layout.log_loss[layout.family_index == 0].min()) == pytest.approx(2.0)


@pytest.mark.parametrize("factor", [0.01, 100.0])
def test_the_unit_of_loss_does_not_matter_where_it_is_not_nats(factor):
    runs = awkward_runs()
    rescaled = runs.select("bits").frame
    rescaled["loss"] *= factor
    theta = split(random_theta(SPEC, 1))

    found = [
        family_log_likelihood(np, SPEC.mean, *theta, likelihood_arrays(build_layout(SPEC, table)))
        for table in (runs.select("bits"), RunTable.from_frame(rescaled))
    ]

    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)


def test_runs_of_one_name_in_two_families_are_two_runs():
    one = simulate(1, seed=4).frame
    twins = pd.concat([one, one.assign(family="twin")], ignore_index=True)
    theta = split(np.repeat(random_theta(SPEC, 1), 2, axis=0))

    layout = build_layout(SPEC, RunTable.from_frame(twins[["family", "run", "n_params", "n_tokens", "loss"]]))
    first, second = family_log_likelihood(np, SPEC.mean, *theta, likelihood_arrays(layout))

    assert first == pytest.approx(second, rel=1e-12)


def test_the_description_decides_which_checkpoints_enter():
    runs = simulate(1, design=Design(first_tokens=1e8, n_checkpoints=80)).runs
    spec = replace(SPEC, max_checkpoints=3, min_progress=0.5)

    frame = build_layout(spec, runs).frame

    assert frame.groupby("run").size().max() == 3
    assert frame["n_tokens"].min() >= 0.5 * 1e11


# --- what enters the mean and the discrepancy -------------------------------------------------


def test_repeated_tokens_count_for_less_in_law_and_discrepancy_unless_told_otherwise():
    rows = awkward_runs().select("repeated").frame
    fresh = fresh_tokens(rows["n_tokens"].to_numpy(), 2e10)
    log_sizes, log_tokens = np.log(rows["n_params"].to_numpy()), np.log(rows["n_tokens"].to_numpy())
    plain = replace(SPEC, repeats=False)

    np.testing.assert_allclose(mean_inputs(SPEC, rows, {})["n_tokens"], fresh)
    np.testing.assert_array_equal(mean_inputs(plain, rows, {})["n_tokens"], rows["n_tokens"])
    np.testing.assert_allclose(
        discrepancy_features(SPEC, rows),
        SPEC.basis.features(log_sizes, np.log(fresh), log_tokens - np.log(fresh)),
    )
    np.testing.assert_allclose(
        discrepancy_features(plain, rows), DiscrepancyBasis(wear=0.0).features(log_sizes, log_tokens)
    )
    assert (fresh < rows["n_tokens"]).any()


def test_a_law_that_knows_repeats_itself_leaves_their_wear_to_the_discrepancy():
    rows = awkward_runs().select("repeated").frame
    fresh = fresh_tokens(rows["n_tokens"].to_numpy(), 2e10)
    law = get_law("repeat-data")

    found = discrepancy_features(ModelSpec(law=law, **assumptions_of(law)), rows)

    log_sizes, log_tokens = np.log(rows["n_params"].to_numpy()), np.log(rows["n_tokens"].to_numpy())
    np.testing.assert_allclose(found, SPEC.basis.features(log_sizes, log_tokens, log_tokens - np.log(fresh)))
    assert found[:, -1].any()


def test_a_mean_without_schedule_has_no_level():
    rows = awkward_runs().frame

    assert SCHEDULE_LEVEL in mean_inputs(SPEC, rows, {})
    without = replace(SPEC, schedule=False, priors=None)
    assert set(mean_inputs(without, rows, {})) == set(SPEC.law.inputs)


def test_the_peak_is_that_of_all_rows_not_of_those_that_enter():
    runs = simulate(1, design=Design(n_checkpoints=12, logs_learning_rate=True)).runs
    layout = build_layout(SPEC, runs)

    assert layout.peaks == {"family-0": pytest.approx(runs.frame["learning_rate"].max())}
    assert layout.frame["learning_rate"].max() < runs.frame["learning_rate"].max()
    np.testing.assert_allclose(
        layout.inputs[SCHEDULE_LEVEL], layout.frame["learning_rate"] / runs.frame["learning_rate"].max()
    )


# --- the ends of a family's data --------------------------------------------------------------


def test_ends_are_those_of_each_family_and_the_middle_is_in_the_logarithm():
    layout = build_layout(SPEC, awkward_runs())

    low, high, middle = layout.ends(SPEC.law.inputs)["n_params"]

    np.testing.assert_allclose(low, 5e7)
    np.testing.assert_allclose(high, 3e9)
    by_family = np.log(layout.frame["n_params"]).groupby(layout.frame["family"]).mean()
    np.testing.assert_allclose(np.log(middle), by_family)


def test_a_family_at_one_point_gets_a_second_end():
    one = awkward_runs().select("tiny")
    layout = build_layout(SPEC, one.subset(one.frame["n_params"] > 1e9))

    for low, high, middle in layout.ends(SPEC.law.inputs).values():
        np.testing.assert_allclose(high, np.e * low)
        np.testing.assert_allclose(middle, low)


# --- outliers ---------------------------------------------------------------------------------


def test_noise_that_is_widened_is_widened_where_told():
    runs = awkward_runs().select("family-0")
    inflation = np.where(build_layout(SPEC, runs).frame["n_params"] == 1e9, 3.0, 1.0)

    plain, widened = build_layout(SPEC, runs), build_layout(SPEC, runs, inflation=inflation)

    np.testing.assert_array_equal(widened.inflation, inflation)
    assert widened.log_det[0] - plain.log_det[0] == pytest.approx(2 * np.log(inflation).sum())


def test_rows_can_be_whitened_again_without_reading_the_table_again():
    """Other shapes, noise and levels, whatever the layout had before."""
    runs = awkward_runs()
    first = build_layout(SPEC, runs, 2, inflation=4.0)
    rng = np.random.default_rng(3)
    inflation = 1.0 + rng.random(len(first.frame))
    shift, variance = (
        rng.random(len(first.families))[first.family_index] * np.ones(len(first.frame)) for _ in range(2)
    )
    shapes = np.arange(len(first.families)) % 3

    again = whitened(SPEC, first, shapes, inflation, (shift, variance))
    anew = whitened(SPEC, read_rows(SPEC, runs), shapes, inflation, (shift, variance))

    assert again.frame is first.frame
    for name, values in likelihood_arrays(anew).items():
        np.testing.assert_array_equal(likelihood_arrays(again)[name], values, err_msg=name)
    np.testing.assert_array_equal(again.shape_index, shapes)
    assert np.abs(again.log_loss - first.log_loss).max() > 0.1


@pytest.mark.parametrize("exponent", [0.0, 0.05, 0.3])
def test_large_runs_scatter_less(exponent):
    spec = replace(SPEC, run_size_exponent=exponent)
    runs = awkward_runs().select("last-only")

    layout = build_layout(spec, runs)

    # one checkpoint a run: the whitener is one over the run's scale
    np.testing.assert_allclose(layout.whitener[:, 0], (layout.frame["n_params"] / 1e9) ** exponent)
