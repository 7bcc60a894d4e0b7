from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.errors import Severity
from bayes_scaling.runs import RunTable, check_runs, concat_runs
from bayes_scaling.runs.checks import FAMILY_CHECKS, TABLE_CHECKS
from bayes_scaling.runs.checks.trend import fit_trend
from tests.runs.example_tables import family_of_runs, law

RATIOS = (5.0, 20.0, 80.0)


def complete(**columns) -> pd.DataFrame:
    """A family with nothing to remark on: five sizes, three lengths, two seeds, curves, learning rates."""
    sizes = (5e7, 1.5e8, 5e8, 1.5e9, 5e9)
    frame = family_of_runs(sizes=sizes, tokens_per_param=RATIOS, seeds=("0", "1"))
    return frame.assign(learning_rate=1e-3, **columns)


def final(**choices) -> pd.DataFrame:
    """One checkpoint for each run."""
    return family_of_runs(n_checkpoints=1, **choices)


def with_outlier(factor: float) -> pd.DataFrame:
    frame = final(sizes=np.geomspace(5e7, 5e9, 6), tokens_per_param=RATIOS)
    frame.loc[7, "loss"] *= factor
    return frame


def with_tail(rise: float, noise: float = 0.0) -> pd.DataFrame:
    """Four runs of 40 checkpoints, one of which climbs by `rise` over its last quarter."""
    frame = family_of_runs(n_checkpoints=40)
    frame["loss"] *= np.exp(noise * np.random.default_rng(3).standard_normal(len(frame)))
    tail = frame.index[30:40]
    frame.loc[tail, "loss"] *= np.linspace(1.0, 1.0 + rise, 10)
    return frame


def with_early_rows() -> pd.DataFrame:
    frame = complete()
    return pd.concat(
        [frame, frame.groupby("run").head(1).assign(n_tokens=lambda rows: rows["n_tokens"] / 20)]
    )


def same_tokens(**choices) -> pd.DataFrame:
    frame = final(**choices).assign(n_tokens=3e11)
    return frame.assign(loss=law(frame["n_params"], frame["n_tokens"]))


HAS_IT = {
    "too_few_sizes": family_of_runs(sizes=(1e8, 1e9)),
    "narrow_range": family_of_runs(sizes=(1e9, 2e9, 3e9)),
    "fixed_tokens": same_tokens(),
    "collinear_n_d": final(tokens_per_param=(20.0,)),
    "no_seed_replicates": family_of_runs(),
    "repeated_data": complete(n_unique_tokens=1e8),
    "single_checkpoint_runs": final(),
    "early_checkpoints": with_early_rows(),
    "non_monotone": with_tail(0.10),
    "unfinished_runs": complete(n_tokens_total=1e12),
    "schedule_unknown": family_of_runs(),
    "outlier": with_outlier(1.2),
    "perplexity_suspected": complete().assign(loss=lambda rows: np.exp(rows["loss"])).query("loss < 12"),
}

HAS_IT_NOT = {
    "too_few_sizes": [family_of_runs(sizes=(1e8, 3e8, 1e9))],
    "narrow_range": [family_of_runs(sizes=(1e8, 2e8, 4e8)), family_of_runs(sizes=(1e9,))],
    "fixed_tokens": [final(), family_of_runs(), same_tokens(sizes=(1e9,))],
    "collinear_n_d": [final(tokens_per_param=RATIOS), same_tokens(), final(sizes=(1e8, 1e9))],
    "no_seed_replicates": [family_of_runs(seeds=("0", "1"))],
    "repeated_data": [complete(n_unique_tokens=1e12), complete(n_unique_tokens=np.nan)],
    "single_checkpoint_runs": [family_of_runs(n_checkpoints=2)],
    "early_checkpoints": [final(), family_of_runs(n_checkpoints=100)],
    "non_monotone": [with_tail(0.0), with_tail(0.005), with_tail(0.0, noise=0.05), final()],
    "unfinished_runs": [complete(), final()],
    "schedule_unknown": [complete(), final()],
    "outlier": [with_outlier(1.0), with_outlier(1.03), final()],
    "perplexity_suspected": [complete(), complete(metric="perplexity", loss=30.0)],
}


OF_A_FAMILY = [check.__name__ for check in FAMILY_CHECKS]
OF_A_TABLE = [check.__name__ for check in TABLE_CHECKS]


def found(frame: pd.DataFrame):
    return RunTable.from_frame(frame).check()


