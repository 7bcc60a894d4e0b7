"""Advice on what to train next, in sentences: every number comes from the gains that they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from bayes_scaling.names import FLOPS, N_PARAMS, N_TOKENS
from bayes_scaling.planning import Gains, Kind, Situation
from bayes_scaling.plots import cost_label, count_label
from bayes_scaling.reports.wording import listing, loss_value, number, plural, size_range

FAR_DECADES: Final = 1.0
"""Beyond this distance from a family's runs back-tests have shown little: a plain warning."""

WORTH_HAVING: Final = 0.05
"""A narrowing below this is not called good value, however cheap it is."""

POINTLESS: Final = 0.02
"""A narrowing below this is listed under what is not worth doing."""

RANKED: Final = 4
"""Candidates that get a sentence after the best ones."""

MOSTLY_BORROWED, PARTLY_BORROWED = 0.5, 0.1
"""Shares of a new family's variance that are left, above which the forecast is called borrowed."""


def candidate_name(row: Any) -> str:
    """What a candidate is called in a sentence, from its row of the gains.

    Parameters
    ----------
    row : mapping
        With ``label``, ``kind``, ``n_params`` and ``n_tokens``.
    """
    if row["label"]:
        return str(row["label"])
    size = "" if pd.isna(row[N_PARAMS]) else count_label(row[N_PARAMS])
    tokens = "" if pd.isna(row[N_TOKENS]) else count_label(row[N_TOKENS])
    match row["kind"]:
        case Kind.SEED:
            return f"another seed at {size}"
        case Kind.SIZE:
            return f"one run at {size} on {tokens} tokens"
        case Kind.LONGER:
            return f"{size} again, on {tokens} tokens"
        case Kind.PART:
            return f"the target's first {tokens} tokens"
        case Kind.CHECKPOINTS:
            return "checkpoints within existing runs"
        case _:
            return f"{size} on {tokens} tokens"


def advice_table(gains: Gains) -> pd.DataFrame:
    """The table of the gains with a readable column ``candidate`` in place of ``label``."""
    table = gains.table
    names = [candidate_name(row) for row in table.to_dict("records")]
    return table.drop(columns="label").assign(candidate=names)[["candidate", *table.columns[1:]]]


def advice_sentences(gains: Gains, unconverged: str = "") -> tuple[str, ...]:
    """The advice in the order in which it is read: warnings, what there is, what helps, what does not.

    Parameters
    ----------
    gains : Gains
    unconverged : str
        Why the fit should not be trusted; empty when it can be.
    """
    table = advice_table(gains)
    warning = [f"Do not act on this advice: {unconverged}."] if unconverged else []
    return (*warning, *_of_situation(gains), *_of_limits(gains), *_of_candidates(table))


def _of_situation(gains: Gains) -> Iterator[str]:
    seen, target = gains.situation, gains.target
    half = 0.5 * (seen.upper - seen.lower) / seen.median
    yield (
        f"{seen.family}: a run of {count_label(target.n_params)} on {count_label(target.n_tokens)} tokens is forecast"
        f" at {loss_value(seen.median)}, with a {100 * gains.prob:g} % interval of {loss_value(seen.lower)} to"
        f" {loss_value(seen.upper)} (±{100 * half:.1f} %)."
    )
    if not seen.n_runs:
        yield "The fit has no run of this family: the forecast is that of any family of the population."
        return
    yield f"The fit has {_what_there_is(seen)}."
    yield _distance(gains)
    if seen.extrapolation_decades > FAR_DECADES:
        yield (
            f"Warning: the target is {seen.extrapolation_decades:.1f} powers of ten outside the family's runs. So far"
            " out the interval rests on the form of the law, and few back-tests reach there: go in steps, and ask again"
            " after each."
        )


def _what_there_is(seen: Situation) -> str:
    runs = f"{plural(seen.n_runs, 'run')} of {plural(seen.n_sizes, 'size')}"
    repeated = (
        f"{plural(seen.n_repeated_sizes, 'size')} with more than one seed"
        if seen.n_repeated_sizes
        else "no size with a second seed, so that the scatter between seeds is mostly assumed"
    )
    ends = (
        "only the end of each run"
        if seen.checkpoints_per_run == 1
        else f"about {seen.checkpoints_per_run} checkpoints of each"
    )
    return f"{runs} ({size_range(seen.smallest, seen.largest)}), {ends}; {repeated}"


def _distance(gains: Gains) -> str:
    seen, target = gains.situation, gains.target
    size, tokens = target.n_params / seen.largest, target.n_tokens / seen.longest
    return (
        f"The target has {_times(size)} the parameters of the largest model and {_times(tokens)} the tokens of the"
        " longest run."
    )


