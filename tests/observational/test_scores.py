from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.observational import BENCHMARKS, ScoreTable
from bayes_scaling.observational.scores import LINK_MARGIN, linked, unlinked
from tests.observational import models


def test_the_table_keeps_what_it_needs_in_a_fixed_order(made_up):
    table = ScoreTable.from_frame(made_up.frame[::-1], models.BENCHMARKS)

    assert list(table.frame.columns) == ["family", "run", "flops", "b0", "b1", "b2", "b3", "b4"]
    assert table.models == tuple(made_up.frame["run"][::-1])
    assert len(table) == 45
    np.testing.assert_allclose(np.exp(table.log_flops), made_up.frame["flops"][::-1])


def test_a_subset_has_the_models_of_the_mask(made_up):
    mask = made_up.frame["family"].eq("family 3").to_numpy()

    assert set(made_up.table.subset(mask).families) == {"family 3"}


def test_chance_is_that_of_the_benchmarks(made_up):
    assert made_up.table.chance.tolist() == models.CHANCE.tolist()
    assert len(BENCHMARKS) == 8


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda frame: frame.drop(columns="b1"), "missing_column"),
        (lambda frame: frame.assign(b2=55.0), "bad_score"),
        (lambda frame: frame.assign(b2=-0.1), "bad_score"),
        (lambda frame: frame.assign(b2=np.inf), "bad_score"),
        (lambda frame: frame.assign(run="same"), "duplicate_model"),
        (lambda frame: frame.assign(flops=0.0), "bad_compute"),
        (lambda frame: frame.assign(flops=np.inf), "bad_compute"),
        (lambda frame: frame.assign(**{f"b{index}": np.nan for index in range(5)}), "no_score"),
        (lambda frame: frame.head(2), "too_few_models"),
    ],
)
def test_what_is_no_score_table_is_refused(made_up, change, code):
    with pytest.raises(InputError) as caught:
        ScoreTable.from_frame(change(made_up.frame), models.BENCHMARKS)
    assert caught.value.code == code


def test_unknown_compute_is_no_error(made_up):
    table = ScoreTable.from_frame(made_up.frame.assign(flops=np.nan), models.BENCHMARKS)

    assert np.isnan(table.log_flops).all()


def test_the_link_and_its_inverse_undo_each_other():
    scores = np.linspace(0.2, 1.0, 30)[:, None] * np.ones(5)

    np.testing.assert_allclose(unlinked(linked(scores, models.CHANCE), models.CHANCE)[14:], scores[14:])
    assert (np.diff(linked(scores, models.CHANCE), axis=0) >= 0).all()


def test_the_link_is_finite_at_chance_below_it_and_at_one():
    values = linked(np.array([0.0, 0.20, 0.25, 1.0]), np.full(4, 0.25))

    assert np.isfinite(values).all()
    assert values[2] == pytest.approx(np.log(LINK_MARGIN / (0.75 + LINK_MARGIN)))
    assert values[3] == pytest.approx(-values[2])


def test_a_missing_score_stays_missing():
    assert np.isnan(linked(np.array([np.nan]), np.array([0.25]))).all()
