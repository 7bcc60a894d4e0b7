"""The ``bayes-scaling`` command: arguments, exit codes and file names.

Contract: one module for each command; a command reads its arguments, calls public functions of the layers
below and prints what came back. Results go to stdout; progress, notes and errors go to stderr. Exit codes:

- 0: done;
- 1: stopped by something else than the input, with a message;
- 2: bad input, one message, nothing written;
- 3: done, but a diagnostic of severity ``error`` says not to trust the result (printed, and in the output).
"""

from bayes_scaling.cli.app import main

__all__ = ["main"]
