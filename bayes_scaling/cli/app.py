"""The command line as a whole: its commands, its version, and streams that can print any label."""

from __future__ import annotations

import sys

import click

from bayes_scaling import __version__
from bayes_scaling.cli.advise import advise
from bayes_scaling.cli.backtest import backtest
from bayes_scaling.cli.check import check
from bayes_scaling.cli.datasets import datasets
from bayes_scaling.cli.demo import demo
from bayes_scaling.cli.failures import ClearFailures
from bayes_scaling.cli.fit import fit
from bayes_scaling.cli.laws import laws
from bayes_scaling.cli.population import population
from bayes_scaling.cli.predict import predict
from bayes_scaling.cli.report import report
from bayes_scaling.cli.study import study

COMMANDS = (check, fit, predict, advise, backtest, report, population, study, datasets, laws, demo)
"""In the order in which a user meets them, which is the order of the help page."""


@click.group(
    cls=ClearFailures, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="bayes-scaling", message="%(prog)s %(version)s")
def main() -> None:
    """Bayesian estimation of neural scaling laws, with intervals that can be believed.

    Start with a table of training runs (columns family, run, n_params, n_tokens, loss): check it, fit it,
    ask what a larger run will reach, and back-test how far the answer can be believed.

    Exit codes: 0 done; 1 stopped, with a message; 2 bad input, nothing written; 3 done, but a diagnostic
    says not to trust the result.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A label in a script that the terminal lacks must not end the work.
            stream.reconfigure(errors="replace")


for _command in COMMANDS:
    main.add_command(_command)
