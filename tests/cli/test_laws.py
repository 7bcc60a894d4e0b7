from __future__ import annotations

import pytest

from bayes_scaling.laws import get_law, list_laws


def test_every_law_is_listed(run):
    result = run("laws")

    assert result.exit_code == 0
    assert [name for name in list_laws() if f"\n{name} " not in result.stdout] == []


@pytest.mark.parametrize("name", list_laws())
def test_a_law_is_described_with_its_parameters_and_priors(run, name):
    result = run("laws", name)

    assert result.exit_code == 0
    law = get_law(name)
    assert law.equation in result.stdout
    described = {line.split()[0] for line in result.stdout.splitlines() if line.split()}
    assert {parameter.natural for parameter in law.parameters} <= described
    assert result.stdout.count(" to ") >= len(law.parameters)


def test_an_unknown_law_is_refused_with_the_names_there_are(run):
    result = run("laws", "kepler")

    assert result.exit_code == 2
    assert "one of annealing" in result.stderr
    assert "chinchilla" in result.stderr
