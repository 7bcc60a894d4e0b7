from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from bayes_scaling.plots import Colour, plot_scores

SCORES = pd.Series({"hierarchical": 0.018, "Huber": 0.029, "least squares": 0.032})


def test_bars_start_at_zero_and_end_at_the_score():
    ax = plot_scores(SCORES)

    np.testing.assert_array_equal([bar.get_width() for bar in ax.patches], SCORES)
    assert {bar.get_x() for bar in ax.patches} == {0.0}
    assert ax.get_xlim()[0] == 0.0


def test_names_and_values_are_written_out():
    ax = plot_scores(SCORES, value_format="{:.1%}")

    assert [label.get_text() for label in ax.get_yticklabels()] == list(SCORES.index)
    assert [text.get_text() for text in ax.texts] == ["1.8%", "2.9%", "3.2%"]


def test_one_method_is_set_apart():
    colours = [to_hex(bar.get_facecolor()) for bar in plot_scores(SCORES, ours="Huber").patches]

    assert colours == [Colour.PRIOR, Colour.OURS, Colour.PRIOR]


def test_a_method_without_a_score_says_so():
    ax = plot_scores(pd.Series({"ours": 1.0, "gave up": np.nan}))

    assert [text.get_text() for text in ax.texts] == ["1", "none"]
