from __future__ import annotations

import re

import pytest
from matplotlib.figure import Figure

from bayes_scaling.plots import Colour, new_axes
from bayes_scaling.reports import render_svg
from tests.reports.reading import Page


@pytest.fixture
def axes():
    axes = new_axes(3, 2)
    axes.plot([1, 2, 3], [3, 1, 2], "o-", color=Colour.OURS)
    axes.fill_between([1, 2, 3], [2, 0, 1], [4, 2, 3], color=Colour.MISS, clip_on=True)
    axes.set_title("<line> & 通义")
    return axes


def test_identifiers_belong_to_the_figure_and_every_reference_finds_its_own(axes):
    page = Page(
        render_svg(axes, name="first", description="") + render_svg(axes, name="second", description="")
    )

    assert len(set(page.ids)) == len(page.ids)
    assert {name.split("-")[0] for name in page.ids} == {"first", "second"}
    assert page.anchors
    assert page.anchors <= set(page.ids)


def test_colours_are_left_to_the_page(axes):
    svg = render_svg(axes, name="figure", description="")

    assert "var(--ours)" in svg
    assert "var(--miss)" in svg
    assert not re.findall("#[0-9a-f]{6}", svg)


def test_black_and_white_follow_the_theme_and_other_colours_stay():
    axes = Figure().subplots()
    axes.plot([1, 2], [1, 2], color="#123456")
    svg = render_svg(axes, name="figure", description="")

    assert "stroke: var(--ink)" in svg
    assert "fill: var(--paper)" in svg
    assert "#123456" in svg


def test_letters_stay_text_in_any_script(axes):
    svg = render_svg(axes, name="figure", description="")

    assert "&lt;line&gt; &amp; 通义" in svg
    assert "<line>" not in svg


def test_nothing_reaches_beyond_the_figure(axes):
    page = Page(render_svg(axes, name="figure", description=""))

    assert {"style", "metadata", "script", "title"} & set(page.tags) == set()
    assert page.addresses == []


def test_the_picture_is_described_and_scales(axes):
    svg = render_svg(axes, name="figure", description='a "line" & more')
    opening = svg[: svg.index(">")]

    assert 'aria-label="a &quot;line&quot; &amp; more"' in opening
    assert "viewBox" in opening
    assert not re.search(r'\b(width|height)="', opening)


def test_the_same_figure_gives_the_same_text(axes):
    assert render_svg(axes, name="a", description="") == render_svg(axes.figure, name="a", description="")
