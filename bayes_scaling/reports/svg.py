"""Figures as inline SVG that lives well in a page: real text, own identifiers, the page's colours."""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import cast

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bayes_scaling.plots import Colour

_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_NAMESPACE = re.compile(r"\{[^}]*\}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")


def css_name(colour: Colour) -> str:
    """Return the name under which a page's style sheet knows one of the figures' colours."""
    return colour.name.lower().replace("_", "-")


_VARIABLES = {colour.value: f"var(--{css_name(colour)})" for colour in Colour} | {
    "#000000": f"var(--{css_name(Colour.INK)})",
    "#ffffff": f"var(--{css_name(Colour.PAPER)})",
}
"""The page's variable for each colour that figures use; black and white follow the theme too."""


@dataclass(frozen=True)
class ReportFigure:
    """A figure with the words that a report prints around it.

    Attributes
    ----------
    name : str
        Short name, unique in its report: letters, digits and hyphens.
    title : str
        What the figure shows, in a few words.
    drawing : Axes or Figure
        The figure, or any axes of it.
    caption : str, default ""
        How to read it, in a sentence or two.
    """

    name: str
    title: str
    drawing: Axes | Figure
    caption: str = ""

    @property
    def svg(self) -> Markup:
        """The drawing as inline SVG."""
        return render_svg(self.drawing, name=self.name, description=self.title)


def render_svg(drawing: Axes | Figure, *, name: str, description: str) -> Markup:
    """Return a figure as an ``<svg>`` element for the inside of an HTML page.

    Parameters
    ----------
    drawing : Axes or Figure
        The figure, or any axes of it; it is not changed.
    name : str
        Unique in the page; every identifier inside the element starts with it, so figures cannot clash.
    description : str
        What a screen reader says in place of the picture.

    Returns
    -------
    Markup
        The element. The same figure and name give the same text.
    """
    root = ET.fromstring(_draw(drawing, name))
    _remove_page_wide_parts(root)
    for element in root.iter():
        _adapt(element, name)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib |= {"class": "drawing", "role": "img", "aria-label": description}
    return Markup(ET.tostring(root, encoding="unicode"))


def _draw(drawing: Axes | Figure, name: str) -> str:
    """Return matplotlib's SVG, with letters as text so that the browser finds glyphs for any script."""
    figure = cast(Figure, drawing.get_figure(root=True))
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    return buffer.getvalue()


def _remove_page_wide_parts(root: ET.Element) -> None:
    """Drop the metadata and the style sheet, which inside HTML would apply to the whole page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if _NAMESPACE.sub("", child.tag) in {"metadata", "style"}:
                parent.remove(child)


def _adapt(element: ET.Element, name: str) -> None:
    """Strip namespaces, which HTML implies; make identifiers the figure's own; let the page colour it."""
    element.tag = _NAMESPACE.sub("", element.tag)
    attributes = {_NAMESPACE.sub("", key): value for key, value in element.attrib.items()}
    element.attrib.clear()
    for key, value in attributes.items():
        if key == "id":
            value = f"{name}-{value}"
        elif key == "href":
            value = value.replace("#", f"#{name}-", 1)
        elif key == "style":
            value = _COLOUR.sub(lambda match: _VARIABLES.get(match[0].lower(), match[0]), value)
        element.set(key, _REFERENCE.sub(rf"url(#{name}-\1)", value))
