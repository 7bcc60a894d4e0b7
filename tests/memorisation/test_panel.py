from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation import MemorisationPanel, read_panel


@pytest.fixture
def frame() -> pd.DataFrame:
    """Four instances at three checkpoints: trained on at 1, at 15, never, never."""
    table = pd.DataFrame(
        [(name, step) for name in "abcd" for step in (0, 10, 20)], columns=["instance", "checkpoint"]
    )
    steps = {"a": 1.0, "b": 15.0, "c": np.nan, "d": np.nan}
    return table.assign(treatment_step=table["instance"].map(steps), outcome=np.arange(12.0))


def test_the_cohort_is_the_first_checkpoint_at_or_after_training(frame):
    outcomes = read_panel(frame).outcomes()

    np.testing.assert_array_equal(outcomes.cohort, [10.0, 20.0, np.nan, np.nan])
    np.testing.assert_array_equal(outcomes.checkpoints, [0.0, 10.0, 20.0])
    np.testing.assert_array_equal(outcomes.outcome, np.arange(12.0).reshape(4, 3))


def test_the_order_of_the_rows_does_not_matter(frame):
    shuffled = read_panel(frame.sample(frac=1.0, random_state=0)).frame

    pd.testing.assert_frame_equal(shuffled, read_panel(frame).frame)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_and_a_frame_are_the_same_panel(frame, tmp_path, suffix):
    path = tmp_path / f"panel{suffix}"
    write = {".csv": frame.to_csv, ".parquet": frame.to_parquet}[suffix]
    write(path, index=False)

    pd.testing.assert_frame_equal(read_panel(path).frame, read_panel(frame).frame)


def test_infinity_means_never_trained_on(frame):
    infinite = frame.assign(treatment_step=frame["treatment_step"].fillna(np.inf))

    pd.testing.assert_frame_equal(read_panel(infinite).frame, read_panel(frame).frame)


def test_other_names_are_mapped(frame):
    renamed = frame.rename(columns={"outcome": "sup_seq", "instance": "seq_idx"})

    panel = read_panel(renamed, columns={"outcome": "sup_seq", "instance": "seq_idx"})

    pd.testing.assert_frame_equal(panel.frame, read_panel(frame).frame)


def test_coarsening_keeps_the_last_checkpoint_and_moves_cohorts_to_the_next_one(frame):
    coarse = read_panel(frame).coarsen(2).outcomes()

    np.testing.assert_array_equal(coarse.checkpoints, [0.0, 20.0])
    np.testing.assert_array_equal(coarse.cohort, [20.0, 20.0, np.nan, np.nan])


def test_coarsening_to_one_checkpoint_is_refused(frame):
    with pytest.raises(InputError) as caught:
        read_panel(frame).coarsen(3)
    assert caught.value.code == "too_few_checkpoints"


def test_models_come_in_order_of_size(frame):
    two = pd.concat([frame.assign(model="a", n_params=2e9), frame.assign(model="b", n_params=1e9)])
    panel = read_panel(two)

    assert panel.models == ("b", "a")
    assert panel.select(["a"]).models == ("a",)
    assert repr(panel) == "MemorisationPanel(2 models, 4 instances, 3 checkpoints)"
    with pytest.raises(InputError, match="no model named, of several"):
        panel.outcomes()


def change(column: str, value: object, where: str = "checkpoint == 10 and instance == 'a'"):
    def apply(frame: pd.DataFrame) -> pd.DataFrame:
        changed = frame.astype({column: object}) if isinstance(value, str) else frame.copy()
        changed.loc[frame.query(where).index, column] = value
        return changed

    return apply


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("missing_column", lambda frame: frame.drop(columns="treatment_step")),
        ("empty_table", lambda frame: frame.iloc[:0]),
        ("nan", change("outcome", np.nan)),
        ("infinite", change("outcome", -np.inf)),
        ("wrong_type", change("outcome", "high")),
        ("negative", change("treatment_step", -5.0, "instance == 'a'")),
        ("duplicate_row", lambda frame: pd.concat([frame, frame.iloc[:1]])),
        ("unbalanced_panel", lambda frame: frame.iloc[1:]),
        ("changes_within", change("treatment_step", 2.0)),
        ("no_comparison", change("treatment_step", 5.0, "instance == 'd'")),
        ("treated_after_last", change("treatment_step", 21.0, "instance == 'b'")),
        ("too_few_checkpoints", lambda frame: frame[frame["checkpoint"] == 20]),
    ],
)
def test_each_broken_rule_has_its_own_error(frame, code, spoil):
    with pytest.raises(InputError) as caught:
        MemorisationPanel.from_frame(spoil(frame))
    assert caught.value.code == code


def test_an_error_names_the_rows_as_the_user_knows_them(frame, tmp_path):
    frame.assign(outcome=frame["outcome"].where(frame.index != 4)).to_csv(tmp_path / "p.csv", index=False)

    with pytest.raises(InputError, match=r"p\.csv, line 6: outcome is missing"):
        read_panel(tmp_path / "p.csv")


def test_what_is_no_table_is_refused():
    with pytest.raises(InputError) as caught:
        read_panel([1, 2, 3])
    assert caught.value.code == "not_a_table"


@pytest.mark.parametrize("every", [0, 1.5, True])
def test_coarsening_wants_a_whole_number(frame, every):
    with pytest.raises(InputError) as caught:
        read_panel(frame).coarsen(every)
    assert caught.value.code == "bad_argument"
