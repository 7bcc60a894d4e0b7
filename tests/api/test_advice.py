from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

import bayes_scaling as bs

POINT = {"n_params": 2e10, "n_tokens": 1e11}


@pytest.fixture(scope="module")
def advice(small_fit):
    return bs.advise(small_fit, POINT, family="family-0")


def test_sentences_table_and_repr_go_together(advice):
    assert str(advice).splitlines() == list(advice.sentences)
    assert advice.sentences[0].startswith("family-0: a run of 20B on 100B tokens is forecast at ")
    assert repr(advice).startswith(f"<Advice for family-0: {len(advice.table)} candidates>")
    assert advice._repr_html_().count("<li>") == len(advice.sentences)
    assert advice.is_trusted
    assert len(advice.plot().texts) == len(advice.table)


def test_the_same_seed_gives_the_same_advice(advice, small_fit):
    again = bs.advise(small_fit, pd.DataFrame([POINT]), family="family-0")

    assert again.sentences == advice.sentences
    pd.testing.assert_frame_equal(again.table, advice.table)


def test_candidates_of_the_users_own_are_all_there_is(small_fit):
    frame = pd.DataFrame({"n_params": [1e10, 1e9], "n_tokens": [1e11, 1e11], "label": ["near", "far"]})

    found = bs.advise(small_fit, POINT, family="family-0", candidates=frame)

    assert found.table["candidate"].tolist() == ["near", "far"]
    assert found.table["kind"].tolist() == ["own", "own"]


def test_advice_cannot_be_changed(advice):
    with pytest.raises(dataclasses.FrozenInstanceError):
        advice.sentences = ()


def test_a_family_must_be_named_among_several(small_fit):
    with pytest.raises(bs.InputError) as caught:
        bs.advise(small_fit, POINT)

    assert caught.value.code == "missing_point"
