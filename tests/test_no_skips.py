"""With the switch on, no test can pass by being skipped, whichever way it is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SKIPPED = {
    "mark": "@pytest.mark.skip(reason='out of order')\ndef test_it(): pass",
    "condition": "@pytest.mark.skipif(True, reason='out of order')\ndef test_it(): pass",
    "body": "def test_it(): pytest.skip('out of order')",
    "missing package": "def test_it(): pytest.importorskip('no_such_package', reason='out of order')",
    "fixture": "@pytest.fixture\ndef part(): pytest.skip('out of order')\ndef test_it(part): pass",
    "teardown": "@pytest.fixture\ndef part():\n    yield\n    pytest.skip('out of order')\n"
    "def test_it(part): pass",
    "unittest": "import unittest\nclass TestIt(unittest.TestCase):\n    @unittest.skip('out of order')\n"
    "    def test_it(self): pass",
}
SKIPPED_MODULES = {
    "module": "pytest.skip('out of order', allow_module_level=True)",
    "missing package of a module": "pytest.importorskip('no_such_package', reason='out of order')",
}
SKIPPED_PARTS = {
    "mirror": "def test_it(mirror): pass",
    "chromium": "def test_it(chromium): pass",
}


EVERY_SKIP = SKIPPED | SKIPPED_MODULES | SKIPPED_PARTS


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A test session of its own under this project's conftest, with neither a mirror nor a browser."""
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text())
    monkeypatch.setenv("BAYES_SCALING_MIRROR", str(pytester.path / "absent"))
    monkeypatch.setenv("PATH", str(pytester.path))
    monkeypatch.delenv("BAYES_SCALING_REQUIRE_ALL", raising=False)
    monkeypatch.setenv(
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1"
    )  # nothing here needs them, and some are slow to import
    return pytester


def run_tests(session: pytest.Pytester, source: str) -> pytest.RunResult:
    session.makepyfile(f"import pytest\n{source}\n")
    return session.runpytest_inprocess("-rs", "-p", "no:cacheprovider")


@pytest.mark.parametrize("source", EVERY_SKIP.values(), ids=EVERY_SKIP)
def test_a_skip_is_a_skip_without_the_switch(session, source):
    result = run_tests(session, source)

    assert result.parseoutcomes()["skipped"] == 1
    assert not {"failed", "errors"} & result.parseoutcomes().keys()


@pytest.mark.parametrize("source", (SKIPPED | SKIPPED_MODULES).values(), ids=SKIPPED | SKIPPED_MODULES)
def test_a_skip_is_a_failure_with_the_switch(session, monkeypatch, source):
    monkeypatch.setenv("BAYES_SCALING_REQUIRE_ALL", "1")

    result = run_tests(session, source)

    assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    assert "skipped" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["*forbids skipping*out of order*"])


@pytest.mark.parametrize("source", SKIPPED_PARTS.values(), ids=SKIPPED_PARTS)
def test_a_missing_part_is_a_failure_with_the_switch(session, monkeypatch, source):
    monkeypatch.setenv("BAYES_SCALING_REQUIRE_ALL", "1")

    result = run_tests(session, source)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*forbids skipping*no *"])


def test_an_expected_failure_and_a_pass_stay_what_they_are(session, monkeypatch):
    monkeypatch.setenv("BAYES_SCALING_REQUIRE_ALL", "1")

    result = run_tests(session, "@pytest.mark.xfail\ndef test_a(): assert False\ndef test_b(): pass")

    result.assert_outcomes(xfailed=1, passed=1)


def test_the_mirror_is_the_folder_that_the_environment_names(session, monkeypatch):
    folder = session.mkdir("copies")
    monkeypatch.setenv("BAYES_SCALING_MIRROR", str(folder))

    result = run_tests(session, f"def test_it(mirror): assert str(mirror) == {str(folder)!r}")

    result.assert_outcomes(passed=1)


def test_a_browser_that_does_not_run_is_passed_over(session):
    for command, script in {"chromium": "exit 1", "google-chrome": "exit 0"}.items():
        stub = session.path / command
        stub.write_text(f"#!/bin/sh\n{script}\n")
        stub.chmod(0o755)

    result = run_tests(session, "def test_it(chromium): assert chromium.name == 'google-chrome'")

    result.assert_outcomes(passed=1)
