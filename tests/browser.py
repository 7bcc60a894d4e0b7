"""A headless Chromium for tests: opens a page, and tells what it asked for, complained about and drew.

It speaks the DevTools protocol over a pipe: JSON messages, each ended by a zero byte.
"""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 60.0  # seconds for any one answer: CI machines are slow when they start a browser

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--window-size=1100,1400",
    "--remote-debugging-pipe",
)

MEASURE = """
new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() =>
  [...document.querySelectorAll("figure")].map(figure => {
    const drawing = figure.querySelector("svg, img, canvas");
    const box = drawing ? drawing.getBoundingClientRect() : {width: 0, height: 0};
    const shapes = "svg path, svg use, svg rect, svg line, svg circle";
    const isSeen = part => {
      const size = part.getBoundingClientRect(), style = getComputedStyle(part);
      const isPainted = style.stroke !== "none" || style.fill !== "none";
      return (size.width > 0 || size.height > 0) && isPainted && style.visibility === "visible";
    };
    return {
      name: figure.id, width: box.width, height: box.height,
      marks: [...figure.querySelectorAll(shapes)].filter(isSeen).length,
      labels: [...figure.querySelectorAll("svg text")].filter(isSeen).map(text => text.textContent),
    };
  }))
"""


@dataclass(frozen=True)
class Drawing:
    """A figure as the browser laid it out: its size in pixels, its number of visible marks, and its words."""

    name: str
    width: float
    height: float
    marks: int
    labels: list[str]

    @property
    def is_rendered(self) -> bool:
        return self.width > 50 and self.height > 50 and self.marks > 5 and bool(self.labels)


@dataclass
class Visit:
    """What happened while one page was open."""

    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Everything that a page which stands on its own must not do, in words; empty when all is well."""
        return [
            *(f"asked for {url}" for url in self.requests if url != self.url and not url.startswith("data:")),
            *self.complaints,
            *(
                f"figure {drawing.name!r} is not rendered"
                for drawing in self.drawings
                if not drawing.is_rendered
            ),
        ]


class Browser:
    """A running Chromium at the other end of a pair of pipes."""

    def __init__(self, write_to: int, read_from: int) -> None:
        self._write_to, self._read_from = write_to, read_from
        self._unread = b""
        self._n_sent = 0
        self._events: list[dict[str, Any]] = []

    def visit(self, page: Path) -> Visit:
        """Open a local page in a tab of its own, wait until it is painted, and return what happened."""
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._send(f"{domain}.enable", session)
        self._events.clear()
        visit = Visit(page.resolve().as_uri())
        self._send("Page.navigate", session, url=visit.url)
        self._wait_for_load()
        visit.drawings = [Drawing(**drawing) for drawing in self.evaluate(MEASURE, session)]
        for event in self._events:
            if event.get("sessionId") == session:
                _note(event, visit)
        self._send("Target.closeTarget", targetId=target)
        return visit

    def evaluate(self, expression: str, session: str) -> Any:
        """Return the value of a JavaScript expression in the page."""
        answer = self._send(
            "Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"]["value"]

    def close(self) -> None:
        """Ask the browser to end itself."""
        self._post("Browser.close")

    def _send(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and return its result, keeping the events that arrive before it."""
        number = self._post(method, session, **params)
        while True:
            message = self._receive()
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self._events.append(message)

    def _post(self, method: str, session: str | None = None, **params: Any) -> int:
        self._n_sent += 1
        message = {"id": self._n_sent, "method": method, "params": params}
        message |= {"sessionId": session} if session else {}
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self._write_to, rest) :]
        return self._n_sent

    def _wait_for_load(self) -> None:
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            self._events.append(self._receive())

    def _receive(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._read_from], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"the browser said nothing for {PATIENCE:.0f} s"
            piece = os.read(self._read_from, 1 << 16)
            assert piece, "the browser ended too early"
            self._unread += piece
        message, _, self._unread = self._unread.partition(b"\0")
        return json.loads(message)


def _note(event: dict[str, Any], visit: Visit) -> None:
    """Write down an event that says something about the page."""
    params = event.get("params", {})
    match event.get("method"):
        case "Network.requestWillBeSent":
            visit.requests.append(params["request"]["url"])
        case "Network.webSocketCreated":
            visit.requests.append(params["url"])
        case "Runtime.exceptionThrown":
            visit.complaints.append(f"exception: {params['exceptionDetails']['text']}")
        case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning", "assert"):
            visit.complaints.append(f"console: {params['args']}")
        case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
            visit.complaints.append(f"log: {params['entry']['text']}")


@contextmanager
def run_browser(chromium: Path, profile: Path) -> Iterator[Browser]:
    """Start a browser with a fresh profile folder; it is gone when the block ends."""
    to_browser, from_browser = os.pipe(), os.pipe()
    arguments = [str(chromium), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = os.posix_spawn(
        chromium,
        arguments,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, to_browser[0], 3),  # DevTools reads its commands from descriptor 3
            (os.POSIX_SPAWN_DUP2, from_browser[1], 4),  # and writes its answers to 4
        ],
    )
    os.close(to_browser[0])
    os.close(from_browser[1])
    browser = Browser(to_browser[1], from_browser[0])
    try:
        yield browser
    finally:
        with suppress(BrokenPipeError):  # it may have ended by itself
            browser.close()
        os.close(to_browser[1])
        os.close(from_browser[0])
        os.waitpid(process, 0)
