from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex

from bayes_scaling.plots import Colour, plot_prior_posterior


def spans(collection):
    return [[path.vertices[0][0], path.vertices[-1][0]] for path in collection.get_paths()]


def test_priors_and_posteriors_are_paired_by_name_whatever_their_order(intervals):
    posterior = (1.5 * intervals).iloc[::-1]
    wide_prior, _, _, wide_posterior, _, _ = plot_prior_posterior(intervals, posterior).collections

    np.testing.assert_allclose(spans(wide_prior), intervals[["q05", "q95"]])
    np.testing.assert_allclose(spans(wide_posterior), 1.5 * intervals[["q05", "q95"]])
    assert to_hex(wide_prior.get_colors()[0]) == Colour.PRIOR
    assert to_hex(wide_posterior.get_colors()[0]) == Colour.OURS


def test_the_two_colours_are_named(intervals):
    ax = plot_prior_posterior(intervals, intervals)

    assert [text.get_text() for text in ax.texts] == ["prior", "posterior"]


def test_a_linear_axis_takes_values_below_zero(intervals):
    ax = plot_prior_posterior(-intervals, intervals, log=False)

    assert ax.get_xscale() == "linear"
    assert ax.get_xlim()[0] < 0
