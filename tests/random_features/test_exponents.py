from __future__ import annotations

import dataclasses

import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.random_features import limiting_exponents, published_exponents

BOTH = (published_exponents, limiting_exponents)


@pytest.mark.parametrize("exponents", BOTH)
def test_the_papers_worked_example(exponents):
    """arXiv:2402.01092: (a, b) = (2, 1) has t^-1 and N^-1."""
    worked = exponents(2.0, 1.0)

    assert (worked.time, worked.width, worked.samples) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(("a", "b"), [(1.5, 1.25), (2.0, 1.5), (1.2, 0.8)])
@pytest.mark.parametrize("exponents", BOTH)
def test_the_printed_frontier_of_tasks_that_are_not_steep(exponents, a, b):
    """C^-(a-1)/(b+1), t ~ C^b/(1+b), N ~ C^1/(1+b)."""
    theory = exponents(a, b)

    assert theory.compute == pytest.approx((a - 1) / (b + 1))
    assert theory.optimal_time == pytest.approx(b / (1 + b))
    assert theory.optimal_width == pytest.approx(1 / (1 + b))


def test_the_printed_frontier_of_steep_tasks():
    """(a - 1) min{a - 1, 2b} / (b min{a - 1, 2b} + a - 1)."""
    a, b = 5.0, 1.5

    assert published_exponents(a, b).compute == pytest.approx((a - 1) * 2 * b / (b * 2 * b + a - 1))


@pytest.mark.parametrize("exponents", BOTH)
def test_time_and_width_along_the_frontier_make_up_compute(exponents):
    theory = exponents(3.3, 1.2)

    assert theory.optimal_time + theory.optimal_width == pytest.approx(1.0)
    assert theory.compute == pytest.approx(theory.time * theory.optimal_time)
    assert theory.compute == pytest.approx(theory.width * theory.optimal_width)


def test_the_two_forms_differ_only_in_the_width_of_steep_tasks():
    assert published_exponents(2.0, 1.5) == limiting_exponents(2.0, 1.5)
    printed, limit = published_exponents(5.0, 1.5), limiting_exponents(5.0, 1.5)
    assert (printed.width, limit.width) == (3.0, 1.5)
    assert dataclasses.replace(printed, samples=0.0).time == limit.time
    assert printed.samples == limit.samples == 3.0


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (2.0, 0.0), (float("nan"), 1.0)])
def test_decays_out_of_range_are_input_errors(a, b):
    with pytest.raises(InputError):
        published_exponents(a, b)
