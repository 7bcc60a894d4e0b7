"""What all tests share: a quiet machine, the optional parts as fixtures, the switch that forbids skipping."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

# Set before any numerical package is imported. The test workers fill the cores: threads would only compete.
os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

REQUIRE_ALL = "BAYES_SCALING_REQUIRE_ALL"
MIRROR = "BAYES_SCALING_MIRROR"
MIRROR_BESIDE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data" / "upstream"
CHROMIUM_COMMANDS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder with copies of the public data sets (``colpret/``, ``gadre/``); a skip where there is none."""
    folder = Path(os.environ.get(MIRROR) or MIRROR_BESIDE_CHECKOUT)
    if not folder.is_dir():
        pytest.skip(f"no mirror of the public data sets at {folder} (name one with {MIRROR})")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Executable of a Chromium that runs; a skip where there is none."""
    for command in filter(None, map(shutil.which, CHROMIUM_COMMANDS)):
        # A package may have left only a stub that says where to get the browser.
        if subprocess.run([command, "--version"], capture_output=True, timeout=60).returncode == 0:
            return Path(command)
    pytest.skip(f"no browser: none of {', '.join(CHROMIUM_COMMANDS)} runs here")


@pytest.fixture(scope="session")
def simulation():
    """Three simulated families of six sizes; the largest, 2e10, is not in `small_runs`."""
    from tests.simulate import Design, simulate

    return simulate(3, design=Design(sizes=(5e7, 1.5e8, 4e8, 1e9, 3e9, 2e10)), seed=13)


@pytest.fixture(scope="session")
def small_runs(simulation):
    """The simulated runs without each family's largest size."""
    runs = simulation.runs
    return runs.subset(runs.frame["n_params"] < 1e10)


@pytest.fixture(scope="session")
def small_fit(small_runs):
    """A fit of `small_runs`, short but converged: sampled once for all tests of a worker."""
    from bayes_scaling import ScalingModel

    return ScalingModel(priors="weak").fit(small_runs, seed=1, progress=False, draws=400, tune=400, chains=2)


# --- the switch that forbids skipping ---------------------------------------------------------


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Make a failure of a skip when the switch is on; an expected failure is not a skip."""
    if os.environ.get(REQUIRE_ALL) != "1" or report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    *_, reason = report.longrepr if isinstance(report.longrepr, tuple) else (report.longrepr,)
    report.outcome = "failed"
    report.longrepr = f"{REQUIRE_ALL}=1 forbids skipping, and this was skipped. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Cover skips by marks, by fixtures and in test bodies."""
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    """Cover whole modules that skip while they are imported."""
    report = yield
    _forbid_skip(report)
    return report
