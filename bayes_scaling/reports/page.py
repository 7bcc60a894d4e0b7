"""From a template and its values to one HTML text, and on to a file that is either whole or absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from jinja2 import Environment, PackageLoader, StrictUndefined

from bayes_scaling.plots import Colour
from bayes_scaling.reports import wording
from bayes_scaling.reports.svg import css_name

_PAGES = Environment(
    loader=PackageLoader("bayes_scaling.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters |= {
    "percent": wording.percent,
    "error_percent": wording.error_percent,
    "number": wording.number,
    "plural": wording.plural,
    "listing": wording.listing,
}


def render_page(template: str, **values: Any) -> str:
    """Return the HTML of a page: a template of this package filled with values.

    Parameters
    ----------
    template : str
        File name of the template.
    **values
        What the template names; text is escaped.
    """
    return _PAGES.get_template(template).render(
        palette={css_name(colour): colour.value for colour in Colour},
        **values,
    )


def write_report(path: str | Path, html: str) -> Path:
    """Return the path of a report after writing it in one step: a reader never meets half a page.

    Parameters
    ----------
    path : str or Path
        Where the page goes; missing folders are made, an existing file is replaced.
    html : str
        The page.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        draft.write_text(html, encoding="utf-8", errors="replace", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path
