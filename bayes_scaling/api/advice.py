"""What to train next: advice for a user's own runs, in sentences and figures, from the posterior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from bayes_scaling.inference import Posterior, check_posterior, verdict
from bayes_scaling.planning import Situation, assess, read_candidates, read_target
from bayes_scaling.plots import plot_advice
from bayes_scaling.reports import advice_sentences, advice_table


@dataclass(frozen=True, eq=False)
class Advice:
    """Advice about one target.

    Attributes
    ----------
    sentences : tuple of str
        Warnings, what the fit has, what helps and what does not, in the order in which they are read.
    table : DataFrame
        One row a candidate, the largest narrowing first: ``candidate``, ``kind``, ``n_params``, ``n_tokens``,
        ``flops``, ``cost_share`` (of the target's compute), ``width_before`` and ``width_after`` (of the interval of a
        run at the target, in units of the loss), ``narrowing`` (one minus their ratio), ``narrowing_mean`` (of the
        law's mean), ``narrowing_final`` (its last checkpoint alone), ``narrowing_checkpoints`` (as many as a fit
        takes), ``mc_error`` (standard error of the narrowing), ``is_measurable`` and ``gain_per_flop`` (narrowing over
        cost_share).
    situation : Situation
        What the fit has of the family, and its forecast.
    is_trusted : bool
        False when a diagnostic says not to trust the fit.
    """

    sentences: tuple[str, ...]
    table: pd.DataFrame
    situation: Situation
    is_trusted: bool

    def plot(self, ax: Any = None) -> Any:
        """Axes with the narrowing of each candidate and its cost."""
        return plot_advice(self.table, ax)

    def __str__(self) -> str:
        return "\n".join(self.sentences)

    def __repr__(self) -> str:
        return f"<Advice for {self.situation.family}: {len(self.table)} candidates>\n{self}"

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        shown = ["candidate", "cost_share", "narrowing", "mc_error", "narrowing_mean", "gain_per_flop"]
        return f"<ul>{items}</ul>{self.table[shown].to_html(float_format='{:.3g}'.format, index=False)}"


def advise(
    fit: Posterior,
    target: Mapping[str, Any] | pd.DataFrame,
    *,
    family: str | None = None,
    candidates: pd.DataFrame | None = None,
    prob: float = 0.9,
    seed: int = 0,
) -> Advice:
    """How much further runs would narrow the interval at a target, what they cost, and what is not worth doing.

    Told from the posterior before any run is made; ``docs/advice.md`` has the equations and how far promises held.

    Parameters
    ----------
    fit : Fit
    target : mapping or DataFrame
        ``dict(n_params=7e9, n_tokens=1.4e11)`` or a frame of one row; ``flops`` if it is not 6 N D, and inputs that the
        law needs besides.
    family : str, optional
        Whose runs the advice is for; needed when the fit has several families.
    candidates : DataFrame, optional
        Runs to look at: ``n_params``, ``n_tokens`` and perhaps ``label`` and ``flops``. Default: another seed of each
        size, new sizes, the largest for longer, the beginning of the target, missing checkpoints.
    prob : float
        Probability of the interval.
    seed : int
        Same seed, same advice.

    Raises
    ------
    InputError
        When target or candidates cannot be used, or the family is unknown and there are no candidates.
    """
    asked = read_target(fit, target, family)
    chosen = None if candidates is None else read_candidates(candidates)
    gains = assess(fit, asked, chosen, prob=prob, seed=seed)
    has_errors = check_posterior(fit).has_errors
    sentences = advice_sentences(gains, verdict(fit) if has_errors else "")
    return Advice(sentences, advice_table(gains), gains.situation, not has_errors)
