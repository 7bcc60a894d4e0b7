from __future__ import annotations

import pytest

from bayes_scaling.reports import wording


def plain(text):
    return text.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("share", "text"), [(0.884, "88 %"), (1.0, "100 %"), (0.0, "0 %"), (None, "–"), (float("nan"), "–")]
)
def test_percent(share, text):
    assert plain(wording.percent(share)) == text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (0.0143, "1.4 %"),
        (0.00042, "0.04 %"),
        (0.25, "25 %"),
        (3.2, "320 %"),
        (None, "–"),
        (float("inf"), "–"),
    ],
)
def test_error_percent(error, text):
    assert plain(wording.error_percent(error)) == text


@pytest.mark.parametrize(
    ("error", "text"),
    [(0.0143, "+1.4 %"), (-0.00042, "−0.04 %"), (-0.25, "−25 %"), (None, "–"), (float("nan"), "–")],
)
def test_signed_percent(error, text):
    assert plain(wording.signed_percent(error)) == text


@pytest.mark.parametrize(
    ("score", "text"), [(2.345, "2.35"), (-1.2, "−1.20"), (0.0, "0.00"), (None, "–"), (float("nan"), "–")]
)
def test_score_value(score, text):
    assert wording.score_value(score) == text


def test_percent_range():
    assert plain(wording.percent_range(0.8, 0.951)) == "80–95 %"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.35, "0.35"), (612.4, "612"), (1e4, "10,000"), (2, "2"), (None, "–"), (float("nan"), "–")],
)
def test_number(value, text):
    assert wording.number(value) == text


@pytest.mark.parametrize(("loss", "text"), [(2.0, "2.000"), (1.98765, "1.988"), (10.5, "10.50")])
def test_loss_value(loss, text):
    assert wording.loss_value(loss) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "under 1 s"),
        (38.4, "38 s"),
        (250, "4 min 10 s"),
        (3900, "1 h 5 min"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_duration(seconds, text):
    assert wording.duration(seconds) == text


@pytest.mark.parametrize(("count", "text"), [(1, "1 family"), (0, "0 families"), (1500, "1,500 families")])
def test_plural(count, text):
    assert wording.plural(count, "family", "families") == text


@pytest.mark.parametrize(
    ("words", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c", "d"], "a, b and 2 more")],
)
def test_listing(words, text):
    assert wording.listing(words, most=2) == text


@pytest.mark.parametrize(("low", "high", "text"), [(7e7, 1.2e10, "70M–12B"), (3e11, 3e11, "300B")])
def test_size_range(low, high, text):
    assert wording.size_range(low, high) == text