@pytest.mark.parametrize("code", HAS_IT)
def test_a_table_that_has_it_is_told_so(code):
    (finding,) = (finding for finding in found(HAS_IT[code]) if finding.code == code)

    assert finding.family == ("base" if code in OF_A_FAMILY else None)
    assert any(character.isdigit() for character in finding.message)
    assert finding.advice.endswith(".")
    assert not finding.message.endswith(".")


@pytest.mark.parametrize(
    ("code", "frame"), [(code, frame) for code, frames in HAS_IT_NOT.items() for frame in frames]
)
def test_a_table_that_has_it_not_is_left_in_peace(code, frame):
    assert code not in found(frame).codes


def test_a_complete_family_has_no_findings():
    assert found(complete()).codes == ()


def test_every_check_has_a_table_that_has_it_and_one_that_has_not():
    assert sorted(OF_A_FAMILY + OF_A_TABLE) == sorted(HAS_IT) == sorted(HAS_IT_NOT)


def test_findings_are_by_family_and_none_is_an_error():
    runs = concat_runs(RunTable.from_frame(HAS_IT[code].assign(family=code)) for code in OF_A_FAMILY)

    findings = check_runs(runs)

    families = [finding.family for finding in findings if finding.family]
    assert {(finding.code, finding.family) for finding in findings} >= {(code, code) for code in OF_A_FAMILY}
    assert families == sorted(families)
    assert not findings.has_errors
    assert {finding.severity for finding in findings} == {Severity.INFO, Severity.WARNING}


def test_what_one_family_shows_is_not_missed_in_the_others():
    bare = concat_runs(RunTable.from_frame(final(family=name)) for name in "ab")
    whole = RunTable.from_frame(complete(family="c"))

    assert {"no_seed_replicates", "single_checkpoint_runs"} <= set(bare.check().codes)
    assert not {"no_seed_replicates", "single_checkpoint_runs"} & set(
        concat_runs([bare, whole]).check().codes
    )


def test_families_without_a_schedule_are_named_once():
    bare = concat_runs(RunTable.from_frame(family_of_runs(family=name)) for name in "abcdefg")

    (finding,) = (finding for finding in bare.check() if finding.code == "schedule_unknown")

    assert "7 of 7 families (a, b, c, d, e and 2 more)" in finding.message


# --- figures ----------------------------------------------------------------------------------


def test_collinear_finals_weigh_less_when_there_are_curves():
    severity = {
        frame_of.__name__: next(f.severity for f in found(frame_of()) if f.code == "collinear_n_d")
        for frame_of in (final, family_of_runs)
    }

    assert severity == {"final": Severity.WARNING, "family_of_runs": Severity.INFO}


def test_the_outlier_is_named_with_its_distance():
    (finding,) = (finding for finding in found(with_outlier(1.2)) if finding.code == "outlier")

    assert "+20%" in finding.message
    assert with_outlier(1.2).loc[7, "run"] in finding.message


def test_the_rising_run_is_named_with_its_rise():
    (finding,) = (finding for finding in found(with_tail(0.5)) if finding.code == "non_monotone")

    assert "1 of 4 runs" in finding.message
    assert "'7e+07-20-0'" in finding.message


def test_following_the_advice_removes_the_early_checkpoints():
    runs = RunTable.from_frame(with_early_rows())

    settled = runs.subset(runs.frame.n_tokens >= 0.01 * runs.frame.n_tokens_total)

    assert "early_checkpoints" not in settled.check().codes


def test_pure_noise_rarely_looks_like_a_rise():
    random = np.random.default_rng(5)
    frame = family_of_runs(sizes=np.geomspace(1e8, 1e10, 400), n_checkpoints=40)
    frame["loss"] = 3.0 * np.exp(0.05 * random.standard_normal(len(frame)))

    findings = [finding for finding in found(frame) if finding.code == "non_monotone"]

    n_rising = int(findings[0].message.split()[0]) if findings else 0
    assert n_rising <= 4  # 1 % of 400 runs


def test_the_trend_follows_a_power_law_exactly_and_ignores_one_fault():
    n_params, n_tokens = np.meshgrid(np.geomspace(1e7, 1e10, 5), np.geomspace(1e9, 1e12, 5))
    loss = 3.0 * (n_params / 1e9) ** -0.1 * (n_tokens / 1e10) ** -0.05
    loss[2, 2] *= 1.5

    trend = fit_trend(n_params.ravel(), n_tokens.ravel(), loss.ravel())

    residuals = trend.residuals.reshape(5, 5)
    assert residuals[2, 2] == pytest.approx(np.log(1.5), abs=1e-3)
    assert np.abs(np.delete(residuals.ravel(), 12)).max() < 1e-3
    assert trend.scale < 1e-3
