from __future__ import annotations

import json

import pytest

from bayes_scaling.api import load_fit

POINT = ("--family", "family-0", "--n-params", "7e10", "--n-tokens", "1.4e12")


def test_the_table_shows_the_median_and_the_interval(run, fit_nc):
    row = load_fit(fit_nc).predict(n_params=7e10, n_tokens=1.4e12, family="family-0").table.iloc[0]

    result = run("predict", fit_nc, *POINT)

    assert result.exit_code == 0
    assert "90 % interval" in result.stdout
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("family-0"))
    assert line.split()[:7] == [
        "family-0",
        "70B",
        "1.4T",
        f"{row['median']:#.4g}",
        f"{row['lower']:#.4g}",
        "to",
        f"{row['upper']:#.4g}",
    ]
    assert result.stderr == ""


def test_json_holds_the_table_as_python_gives_it(run, fit_nc):
    expected = load_fit(fit_nc).predict(
        n_params=[7e10, 7e10], n_tokens=[1e12, 2e12], family="family-1", kind="mean", prob=0.5, seed=3
    )

    result = run(
        *("predict", fit_nc, "--family", "family-1", "--n-params", "7e10"),
        *(
            "--n-tokens",
            "1e12",
            "--n-tokens",
            "2e12",
            "--kind",
            "mean",
            "--prob",
            "0.5",
            "--seed",
            "3",
            "--json",
        ),
    )

    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["table"] == expected.table.to_dict("records")
    assert {name: answer[name] for name in ("law", "kind", "prob", "seed")} == {
        "law": "chinchilla",
        "kind": "mean",
        "prob": 0.5,
        "seed": 3,
    }
    assert answer["verdict"] == load_fit(fit_nc).verdict


def test_a_family_that_is_not_in_the_fit_is_said_to_be_new(run, fit_nc):
    result = run("predict", fit_nc, "--family", "unheard-of", *POINT[2:])

    assert result.exit_code == 0
    assert "'unheard-of' is not in the fit (family-0 and family-1)" in result.stderr
    assert "100 %" in result.stdout


def test_a_fit_not_to_be_trusted_says_so_and_exits_with_3(run, untrusted_nc):
    as_text, as_json = run("predict", untrusted_nc, *POINT), run("predict", untrusted_nc, *POINT, "--json")

    assert (as_text.exit_code, as_json.exit_code) == (3, 3)
    assert "error: r_hat" in as_text.stdout
    findings = json.loads(as_json.stdout)["findings"]
    assert ("r_hat", "error") in {(finding["code"], finding["severity"]) for finding in findings}


@pytest.mark.parametrize(
    "changed",
    [
        ("--n-params", "-1"),
        ("--n-params", "nan"),
        ("--n-tokens", "inf"),
        ("--n-tokens", "0"),
        ("--prob", "90"),
        ("--n-params", "1e9", "--n-tokens", "1e9", "--n-tokens", "2e9"),
    ],
)
def test_a_point_that_cannot_be_predicted_is_refused(run, fit_nc, changed):
    result = run("predict", fit_nc, *POINT, *changed)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")


@pytest.mark.parametrize(
    "content", [b"", b"family,run,n_params,n_tokens,loss\n", b"\x89HDF\r\n\x1a\n" + bytes(500)]
)
@pytest.mark.parametrize("command", [("predict", *POINT), ("report", "--out", "report.html")])
def test_a_file_that_is_no_fit_is_refused(run, tmp_path, monkeypatch, command, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fit.nc").write_bytes(content)

    result = run(command[0], "fit.nc", *command[1:])

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "'fit.nc' is not a stored fit" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["fit.nc"]


def test_a_fit_that_was_cut_off_is_refused(run, fit_nc, tmp_path):
    cut = tmp_path / "fit.nc"
    cut.write_bytes(fit_nc.read_bytes()[:-5000])

    assert run("predict", cut, *POINT).exit_code == 2


def test_a_fit_that_is_not_there_is_refused(run):
    result = run("predict", "absent.nc", *POINT)

    assert result.exit_code == 2
    assert "no file 'absent.nc'" in result.stderr