def _times(ratio: float) -> str:
    return f"{number(float(f'{ratio:.2g}'))} times"


def _of_limits(gains: Gains) -> Iterator[str]:
    share = gains.situation.prior_share
    if gains.situation.n_runs:
        if share > MOSTLY_BORROWED:
            verdict = "the forecast is mostly borrowed from other families"
        elif share > PARTLY_BORROWED:
            verdict = "other families still matter"
        else:
            verdict = "it rests on the family's own runs, and other families add little"
        yield f"Of the variance that a family without runs would have here, {_percent(share)} is left: {verdict}."
    yield (
        f"No other run can narrow the interval by more than about {_percent(1 - gains.noise_share)}: the rest is the"
        " target's own seed and checkpoint noise."
    )


def _of_candidates(table: pd.DataFrame) -> Iterator[str]:
    helps = table["is_measurable"] & (table["narrowing"] >= POINTLESS)
    is_unclear = ~helps & (table["narrowing"] >= WORTH_HAVING)
    runs = table[helps & ~table["kind"].isin([Kind.PART, Kind.CHECKPOINTS])]
    free = table[helps & (table[FLOPS] == 0)]
    for row in free.to_dict("records"):
        yield f"At no training cost, {row['candidate']} would narrow it by {_gain(row)}: evaluate them first."
    if runs.empty:
        yield "None of the runs looked at would narrow it measurably."
    else:
        yield from _of_runs(runs)
    yield from _of_checkpoints(runs)
    yield from _of_parts(table[helps & (table["kind"] == Kind.PART)])
    if is_unclear.any():
        unclear = table.loc[is_unclear, "candidate"].tolist()
        yield (
            f"These draws are too few to tell what others would bring ({listing(unclear, RANKED)}): fit again with more"
            " draws."
        )
    rest = table[~helps & ~is_unclear]
    if len(rest):
        yield f"Not worth doing for this target: {_pointless(rest)}."


def _of_runs(runs: pd.DataFrame) -> Iterator[str]:
    most = runs.iloc[0]
    yield f"The most: {most['candidate']} narrows it by {_gain(most)}, for {_cost(most)}."
    worthy = runs[runs["narrowing"] >= WORTH_HAVING].sort_values("gain_per_flop", ascending=False)
    best = worthy.iloc[0] if len(worthy) else None
    if best is not None and best.name != most.name:
        yield f"The best value: {best['candidate']} narrows it by {_gain(best)}, for {_cost(best)}."
    elif best is not None:
        yield "It is also the best value: no candidate with a gain worth having gives more for its compute."
    told = {most.name, None if best is None else best.name}
    others = runs[~runs.index.isin(told)].head(RANKED)
    if len(others):
        ranked = [f"{row['candidate']} {_gain(row)} ({_cost(row)})" for row in others.to_dict("records")]
        yield f"Then: {listing(ranked, RANKED)}."


def _of_checkpoints(runs: pd.DataFrame) -> Iterator[str]:
    """What intermediate checkpoints of the best run add to its end."""
    if runs.empty:
        return
    row = runs.iloc[0]
    gained = row["narrowing_checkpoints"] - row["narrowing_final"]
    figures = f"{_percent(row['narrowing_final'])} by its end alone, {_percent(row['narrowing_checkpoints'])} with them"
    if gained > WORTH_HAVING:
        yield f"Keep the intermediate checkpoints of {row['candidate']}: {figures}."
    else:
        yield f"Intermediate checkpoints of {row['candidate']} add little for this target: {figures}."


def _of_parts(parts: pd.DataFrame) -> Iterator[str]:
    if len(parts):
        ordered = parts.sort_values("cost_share").to_dict("records")
        told = [f"{_percent(row['cost_share'])} of its cost, {_gain(row)}" for row in ordered]
        yield f"If you start the target itself and fit again on the way: after {'; after '.join(told)}."


def _pointless(rest: pd.DataFrame) -> str:
    """Names of candidates; several seeds or sizes share their words."""
    words = []
    for kind, start in ((Kind.SEED, "another seed at"), (Kind.SIZE, "a run at")):
        sizes = [count_label(size) for size in sorted(rest.loc[rest["kind"] == kind, N_PARAMS])]
        words += [f"{start} {listing(sizes, 8)}"] if sizes else []
    words += rest.loc[~rest["kind"].isin([Kind.SEED, Kind.SIZE]), "candidate"].tolist()
    return f"{'; '.join(words)} (less than {_percent(POINTLESS)}, or no measurable gain)"


def _gain(row: Any) -> str:
    return _percent(row["narrowing"])


def _cost(row: Any) -> str:
    return f"{cost_label(row['cost_share'])} of the target's cost"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
