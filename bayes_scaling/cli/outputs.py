"""Where results go: paths that are checked while arguments are read, before any long work starts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click


class OutputFile(click.ParamType):
    """A file that can be written: the right suffix, in a folder that exists. An earlier file is replaced.

    Parameters
    ----------
    suffix : str
        What its name ends in, so that a mistaken path cannot replace another kind of file, such as the input.
    """

    name = "file"

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path, once it is known to be usable."""
        path = Path(value).expanduser()
        if path.suffix.lower() != self.suffix:
            self.fail(
                f"{value!r} does not end in {self.suffix}; call it {path.stem or 'name'}{self.suffix}",
                param,
                ctx,
            )
        if path.is_dir():
            self.fail(f"{value!r} is a folder; name a file in it", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"the folder {str(path.parent)!r} does not exist; create it first", param, ctx)
        if not _is_writable(path.parent):
            self.fail(f"the folder {str(path.parent)!r} cannot be written to; name another", param, ctx)
        return path


class OutputFolder(click.ParamType):
    """A folder that exists or can be made, and can be written to."""

    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path, once it is known to be usable; nothing is made yet."""
        folder = Path(value).expanduser()
        nearest = next(
            place for place in (folder, *folder.absolute().parents) if place.exists() or place.is_symlink()
        )
        if not nearest.is_dir():
            self.fail(f"{str(nearest)!r} is a file, not a folder; name another", param, ctx)
        if not _is_writable(nearest):
            self.fail(f"the folder {str(nearest)!r} cannot be written to; name another", param, ctx)
        return folder


def _is_writable(folder: Path) -> bool:
    """Whether a file can be made in the folder, found out by making one that is gone at once."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
