from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bayes_scaling.errors import Severity
from bayes_scaling.inference import check_posterior, convergence, verdict
from tests.made_up_posterior import made_up_draws, made_up_posterior


def disagreeing(shift: float):
    """Draws whose first chain has one parameter of one family elsewhere, by so many of its sds."""
    draws = made_up_draws()
    theta = draws["theta_family"]
    theta.loc[{"chain": 0, "family": "pear", "parameter": "log_beta"}] += shift * 0.02
    return draws


def sluggish(memory: float):
    """Draws of which each remembers the one before."""
    draws = made_up_draws()
    values = draws["population_mean"].to_numpy()
    for step in range(1, values.shape[1]):
        values[:, step] = memory * values[:, step - 1] + np.sqrt(1 - memory**2) * values[:, step]
    return draws.assign(population_mean=(draws["population_mean"].dims, values))


def flags(n_true: int, shape: tuple[int, int] = (4, 500)) -> np.ndarray:
    return (np.arange(np.prod(shape)) < n_true).reshape(shape)


def test_good_draws_have_no_findings():
    posterior = made_up_posterior()

    assert len(check_posterior(posterior)) == 0
    assert verdict(posterior).startswith("Converged: R-hat <= 1.0")
    assert "0 divergences, 2000 draws in 2 s" in verdict(posterior)


@pytest.mark.parametrize(("shift", "severity"), [(0.5, Severity.WARNING), (2.0, Severity.ERROR)])
def test_a_chain_that_disagrees_is_found_and_named(shift, severity):
    posterior = made_up_posterior(disagreeing(shift))

    finding = next(finding for finding in check_posterior(posterior) if finding.code == "r_hat")

    assert finding.severity is severity
    assert "theta_family[pear, log_beta]" in finding.message
    assert convergence(posterior).r_hat_max > 1.01


@pytest.mark.parametrize(("memory", "severity"), [(0.8, Severity.WARNING), (0.98, Severity.ERROR)])
def test_too_few_independent_draws_are_found(memory, severity):
    findings = check_posterior(made_up_posterior(sluggish(memory)))

    assert {finding.code: finding.severity for finding in findings}["ess"] is severity


@pytest.mark.parametrize(("count", "severity"), [(1, Severity.WARNING), (21, Severity.ERROR)])
def test_divergences_are_counted(count, severity):
    posterior = made_up_posterior(stats={"diverging": flags(count)})

    (finding,) = check_posterior(posterior)

    assert finding.code == "divergences"
    assert finding.severity is severity
    assert f"{count} of 2000 draws" in finding.message
    assert convergence(posterior).n_divergent == count


@pytest.mark.parametrize("engine", ["maxdepth_reached", "reached_max_treedepth"], ids=["nutpie", "pymc"])
def test_trees_that_were_cut_off_are_counted_whatever_the_engine(engine):
    (finding,) = check_posterior(made_up_posterior(stats={engine: flags(3)}))

    assert finding.code == "max_depth"
    assert finding.message.startswith("3 ")


def test_one_chain_cannot_be_trusted():
    posterior = made_up_posterior(made_up_draws(n_chains=1, n_draws=2000))

    findings = check_posterior(posterior)

    assert findings.codes == ("r_hat",)
    assert findings.has_errors
    assert "two chains" in verdict(posterior)


# --- many short chains ------------------------------------------------------------------------


def many_short(n_chains: int = 64, n_draws: int = 32):
    return made_up_draws(n_chains=n_chains, n_draws=n_draws)


def test_many_short_chains_are_compared_in_groups():
    draws = many_short()
    # each chain is a little off, as chains of 32 draws are; groups of sixteen are not
    offset = 0.02 * np.linspace(-1, 1, 64)
    draws["theta_family"] += xr.DataArray(np.random.default_rng(0).permutation(offset), dims="chain")
    posterior = made_up_posterior(draws)

    seen = convergence(posterior)

    assert seen.has_short_chains
    assert seen.r_hat_max < 1.05
    assert len(check_posterior(posterior)) == 0
    assert not convergence(made_up_posterior()).has_short_chains


@pytest.mark.parametrize(("shift", "severity"), [(0.8, Severity.WARNING), (3.0, Severity.ERROR)])
def test_short_chains_that_disagree_by_groups_are_found_and_named(shift, severity):
    draws = many_short()
    here = {"chain": slice(0, 15), "family": "pear", "parameter": "log_beta"}
    draws["theta_family"].loc[here] += shift * 0.02

    finding = next(one for one in check_posterior(made_up_posterior(draws)) if one.code == "r_hat")

    assert finding.severity is severity
    assert "theta_family[pear, log_beta]" in finding.message


@pytest.mark.parametrize(
    ("n_repeats", "too_few"), [(4, False), (32, True)], ids=["a few the same", "one a chain"]
)
def test_short_chains_need_a_hundred_independent_draws(n_repeats, too_few):
    draws = many_short()
    first = {"draw": np.arange(32) // n_repeats * n_repeats}
    stuck = draws.isel(**first).assign_coords(draw=draws["draw"])

    assert ("ess" in check_posterior(made_up_posterior(stuck)).codes) is too_few


def test_a_parameter_that_never_moves_cannot_be_trusted():
    draws = made_up_draws()
    draws["theta_family"].loc[{"family": "apple", "parameter": "log_E"}] = 0.5

    findings = check_posterior(made_up_posterior(draws))

    assert findings.has_errors
    assert "theta_family[apple, log_E]" in str(findings)


@pytest.mark.parametrize(
    ("posterior", "start"),
    [
        (made_up_posterior(), "Converged"),
        (made_up_posterior(stats={"diverging": flags(1)}), "Usable with care"),
        (made_up_posterior(disagreeing(2.0), {"maxdepth_reached": flags(1)}), "Not converged, do not trust"),
    ],
    ids=["good", "warning", "error"],
)
def test_the_verdict_is_one_line_that_starts_with_the_answer(posterior, start):
    line = verdict(posterior)

    assert line.startswith(start)
    assert "\n" not in line
    assert f"{convergence(posterior).r_hat_max:.3f}" in line


def test_the_verdict_ends_with_advice_on_the_worst_finding():
    bad = made_up_posterior(disagreeing(0.5), {"diverging": flags(100)})

    assert check_posterior(bad)[0].severity is Severity.WARNING
    assert verdict(bad).endswith("Raise target_accept (0.99, 0.995).")
