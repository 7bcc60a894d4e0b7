from __future__ import annotations

import json

import pytest

from bayes_scaling.api import ScalingModel, load_fit
from bayes_scaling.priors import read_population


@pytest.fixture
def asked(monkeypatch, fit_nc) -> list:
    """The families of each fit; what comes back is the small one."""
    seen = []

    def pretend(model, runs, **sampling):
        seen.append(runs.families)
        return load_fit(fit_nc)

    monkeypatch.setattr(ScalingModel, "fit", pretend)
    return seen


def test_the_prior_is_written_and_can_be_used(asked, run, tiny_csv, tiny, tmp_path):
    out = tmp_path / "prior.json"

    result = run("population", tiny_csv, "--out", out)

    assert result.exit_code == 0
    assert result.stdout.endswith(f"Wrote {out}\n")
    assert asked == [tiny.families]
    assert read_population(out).overlap(tiny.frame) == tiny.families
    assert ScalingModel(priors=str(out)).spec.priors.name.startswith("population")


def test_a_family_that_is_left_out_does_not_reach_the_fit(asked, run, tiny_csv, tmp_path):
    run("population", tiny_csv, "--out", tmp_path / "prior.json", "--exclude", "family-1")

    assert asked == [("family-0",)]


def test_the_recipe_says_how_to_make_it_again(asked, run, tiny_csv, tmp_path):
    run("population", tiny_csv, "--out", tmp_path / "prior.json")

    recipe = json.loads((tmp_path / "prior.json").read_text())["recipe"]
    assert recipe["n_families"] == 2
    assert recipe["method"] == "nuts"


def test_an_unknown_family_to_leave_out_is_an_error(asked, run, tiny_csv, tmp_path):
    result = run("population", tiny_csv, "--out", tmp_path / "prior.json", "--exclude", "pear")

    assert result.exit_code != 0
    assert "pear" in result.stderr
    assert not (tmp_path / "prior.json").exists()
    assert asked == []
