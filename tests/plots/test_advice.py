from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from bayes_scaling.plots import Colour, plot_advice


@pytest.fixture
def advice() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "candidate": ["one run at 3B", "another seed at 400M", "another seed at 100M"],
            "narrowing": [0.35, 0.08, 0.004],
            "mc_error": [0.01, 0.005, 0.004],
            "cost_share": [0.2, 0.003, 0.0002],
            "is_measurable": [True, True, False],
        }
    )


def test_each_candidate_has_its_dot_and_two_errors_either_way(advice):
    bars, dots = plot_advice(advice).collections

    np.testing.assert_allclose(dots.get_offsets(), np.column_stack([[35, 8, 0.4], [0, 1, 2]]))
    spans = [[path.vertices[0][0], path.vertices[-1][0]] for path in bars.get_paths()]
    np.testing.assert_allclose(spans, [[33, 37], [7, 9], [-0.4, 1.2]])


def test_what_cannot_be_told_from_nothing_is_hollow(advice):
    _, dots = plot_advice(advice).collections

    assert [to_hex(colour) for colour in dots.get_facecolors()] == [Colour.OURS, Colour.OURS, Colour.PAPER]


def test_names_and_costs_stand_at_the_sides(advice):
    ax = plot_advice(advice)

    assert [label.get_text() for label in ax.get_yticklabels()] == advice["candidate"].tolist()
    assert [text.get_text() for text in ax.texts] == ["20 %", "0.3 %", "0.02 %"]
