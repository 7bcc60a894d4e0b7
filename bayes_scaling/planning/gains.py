"""How much each candidate would narrow the interval at a target, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from bayes_scaling.errors import InputError
from bayes_scaling.inference import Posterior
from bayes_scaling.inference.settings import require_count
from bayes_scaling.names import FAMILY, FLOPS, N_PARAMS, N_TOKENS
from bayes_scaling.planning.candidates import CandidateRun, Kind, default_candidates
from bayes_scaling.planning.joint_draws import JointDraws
from bayes_scaling.planning.narrowing import Belief, Narrowing, expected_narrowing
from bayes_scaling.planning.situation import Situation, describe_situation
from bayes_scaling.planning.target import Target
from bayes_scaling.prediction.prediction import checked_prob

COLUMNS = (
    "label",
    "kind",
    N_PARAMS,
    N_TOKENS,
    FLOPS,
    "cost_share",
    "width_before",
    "width_after",
    "narrowing",
    "narrowing_mean",
    "narrowing_final",
    "narrowing_checkpoints",
    "mc_error",
    "is_measurable",
    "gain_per_flop",
)


@dataclass(frozen=True, eq=False)
class Gains:
    """Expected gains of candidate runs.

    Attributes
    ----------
    target : Target
    situation : Situation
    noise_share : float
        Width that the target's own seed and checkpoint noise alone would give its interval, as a share of the
        interval's: no other run can do away with it.
    prob : float
        Probability of the intervals.
    table : DataFrame
        One row a candidate, the largest narrowing first. ``label`` is the user's; ``kind``, ``n_params``,
        ``n_tokens``, ``flops`` say what it is; ``cost_share`` is its compute over the target's. ``width_before`` and
        ``width_after`` are widths of the target run's interval in units of the loss, ``narrowing`` is one minus their
        ratio, with as many checkpoints a run as the fit has, and ``mc_error`` its standard error from the number of
        draws; ``is_measurable`` is False where the two cannot be told apart. ``narrowing_mean`` is that of the law's
        mean, ``narrowing_final`` with the last checkpoint alone, ``narrowing_checkpoints`` with as many as a fit
        takes. ``gain_per_flop`` is narrowing over cost_share; NaN for what costs nothing.
    """

    target: Target
    situation: Situation
    noise_share: float
    prob: float
    table: pd.DataFrame


def assess(
    posterior: Posterior,
    target: Target,
    candidates: Sequence[CandidateRun] | None = None,
    *,
    prob: float = 0.9,
    seed: int = 0,
) -> Gains:
    """Expected gains of candidates at a target, from the draws of a posterior.

    Parameters
    ----------
    posterior : Posterior
    target : Target
    candidates : sequence of CandidateRun, optional
        Default: those that the family's own rows suggest.
    prob : float
        Probability of the intervals.
    seed : int
        Same seed, same figures.

    Raises
    ------
    InputError
        When the family has no rows to suggest candidates, or the law needs an input that is not known.
    """
    require_count("seed", seed, 0)
    prob = checked_prob(prob)
    draws = JointDraws(posterior, target, int(seed))
    chosen = default_candidates(_rows(posterior, target.family), target) if candidates is None else candidates
    situation = describe_situation(posterior, target, prob, int(seed))
    noise_share = _noise_share(situation, draws.of_run, prob)
    rows = [_row(draws, candidate, number, situation, prob) for number, candidate in enumerate(chosen)]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("narrowing", ascending=False, kind="stable")
    return Gains(target, situation, noise_share, prob, table.reset_index(drop=True))


def _rows(posterior: Posterior, family: str) -> pd.DataFrame:
    rows = posterior.observed
    if family not in posterior.families:
        raise InputError(
            f"family {family!r}, which is not in the fit",
            f"one of {', '.join(posterior.families)}, or candidates of your own",
            "Fit its runs first, or name candidates.",
            code="unknown_family",
        )
    return rows[rows[FAMILY] == family]


def _noise_share(situation: Situation, of_run: Belief, prob: float) -> float:
    """Width of the target's own noise over that of its forecast, both Gaussian in log loss."""
    deviations = float(np.diff(ndtri([(1 - prob) / 2, (1 + prob) / 2]))[0])
    alone = deviations * np.sqrt(of_run.noise_variance.mean())
    return float(min(alone / np.log(situation.upper / situation.lower), 1.0))


def _row(
    draws: JointDraws, candidate: CandidateRun, number: int, situation: Situation, prob: float
) -> dict[str, Any]:
    most = draws.posterior.spec.max_checkpoints
    usual = min(max(situation.checkpoints_per_run, 1), most)
    is_new = candidate.kind is not Kind.CHECKPOINTS
    observations = {count: draws.observation(candidate, count) for count in {1, usual, most}}

    def narrowing(belief: Belief, count: int, with_error: bool = False) -> Narrowing:
        # each candidate has noise of its own, the same for every belief
        rng = np.random.default_rng([draws.seed, 13, number])
        return expected_narrowing(belief, observations[count], prob, rng, with_error=with_error)

    found = narrowing(draws.of_run, usual, with_error=True)
    shares = {usual: found.share}
    shares |= {count: narrowing(draws.of_run, count).share for count in observations if count != usual}
    cost_share = candidate.flops / draws.target.flops
    before = situation.upper - situation.lower
    return {
        "label": candidate.label,
        "kind": candidate.kind.value,
        N_PARAMS: candidate.n_params,
        N_TOKENS: candidate.n_tokens,
        FLOPS: candidate.flops,
        "cost_share": cost_share,
        "width_before": before,
        "width_after": before * (1.0 - found.share),
        "narrowing": found.share,
        "narrowing_mean": narrowing(draws.of_mean, usual).share,
        "narrowing_final": shares[1] if is_new else np.nan,
        "narrowing_checkpoints": shares[most],
        "mc_error": found.mc_error,
        "is_measurable": found.is_measurable,
        "gain_per_flop": found.share / cost_share if cost_share > 0 else np.nan,
    }
