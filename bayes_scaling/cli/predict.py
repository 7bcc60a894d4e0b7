"""``bayes-scaling predict``: what a run that has not been trained will reach, with an interval."""

from __future__ import annotations

import json
from typing import Any

import click

from bayes_scaling.api import Fit, load_fit
from bayes_scaling.cli.failures import exit_untrusted
from bayes_scaling.cli.model import seed_option
from bayes_scaling.cli.printing import Record, interval_text, note, print_findings, print_table, print_text
from bayes_scaling.evaluation.summary import finding_records, to_json_values
from bayes_scaling.names import FAMILY, KIND_RUN, KINDS
from bayes_scaling.plots import count_label
from bayes_scaling.prediction import Prediction
from bayes_scaling.reports.wording import listing, loss_value


@click.command()
@click.argument("file", metavar="FIT")
@click.option(
    "--family", multiple=True, required=True, help="A fitted family, or any other label for a new one."
)
@click.option(
    "--n-params", type=float, multiple=True, required=True, help="Parameters of the model, e.g. 7e10."
)
@click.option(
    "--n-tokens", type=float, multiple=True, required=True, help="Tokens it is trained on, e.g. 1.4e12."
)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default=KIND_RUN,
    show_default=True,
    help="One new training run, or the mean of the recipe.",
)
@click.option("--prob", type=float, default=0.9, show_default=True, help="Probability of the interval.")
@seed_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def predict(
    file: str,
    family: tuple[str, ...],
    n_params: tuple[float, ...],
    n_tokens: tuple[float, ...],
    as_json: bool,
    **settings: Any,
) -> None:
    """Predict the loss of runs not trained yet.

    FIT is a file that `bayes-scaling fit` wrote. --family, --n-params and --n-tokens may be repeated for
    several points, each as often as the others or once for all.
    """
    fitted = load_fit(file)
    prediction = fitted.predict(family=family, n_params=n_params, n_tokens=n_tokens, **settings)
    if as_json:
        click.echo(
            json.dumps(_as_json(fitted, prediction, settings), indent=2, ensure_ascii=False, allow_nan=False)
        )
    else:
        _print(fitted, prediction, settings["prob"])
    if fitted.check().has_errors:
        exit_untrusted()


def _as_json(fitted: Fit, prediction: Prediction, settings: dict[str, Any]) -> dict[str, Any]:
    """The prediction as JSON can hold it; ``table`` has an object for each point, in their order."""
    return to_json_values(
        {
            "law": fitted.spec.law.name,
            **settings,
            "table": prediction.table.to_dict("records"),
            "verdict": fitted.verdict,
            "findings": finding_records(fitted.check()),
        }
    )


def _print(fitted: Fit, prediction: Prediction, prob: float) -> None:
    points = prediction.table.to_dict("records")
    header = ["family", "params", "tokens", "median", f"{100 * prob:g} % interval", "beyond", "prior"]
    print_table(header, map(_point_row, points))
    print_text(
        "\nbeyond: powers of ten outside the sizes and tokens that the family was seen at\n"
        "prior: variance as a share of that of a new family; 100 % when nothing is known of this one"
    )
    for label in sorted({point[FAMILY] for point in points} - set(fitted.families)):
        note(f"{label!r} is not in the fit ({listing(fitted.families)}), so it is predicted as a new family")
    print_findings(fitted.check())


def _point_row(point: Record) -> list[str]:
    return [
        point["family"],
        count_label(point["n_params"]),
        count_label(point["n_tokens"]),
        loss_value(point["median"]),
        interval_text(point["lower"], point["upper"]),
        f"{point['extrapolation_decades']:.1f}",
        f"{100 * point['prior_share']:.0f} %",
    ]
