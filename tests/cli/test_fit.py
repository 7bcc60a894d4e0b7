from __future__ import annotations

from bayes_scaling.api import ScalingModel, load_fit


def test_the_fit_is_written_and_its_verdict_printed(fitting, tiny):
    result, out = fitting

    fitted = load_fit(out)
    assert result.exit_code == 0
    assert fitted.verdict in result.stdout
    assert result.stdout.endswith(f"Wrote {out}\n")
    assert fitted.families == tiny.families
    assert fitted.n_draws == 600
    assert [path.name for path in out.parent.iterdir()] == ["fit.nc"]


def test_the_options_reach_the_model_and_the_sampler(run, monkeypatch, fit_nc, tiny_csv, tiny, tmp_path):
    asked = {}

    def remember(model, runs, **sampling):
        asked.update(model=model, runs=runs, sampling=sampling)
        return load_fit(fit_nc)

    monkeypatch.setattr(ScalingModel, "fit", remember)

    run("fit", tiny_csv, "--out", tmp_path / "a.nc")
    assert asked == {"model": ScalingModel(), "runs": tiny, "sampling": {"method": "nuts", "seed": 0}}

    run(
        "fit",
        tiny_csv,
        "--out",
        tmp_path / "b.nc",
        "--law",
        "chinchilla",
        "--prior",
        "weak",
        "--method",
        "laplace",
        "--seed",
        7,
        "--draws",
        5,
    )
    assert asked["model"] == ScalingModel(priors="weak")
    assert asked["sampling"] == {"method": "laplace", "seed": 7, "draws": 5}


def test_priors_that_are_not_there_are_refused(run, tiny_csv, tmp_path):
    result = run("fit", tiny_csv, "--out", tmp_path / "fit.nc", "--prior", tmp_path / "absent.json")

    assert result.exit_code == 2
    assert "absent.json' is not a population prior" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_fast_path_writes_a_fit_that_can_be_used(run, tiny_csv, tiny, tmp_path):
    out = tmp_path / "fit.nc"

    result = run("fit", tiny_csv, "--out", out, "--prior", "weak", "--method", "laplace")

    fitted = load_fit(out)
    assert result.exit_code == 0
    assert (fitted.method, fitted.families, fitted.n_draws) == ("laplace", tiny.families, 64 * 32)
    assert fitted.verdict in result.stdout


def test_a_fit_not_to_be_trusted_is_written_and_exits_with_3(
    run, monkeypatch, untrusted_fit, tiny_csv, tmp_path
):
    monkeypatch.setattr(ScalingModel, "fit", lambda model, runs, **sampling: untrusted_fit)

    result = run("fit", tiny_csv, "--out", tmp_path / "fit.nc")

    assert result.exit_code == 3
    assert "error: r_hat" in result.stdout
    assert load_fit(tmp_path / "fit.nc").check().has_errors
