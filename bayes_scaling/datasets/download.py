"""One file over HTTP: complete and with the right checksum, or not there at all."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Final

import requests

from bayes_scaling.datasets.info import DataFile
from bayes_scaling.datasets.local_files import is_intact

TIMEOUT_S: Final = 30.0
"""Seconds without an answer or a further byte after which a connection counts as lost."""

ATTEMPTS: Final = 3
"""How often a lost connection is tried before giving up."""

PAUSE_S: Final = 0.5
"""Seconds before the second attempt; each further pause is twice as long."""


class DownloadError(Exception):
    """A file could not be downloaded; the message says why, in words for the user."""


def download_file(url: str, target: Path, file: DataFile) -> None:
    """Put a published file at the target path, checked against its size and SHA-256.

    The bytes go to a temporary file beside the target, which takes the target's name only once it is checked.

    Raises
    ------
    DownloadError
        When the server has no such file, the connection fails or is cut, or other bytes than expected arrive.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".incomplete-") as folder:
        arrived = Path(folder) / target.name
        _download(url, arrived)
        if not is_intact(arrived, file):
            raise DownloadError(
                f"{url} gave {arrived.stat().st_size:,} bytes that are not the {file.size:,} bytes expected"
                f" (SHA-256 {file.sha256}): the transfer was damaged or the file has changed"
            )
        arrived.replace(target)


def _download(url: str, path: Path) -> None:
    from pooch import HTTPDownloader  # late, see local_files

    # Read at once, not streamed: the files are small, and a refusal then leaves no open connection behind.
    download = HTTPDownloader(timeout=TIMEOUT_S, stream=False)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return download(url, str(path), None)
        except requests.HTTPError as error:
            raise DownloadError(f"the server refused to give it ({error})") from error
        except requests.RequestException as error:
            if attempt == ATTEMPTS:
                raise DownloadError(f"{_reason(error)} for {url} in {ATTEMPTS} attempts") from error
            time.sleep(PAUSE_S * 2 ** (attempt - 1))


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return f"there was no answer within {TIMEOUT_S:.0f} s"
    if isinstance(error, requests.ConnectionError):
        return "there was no connection"
    return "the connection was cut"
