"""A page as a test reads it: its words, its identifiers, its references, and what it would have to fetch."""

from __future__ import annotations

import re
from html.parser import HTMLParser

FETCHING = {"src", "href", "data", "action", "poster", "srcset"}


class Page(HTMLParser):
    """Everything in an HTML text that a report makes a promise about."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.anchors: set[str] = set()
        self.addresses: list[str] = []
        self.pieces: list[str] = []
        self._hidden = 0
        self.feed(html)
        self.addresses += re.findall(r"@import[^;]*|url\((?!#)[^)]*\)", html)

    @property
    def words(self) -> str:
        """The page's text, with single spaces."""
        return " ".join("".join(self.pieces).replace("\u202f", " ").split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.pieces.append(" ")
        self._hidden += tag == "style"
        for name, value in attrs:
            self.ids += [value] if name == "id" else []
            self.anchors.update(re.findall(r"url\(#([^)]+)\)", value or ""))
            if name in FETCHING and value.startswith("#"):
                self.anchors.add(value[1:])
            elif name in FETCHING:
                self.addresses.append(value)

    def handle_endtag(self, tag):
        self._hidden -= tag == "style"

    def handle_data(self, data):
        self.pieces += [] if self._hidden else [data]
