"""From an exception to one message on stderr and an exit code, and the exit code that says not to trust."""

from __future__ import annotations

import errno
from typing import Any, Final, NoReturn

import click

from bayes_scaling.errors import BayesScalingError, DataUnavailableError, InputError

EXIT_STOPPED: Final = 1
EXIT_BAD_INPUT: Final = 2
EXIT_DO_NOT_TRUST: Final = 3


class Refused(click.ClickException):
    """The input cannot be used; its message is all that is printed."""

    exit_code = EXIT_BAD_INPUT


class Stopped(click.ClickException):
    """The work could not be finished for another reason than the input."""

    exit_code = EXIT_STOPPED


class ClearFailures(click.Group):
    """Commands in which every foreseen failure ends as one message and an exit code, without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands in the order in which they were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (InputError, DataUnavailableError) as error:
            raise Refused(_one_line(error)) from error
        except BayesScalingError as error:
            raise Stopped(_one_line(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of a pipe went away: click ends quietly
                raise
            raise Stopped(f"{error.filename or 'a file'}: {error.strerror or error}") from error


def _one_line(error: BayesScalingError) -> str:
    """The message of an error that may quote a library's message of several lines."""
    return " ".join(str(error).splitlines())


def exit_untrusted() -> NoReturn:
    """End the command with the exit code for a result that should not be trusted."""
    click.get_current_context().exit(EXIT_DO_NOT_TRUST)
