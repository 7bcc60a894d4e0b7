from __future__ import annotations

import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.runs import read_runs
from tests.runs.malformed import MALFORMED


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case.name)
def test_a_malformed_table_gets_one_error_that_says_what_to_do(tmp_path, case):
    path = case.build(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(InputError) as caught:
        read_runs(path, columns=case.columns, units=case.units)

    message = str(caught.value)
    assert caught.value.code == case.code
    assert [part for part in case.says if part not in message] == []
    assert "\n" not in message
    assert caught.value.advice.endswith((".", "?"))
    assert sorted(tmp_path.rglob("*")) == before
