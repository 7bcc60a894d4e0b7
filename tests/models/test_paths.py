from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.models import ModelSpec, PathShape

SHAPES = ModelSpec().shapes
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])


@every_shape
@settings(deadline=None)
@given(log_tokens=st.lists(st.floats(10, 35), min_size=1, max_size=30))
def test_correlations_can_be_factorised(shape, log_tokens):
    correlation = shape.correlation(np.sort(log_tokens))

    np.testing.assert_allclose(np.diag(correlation), 1.0)
    np.testing.assert_array_equal(correlation, correlation.T)
    assert np.linalg.eigvalsh(correlation).min() >= 0.99 * shape.noise


@every_shape
def test_a_run_remembers_its_offset_for_ever_and_its_drift_for_a_while(shape):
    near, length, far = shape.correlation(np.array([0.0, 1e-9, shape.correlation_length, 1e3]))[0, 1:]

    assert near == pytest.approx(1 - shape.noise)
    assert length == pytest.approx(shape.offset + shape.drift / np.e)
    assert far == pytest.approx(shape.offset)


def test_shapes_have_names_of_their_own():
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)


@pytest.mark.parametrize(
    "shares",
    [(0.5, 0.5, 0.0), (0.5, 0.6, -0.1), (0.5, 0.4, 0.2), (0.3, 0.3, 0.3)],
    ids=["no noise", "negative", "above one", "below one"],
)
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(ValueError, match="shares"):
        PathShape("odd", *shares, correlation_length=1.0)


@pytest.mark.parametrize("length", [0.0, -1.0, np.nan])
def test_a_drift_needs_a_length(length):
    with pytest.raises(ValueError, match="correlation_length"):
        PathShape("odd", 0.5, 0.3, 0.2, correlation_length=length)
