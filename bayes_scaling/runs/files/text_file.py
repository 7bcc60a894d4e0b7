"""Lines of a UTF-8 text file, plain or gzipped; binary content, broken ends and endless lines are refused."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bayes_scaling.errors import InputError
from bayes_scaling.runs.files.limits import MAX_LINE, Limits

_SNIFFED_BYTES = 8192
_MAGIC: Final = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "zip (or Excel)",
    b"\x1f\x8b": "gzip",
    b"\x89HDF": "HDF5 (or netCDF)",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


@contextmanager
def text_lines(path: Path, limits: Limits) -> Iterator[Iterator[str]]:
    """Lines of a text file, line ends included, while the context lasts.

    Raises
    ------
    InputError
        With code ``"empty_file"``, ``"binary_file"``, ``"not_utf8"``, ``"damaged_file"`` or ``"too_large"``,
        also while the lines are read.
    """
    try:
        with _opened(path) as stream:
            _require_text(stream, limits.source)
            with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
                yield _bounded(text, limits)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{limits.source} holds bytes that are not UTF-8 (0x{error.object[error.start]:02x})",
            "text in UTF-8",
            "Save the file as UTF-8.",
            code="not_utf8",
        ) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{limits.source} cannot be unpacked ({error})",
            "a whole gzip file",
            "Fetch or compress the file again.",
            code="damaged_file",
        ) from error


def _opened(path: Path) -> io.BufferedReader | gzip.GzipFile:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _require_text(stream: io.BufferedReader | gzip.GzipFile, source: str) -> None:
    beginning = stream.peek(_SNIFFED_BYTES)[:_SNIFFED_BYTES]
    if not beginning.removeprefix(codecs.BOM_UTF8).strip():
        raise InputError(
            f"{source} is empty",
            "a table with a header and at least one row",
            "Check that the export finished.",
            code="empty_file",
        )
    kind = next((name for magic, name in _MAGIC.items() if beginning.startswith(magic)), None)
    if kind is not None or b"\x00" in beginning:
        raise InputError(
            f"{source} is a binary file{f', by its first bytes {kind}' if kind else ''}",
            "a text file, as its name says",
            "Export it as CSV in UTF-8, or give a Parquet file its suffix .parquet.",
            code="binary_file",
        )


def _bounded(text: io.TextIOWrapper, limits: Limits) -> Iterator[str]:
    n_characters, allowed = 0, limits.max_bytes
    while line := text.readline(MAX_LINE):
        n_characters += len(line)
        if n_characters > allowed:
            limits.require_bytes(n_characters)
        if len(line) >= MAX_LINE:
            raise limits.error("a line of more than a million characters")
        yield line
