from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation import SUMMARIES, aggregate_effects, difference_in_differences
from bayes_scaling.memorisation.aggregation import summary_weights


@pytest.fixture(scope="module")
def effects(simulated):
    return difference_in_differences(simulated.panel)


@pytest.mark.parametrize("by", SUMMARIES)
def test_an_average_is_the_mean_of_its_cells(effects, by):
    labels, weights = summary_weights(effects.keys, by)
    table = aggregate_effects(effects, by, n_draws=100)

    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    np.testing.assert_array_equal((weights > 0).sum(axis=1), labels["n_cells"])
    np.testing.assert_allclose(table["estimate"], weights @ effects.estimate)
    assert (table["band_lower"] <= table["lower"] + 1e-12).all()


def test_the_kinds_of_memorisation_pick_their_cells(effects):
    cells = effects.table()
    kinds = {
        by: aggregate_effects(effects, by, n_draws=100) for by in ("instantaneous", "persistent", "residual")
    }

    own = cells[cells["event_time"] == 0]
    last = cells[cells["is_post"] & (cells["checkpoint"] == 7000.0)]
    later = cells[cells["event_time"] > 0].groupby("cohort")["estimate"].mean()
    np.testing.assert_allclose(kinds["instantaneous"]["estimate"], own["estimate"])
    np.testing.assert_allclose(kinds["instantaneous"]["se"], own["se"])
    np.testing.assert_allclose(kinds["residual"]["estimate"], last["estimate"])
    np.testing.assert_allclose(kinds["persistent"].set_index("cohort")["estimate"], later)


def test_cohorts_weigh_as_they_have_instances(effects):
    keys = effects.keys.assign(n_instances=np.where(effects.keys["cohort"] == 2000.0, 30, 10))
    labels, weights = summary_weights(keys, "event")
    at_zero = weights[labels["event_time"] == 0.0][0]

    assert at_zero[(keys["event_time"] == 0) & (keys["cohort"] == 2000.0)] == pytest.approx(30 / 80)


def test_errors_of_averages_are_those_of_the_instances_averages(simulated):
    """The overall effect of one cohort is a mean over instances, whose error needs no covariance matrix."""
    outcomes = simulated.panel.outcomes()
    table = aggregate_effects(difference_in_differences(simulated.panel), "cohort", n_draws=100)
    change = outcomes.outcome[:, 2:].mean(axis=1) - outcomes.outcome[:, 1]
    treated, never = change[outcomes.cohort == 2000.0], change[np.isnan(outcomes.cohort)]

    row = table.set_index("cohort").loc[2000.0]
    assert row["estimate"] == pytest.approx(treated.mean() - never.mean())
    assert row["se"] == pytest.approx(
        np.hypot(*(part.std(ddof=1) / len(part) ** 0.5 for part in (treated, never)))
    )


def test_an_unknown_summary_is_refused(effects):
    with pytest.raises(InputError) as caught:
        aggregate_effects(effects, "batch")
    assert caught.value.code == "unknown_summary"


def test_nothing_to_average_is_an_error(effects):
    with pytest.raises(InputError) as caught:
        summary_weights(effects.keys[effects.keys["event_time"] == 0], "persistent")
    assert caught.value.code == "no_cells"
