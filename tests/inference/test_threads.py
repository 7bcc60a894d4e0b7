"""Linear algebra keeps to one thread while a fit runs, and has its threads again after."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from bayes_scaling.inference import fit_posterior, transfer
from bayes_scaling.inference.settings import LaplaceSettings
from bayes_scaling.inference.threads import on_one_thread
from bayes_scaling.models import ModelSpec
from tests.simulate import simulate


def blas_threads() -> set[int]:
    """Numbers of threads of the BLAS libraries that are loaded."""
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads():
    with threadpool_limits(limits=2, user_api="blas"):
        yield


def test_a_fit_has_one_thread_and_its_caller_as_many_as_before():
    seen = []
    settings = LaplaceSettings(draws=1, tune=3)

    fit_posterior(ModelSpec(), simulate(1).runs, settings, progress=lambda *_: seen.append(blas_threads()))

    assert seen == [{1}]
    assert blas_threads() == {2}


def test_threads_come_back_when_the_work_fails():
    def fail() -> None:
        assert blas_threads() == {1}
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        on_one_thread(fail)()
    assert blas_threads() == {2}


def test_a_transfer_is_such_work():
    assert hasattr(transfer, "__wrapped__")
