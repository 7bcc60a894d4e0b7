from __future__ import annotations

import json

import pytest

import bayes_scaling as bs

TARGET = ("--n-params", "7e9", "--n-tokens", "1.4e11")
POINT = ("--family", "family-0", *TARGET)


def test_sentences_and_table_are_printed(run, fit_nc):
    result = run("advise", fit_nc, *POINT)

    advice = bs.advise(bs.load_fit(fit_nc), {"n_params": 7e9, "n_tokens": 1.4e11}, family="family-0")
    assert result.exit_code == 0
    assert " ".join(result.stdout.split()).startswith(" ".join(str(advice).split()))
    assert advice.table["candidate"][0] in result.stdout


def test_json_holds_the_table_as_python_gives_it(run, fit_nc):
    options = ("--candidate", "3e9", "6e10", "--flops", "1e22", "--prob", "0.5", "--seed", "3", "--json")

    result = run("advise", fit_nc, *POINT, *options)

    answer = json.loads(result.stdout)
    (row,) = answer["table"]
    assert result.exit_code == 0
    assert (row["n_params"], row["n_tokens"]) == (3e9, 6e10)
    assert row["cost_share"] == pytest.approx(6 * 3e9 * 6e10 / 1e22)
    assert (answer["prob"], answer["seed"], answer["family"]) == (0.5, 3, "family-0")
    assert "50 % interval" in answer["sentences"][0]


def test_a_fit_not_to_be_trusted_says_so_first_and_exits_with_3(run, untrusted_nc):
    as_text, as_json = run("advise", untrusted_nc, *POINT), run("advise", untrusted_nc, *POINT, "--json")

    assert (as_text.exit_code, as_json.exit_code) == (3, 3)
    assert as_text.stdout.startswith("Do not act on this advice: ")
    assert json.loads(as_json.stdout)["sentences"][0].startswith("Do not act on this advice: ")


@pytest.mark.parametrize(
    "arguments",
    [
        TARGET,
        ("--family", "unheard-of", *TARGET),
        (*POINT, "--n-params", "-1"),
        (*POINT, "--prob", "90"),
        (*POINT, "--flops", "0"),
        (*POINT, "--candidate", "1e9", "nan"),
    ],
)
def test_what_cannot_be_advised_on_is_refused(run, fit_nc, arguments):
    result = run("advise", fit_nc, *arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
