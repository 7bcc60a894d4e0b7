from __future__ import annotations

from bayes_scaling.datasets import list_datasets


def test_every_data_set_is_listed_with_where_it_is(run, monkeypatch, tmp_path):
    monkeypatch.delenv("BAYES_SCALING_MIRROR", raising=False)
    monkeypatch.setenv("BAYES_SCALING_CACHE", str(tmp_path))

    result = run("datasets", "list")

    assert result.exit_code == 0
    named = [line.split()[0] for line in result.stdout.splitlines() if line.endswith(" kB")]
    assert named == list(list_datasets())
    assert result.stdout.count("built in") == 1


def test_a_mirror_makes_its_data_sets_available(run, mirror):
    result = run("datasets", "list", "--mirror", mirror)

    (line,) = (line for line in result.stdout.splitlines() if line.startswith("gadre "))
    assert " yes " in line


def test_fetching_from_a_mirror_checks_it_and_says_what_to_cite(run, mirror):
    result = run("datasets", "fetch", "gadre", "--mirror", mirror)

    assert result.exit_code == 0
    assert f"gadre: 104 files in {mirror / 'gadre'}" in result.stdout
    assert "\nCite: " in result.stdout


def test_what_cannot_be_had_is_one_message(run, tmp_path):
    result = run("datasets", "fetch", "colpret", "--mirror", tmp_path)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "bayes-scaling datasets fetch colpret" in result.stderr
