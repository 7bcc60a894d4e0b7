"""``bayes-scaling advise``: which further runs would narrow the interval at a target, and what they cost."""

from __future__ import annotations

import json
from typing import Any

import click
import pandas as pd

from bayes_scaling import api
from bayes_scaling.cli.failures import exit_untrusted
from bayes_scaling.cli.model import seed_option
from bayes_scaling.cli.printing import Record, print_findings, print_table, print_text
from bayes_scaling.evaluation.summary import finding_records, to_json_values
from bayes_scaling.names import FLOPS, N_PARAMS, N_TOKENS
from bayes_scaling.plots import cost_label


@click.command()
@click.argument("file", metavar="FIT")
@click.option("--family", help="The family whose runs the advice is for; needed when the fit has several.")
@click.option("--n-params", type=float, required=True, help="Parameters of the target, e.g. 7e9.")
@click.option("--n-tokens", type=float, required=True, help="Tokens it is trained on, e.g. 1.4e11.")
@click.option("--flops", type=float, help="Its training compute, if it is not 6 N D.")
@click.option(
    "--candidate",
    "candidates",
    type=(float, float),
    multiple=True,
    metavar="N_PARAMS N_TOKENS",
    help="A run to look at, may be repeated; by default those that the family's own runs suggest.",
)
@click.option("--prob", type=float, default=0.9, show_default=True, help="Probability of the interval.")
@seed_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of sentences.")
def advise(
    file: str,
    family: str | None,
    n_params: float,
    n_tokens: float,
    flops: float | None,
    candidates: tuple[tuple[float, float], ...],
    as_json: bool,
    **settings: Any,
) -> None:
    """Say what to train next for a target, and what not.

    FIT is a file that `bayes-scaling fit` wrote. For each candidate run: by how much it would narrow the interval of
    the target's forecast, and its compute as a share of the target's.
    """
    fitted = api.load_fit(file)
    target = {N_PARAMS: n_params, N_TOKENS: n_tokens, FLOPS: flops}
    chosen = pd.DataFrame(candidates, columns=[N_PARAMS, N_TOKENS]) if candidates else None
    advice = api.advise(fitted, target, family=family, candidates=chosen, **settings)
    if as_json:
        answer = _as_json(fitted, target, advice, settings)
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(fitted, advice)
    if not advice.is_trusted:
        exit_untrusted()


def _as_json(
    fitted: api.Fit, target: dict[str, float | None], advice: api.Advice, settings: dict[str, Any]
) -> dict[str, Any]:
    return to_json_values(
        {
            "family": advice.situation.family,
            "target": target,
            **settings,
            "sentences": list(advice.sentences),
            "table": advice.table.to_dict("records"),
            "verdict": fitted.verdict,
            "findings": finding_records(fitted.check()),
        }
    )


def _print(fitted: api.Fit, advice: api.Advice) -> None:
    for sentence in advice.sentences:
        print_text(sentence)
    click.echo()
    rows = map(_row, advice.table.to_dict("records"))
    print_table(["candidate", "cost", "narrower by", "+-"], rows)
    print_text("\ncost: compute as a share of the target's\n+-: error from the number of draws")
    print_findings(fitted.check())


def _row(row: Record) -> list[str]:
    return [
        row["candidate"],
        cost_label(row["cost_share"]),
        f"{100 * row['narrowing']:.0f} %" if row["is_measurable"] else "-",
        f"{100 * row['mc_error']:.1f}",
    ]
