"""``python -m bayes_scaling``: the command line without an installed script."""

from bayes_scaling.cli import main

main(prog_name="bayes-scaling")
