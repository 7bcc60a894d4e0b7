"""One small table, one real fit of it through the command, and a way to run commands in process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bayes_scaling.api import Fit, load_fit
from bayes_scaling.cli import main
from bayes_scaling.runs import RunTable
from tests.simulate import Design, simulate

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run ``bayes-scaling`` with these arguments; a bug shows as its exception, not as an exit code."""

    def run_command(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)

    return run_command


@pytest.fixture(scope="session")
def tiny() -> RunTable:
    """Two simulated families of four sizes, with three checkpoints a run."""
    design = Design(sizes=(5e7, 1.5e8, 4e8, 1e9), n_seeds=1, n_checkpoints=3)
    return simulate(2, design=design).runs


@pytest.fixture(scope="session")
def tiny_csv(tiny, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "tiny.csv"
    tiny.to_csv(path)
    return path


@pytest.fixture(scope="session")
def fitting(run, tiny_csv, tmp_path_factory) -> tuple[Result, Path]:
    """What ``fit`` said of the small table, and the file it wrote; the only sampling in these tests."""
    out = tmp_path_factory.mktemp("fits") / "fit.nc"
    options = ("--prior", "weak", "--chains", 2, "--draws", 300, "--tune", 200, "--seed", 1)
    return run("fit", tiny_csv, "--out", out, *options), out


@pytest.fixture(scope="session")
def fit_nc(fitting) -> Path:
    """A stored fit that can be used."""
    return fitting[1]


@pytest.fixture(scope="session")
def untrusted_fit(fit_nc) -> Fit:
    """The same fit with one chain moved away from the other, as a sampler that got stuck leaves it."""
    fitted = load_fit(fit_nc)
    draws = fitted.draws
    tree = fitted.idata.copy()
    tree["posterior"] = tree["posterior"].copy()
    mean = draws["population_mean"]
    moved = mean + 4.0 * mean.std(["chain", "draw"]) * (draws["chain"] == 0)
    tree["posterior"]["population_mean"] = moved.transpose(*mean.dims)
    return Fit(fitted.spec, tree)


@pytest.fixture(scope="session")
def untrusted_nc(untrusted_fit, tmp_path_factory) -> Path:
    """The stored fit that should not be trusted."""
    return untrusted_fit.save(tmp_path_factory.mktemp("fits") / "untrusted.nc")


@pytest.fixture
def no_sampling(monkeypatch, fit_nc) -> Iterator[None]:
    """Every fit inside a back-test is the small one, whatever the table; other families are new to it."""
    fitted = load_fit(fit_nc)
    monkeypatch.setattr("bayes_scaling.api.forecaster.fit_posterior", lambda *args, **options: fitted)
    yield
