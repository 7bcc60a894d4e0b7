"""Every law has a page, every page is of a law, and what a page shows is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bayes_scaling.laws import get_law, list_laws

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "laws"
PAGES = sorted(FOLDER.glob("*.md"))

every_page = pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])


def test_the_pages_are_those_of_the_registered_laws():
    assert [page.stem for page in PAGES] == sorted(list_laws())


@every_page
def test_a_page_has_the_laws_equation_and_its_source(page):
    text, law = page.read_text(encoding="utf-8"), get_law(page.stem)

    assert law.equation in text
    assert law.citation in text


@every_page
def test_pictures_and_links_of_a_page_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]

    assert f"../img/laws/{page.stem}.png" in local
    assert [target for target in local if not (page.parent / target).is_file()] == []


@every_page
def test_the_example_of_a_page_runs(page, capsys):
    (code,) = re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)

    exec(compile(code, page.name, "exec"), {})

    assert capsys.readouterr().out
