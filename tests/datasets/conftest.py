"""A clean surrounding for every test here, a tiny data set of our own, and a server that can misbehave."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest

from bayes_scaling.datasets import (
    CACHE_VARIABLE,
    MIRROR_VARIABLE,
    URL_VARIABLE,
    download,
    load_dataset,
    registry,
)
from bayes_scaling.runs import RunTable

TINY_CSV = "Model Size,Training FLOP,loss\n" + "".join(
    f"{size}e8,{6 * size}e18,{3.0 - 0.1 * size}\n" for size in range(1, 9)
)
"""Eight digitised points: sizes 1e8 to 8e8, 1e10 tokens each, losses falling from 2.9 to 2.2."""


@pytest.fixture(autouse=True)
def clean_surrounding(monkeypatch, tmp_path):
    """No mirror and no server from the environment, a cache of the test's own, no pause between attempts."""
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE_S", 0.0)


@pytest.fixture(scope="session")
def load(mirror):
    """Load a data set from the mirror once for all tests: ``load(name, *parts)``."""
    loaded: dict[tuple[str, ...], RunTable] = {}

    def load_once(name: str, *parts: str) -> RunTable:
        if (name, *parts) not in loaded:
            loaded[name, *parts] = load_dataset(name, mirror, parts=parts or None)
        return loaded[name, *parts]

    return load_once


@pytest.fixture
def tiny(monkeypatch, tmp_path) -> str:
    """Name of a downloadable data set of one small file, the only one in the registry of this test."""
    content = TINY_CSV.encode()
    info = json.loads((registry.shipped_data() / "epoch-chinchilla" / "info.json").read_text("utf-8"))
    info["files"][0] |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    info["url_root"] = "http://127.0.0.1:9/closed"  # the port that discards: nothing listens there
    folder = tmp_path / "shipped" / "epoch-chinchilla"
    folder.mkdir(parents=True)
    (folder / "info.json").write_text(json.dumps(info), "utf-8")
    monkeypatch.setattr(registry, "shipped_data", lambda: folder.parent)
    registry._registry.cache_clear()
    yield info["name"]
    registry._registry.cache_clear()


@pytest.fixture
def tiny_mirror(tmp_path) -> Path:
    """A mirror that has the file of the tiny data set."""
    folder = tmp_path / "mirror" / "epoch_chinchilla"
    folder.mkdir(parents=True)
    (folder / "svg_extracted_data.csv").write_text(TINY_CSV, "utf-8")
    return folder.parent


@dataclass
class Server:
    """An HTTP server on loopback: what it does with the next requests, and what it was asked for."""

    url: str
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


class _FaultyHandler(SimpleHTTPRequestHandler):
    """Serves a folder; each entry of the server's list of faults spoils one request."""

    def __init__(self, *args, control: Server, **kwargs):
        self.control = control
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        self.control.requests.append(self.path)
        fault = self.control.faults.pop(0) if self.control.faults else "none"
        if fault == "none":
            return super().do_GET()
        body = Path(self.translate_path(self.path)).read_bytes()
        if fault == "corrupted":
            body = body[:-2] + bytes(byte ^ 1 for byte in body[-2:])
        self.send_response(503 if fault == "unavailable" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)
        self.close_connection = True
        return None

    def log_message(self, *args: object) -> None:
        """Keep the test output clean."""


@pytest.fixture
def serve(monkeypatch) -> Iterator[object]:
    """Serve a mirror folder on loopback in place of the public origins: ``serve(folder) -> Server``."""
    running: list[ThreadingHTTPServer] = []

    def start(folder: Path) -> Server:
        control = Server(url="")
        server = ThreadingHTTPServer(
            ("127.0.0.1", 0), partial(_FaultyHandler, directory=str(folder), control=control)
        )
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(server)
        control.url = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv(URL_VARIABLE, control.url)
        return control

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def partial_colpret(mirror, tmp_path) -> Path:
    """A mirror whose copy of ColPret has the OPT and T5 files only, one of them spelt with other capitals."""
    folder = tmp_path / "partial" / "colpret" / "aggregated_eval"
    folder.mkdir(parents=True)
    upstream = mirror / "colpret" / "aggregated_eval"
    shutil.copyfile(upstream / "opt_trajectories.csv", folder / "opt_trajectories.csv")
    shutil.copyfile(upstream / "t5_pile.csv", folder / "T5_pile.csv")
    return folder.parents[1]


@pytest.fixture(scope="module")
def raw(mirror):
    """Read a file as upstream has it: ``raw("aggregated_eval/olmo.csv")``."""

    def read(path: str, **options) -> pd.DataFrame:
        return pd.read_csv(mirror / "colpret" / path, **options)

    return read
