"""Linear algebra keeps to one thread while a fit runs, and has its threads again after."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from bayes_scaling.inference import fit_posterior, transfer
from bayes_scaling.inference.ensemble import Ensemble
from bayes_scaling.inference.settings import LaplaceSettings
from bayes_scaling.inference.threads import on_one_thread
from bayes_scaling.models import ModelSpec
from bayes_scaling.runs import RunTable
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


def test_a_transfer_is_such_work(monkeypatch):
    seen = []
    base = fit_posterior(ModelSpec(), simulate(2).runs, LaplaceSettings(draws=1, tune=3))
    sweep = Ensemble.sweep
    monkeypatch.setattr(Ensemble, "sweep", lambda self: seen.append(blas_threads()) or sweep(self))
    table = simulate(1, seed=7).frame.assign(family="new")[["family", "run", "n_params", "n_tokens", "loss"]]

    transfer(base, RunTable.from_frame(table))

    assert seen and all(threads == {1} for threads in seen)


OVERLAP = """
from threading import Event, Thread
from threadpoolctl import threadpool_info
from bayes_scaling.inference.threads import on_one_thread

def blas_threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

started, go_on = Event(), Event()

@on_one_thread
def first():
    started.set()
    go_on.wait(10)

@on_one_thread
def second():
    seen.append(blas_threads())
    go_on.set()
    thread.join(10)

seen = [blas_threads()]
thread = Thread(target=first)
thread.start()
started.wait(10)
second()
print(*seen, blas_threads())
"""
"""The second begins before the first ends, and ends after it."""


def test_of_works_that_overlap_in_threads_none_leaves_the_limit_behind():
    """In a process of its own, where no thread has made a limit yet."""
    two = os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "2")

    done = subprocess.run([sys.executable, "-c", OVERLAP], env=two, capture_output=True, text=True)

    assert done.stdout.split() == ["{2}", "{1}", "{2}"], done.stderr
