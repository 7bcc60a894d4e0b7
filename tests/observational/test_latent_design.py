from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.observational import ScoreTable
from bayes_scaling.observational.latent_design import design_latent_model
from tests.observational import models
from tests.observational.models import TASK


def test_the_frame_is_orthogonal_and_fixes_rotation(design):
    spread = np.linalg.norm(design.basis, axis=0)
    directions = design.basis / spread

    np.testing.assert_allclose(directions.T @ directions, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(design.complement.T @ design.basis, 0.0, atol=1e-9)
    assert spread[0] > spread[1]


def test_models_for_fitting_are_centred_with_unit_scale(design):
    x = design.log_compute[design.fitted]

    assert (x.mean(), x.std()) == pytest.approx((0.0, 1.0))
    assert np.sqrt(np.nanmean(design.linked[design.fitted] ** 2)) == pytest.approx(1.0, abs=0.05)


def test_counts_are_those_of_the_models_for_fitting(design, made_up):
    scores = made_up.frame["task"].to_numpy()[design.fitted]

    assert (design.counts == np.round(scores * 1000)).all()
    assert (made_up.frame["flops"].to_numpy()[design.fitted] <= 1e22).all()


def test_patterns_cover_every_score_once(design):
    covered = np.zeros(design.linked.shape, dtype=int)
    for members, benchmarks in design.patterns():
        covered[np.ix_(members, benchmarks)] += 1

    assert (covered == ~np.isnan(design.linked)).all()


def test_families_are_centred_at_their_own_compute(design):
    for family, center in enumerate(design.family_compute):
        assert center == pytest.approx(design.log_compute[design.family_index == family].mean())


def test_counts_say_most_in_the_middle_and_next_to_nothing_at_chance(design):
    information = design.count_information()
    middle = np.abs(design.counts - 550).argmin()

    assert (information >= 0).all()
    assert information[middle] > 50
    assert information[design.counts <= 100].max() < 0.1
    assert design.informative_capability()[0] > 0.2


def test_unknown_compute_is_kept_unknown(made_up):
    frame = made_up.frame.copy()
    frame.loc[frame["run"] == "model 4", "flops"] = np.nan
    table = ScoreTable.from_frame(frame, models.BENCHMARKS)

    design = design_latent_model(table, TASK, made_up.training_scores, 2)

    assert design.unknown_compute.tolist() == [4]


def test_what_a_held_out_model_scored_changes_no_array(made_up, design):
    scores = made_up.training_scores
    able = made_up.frame.assign(task=np.where(np.isnan(scores), 1.0, made_up.frame["task"]))
    again = design_latent_model(ScoreTable.from_frame(able, models.BENCHMARKS), TASK, scores, 2)

    for field in dataclasses.fields(design):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(design, field.name))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda scores: scores * 100, "bad_task_score"),
        (lambda scores: scores[:-1], "bad_task_score"),
        (lambda scores: np.where(np.arange(len(scores)) < 4, scores, np.nan), "too_few_models"),
    ],
)
def test_task_scores_that_cannot_be_used_are_refused(made_up, change, code):
    with pytest.raises(InputError) as caught:
        design_latent_model(made_up.table, TASK, change(made_up.training_scores), 2)
    assert caught.value.code == code


def test_a_table_without_compute_is_refused(made_up):
    table = ScoreTable.from_frame(made_up.frame.assign(flops=np.nan), models.BENCHMARKS)

    with pytest.raises(InputError) as caught:
        design_latent_model(table, TASK, made_up.training_scores, 2)
    assert caught.value.code == "no_compute"
