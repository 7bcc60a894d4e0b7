from __future__ import annotations

import pandas as pd
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.runs import RunTable
from bayes_scaling.study import make_spec
from bayes_scaling.study import plan as module
from bayes_scaling.study.plan import SHIPPED, plan_study
from tests.baselines.families import family_rows, table

TABLE = {"table": "runs.csv"}
DATASET = {"dataset": "public"}


def families(count: int, **options) -> RunTable:
    return table(
        *(family_rows(f"f{place:02d}", noise_sd=0.01, seed=place, **options) for place in range(count))
    )


def plan(runs, data=TABLE, **grid):
    return plan_study(make_spec({"data": data, "grid": {"pooling": ["none"], **grid}}), runs)


def test_a_family_has_cells_for_the_sizes_that_it_has():
    runs = table(
        family_rows("five"), family_rows("three", sizes=(1e8, 3e8, 1e9)), family_rows("one", sizes=(1e8,))
    )

    cells = [planned.cell for planned in plan(runs, n_sizes=[1, 2, 4]).cells]

    assert [(cell.family, cell.n_sizes) for cell in cells] == [
        ("five", 1),
        ("five", 2),
        ("five", 4),
        ("three", 1),
        ("three", 2),
    ]


def test_combinations_that_mean_nothing_are_left_out_and_counted():
    found = plan(
        families(1),
        n_sizes=[3],
        method=["least-squares", "laplace"],
        pooling=["none", "population"],
        seed=[0, 1],
    )

    kept = [(planned.cell.method, planned.cell.pooling, planned.cell.seed) for planned in found.cells]
    assert kept.count(("least-squares", "none", 0)) == 1
    assert len(kept) == 5
    assert found.n_senseless == 3


def test_a_second_seed_of_a_point_method_counts_where_it_chooses_among_runs():
    found = plan(families(1), n_sizes=[3], method=["least-squares"], seed=[0, 1], n_seeds=[1])

    assert [planned.cell.seed for planned in found.cells] == [0, 1]


def test_the_targets_first_part_alone_is_a_cell_once_for_all_windows():
    found = plan(families(1), n_sizes=[0, 4], target_share=[0.0, 0.3], window=["smallest", "nearest"])

    cells = [(planned.cell.n_sizes, planned.cell.target_share) for planned in found.cells]
    assert cells.count((0, 0.3)) == 1
    assert cells.count((4, 0.3)) == 2
    assert (0, 0.0) not in cells


def test_families_are_chosen_by_label_or_pattern():
    runs = families(12)

    assert {planned.cell.family for planned in plan(runs, families=["f00", "f1*"]).cells} == {
        "f00",
        "f10",
        "f11",
    }
    with pytest.raises(InputError, match="g") as caught:
        plan(runs, families=["g*"])
    assert caught.value.code == "unknown_family"


def test_a_grid_without_a_cell_is_refused():
    with pytest.raises(InputError, match="without a cell"):
        plan(families(1), n_sizes=[9])


def test_keys_are_unique_and_change_with_the_rows_of_the_family_alone():
    before = plan(families(2), n_sizes=[2, 3])
    changed = families(2).frame
    changed.loc[changed["family"] == "f01", "loss"] *= 1.01
    after = plan(RunTable.from_frame(changed), n_sizes=[2, 3])

    keys = [
        {planned.key for planned in each.cells if planned.cell.family == "f00"} for each in (before, after)
    ]
    others = [
        {planned.key for planned in each.cells} - kept
        for each, kept in zip((before, after), keys, strict=True)
    ]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 2
    assert others[0].isdisjoint(others[1])


# --- what a cell may know of other families ---------------------------------------------------


def test_a_data_set_teaches_its_own_priors_and_none_knows_the_family_or_its_kin():
    runs = families(16)
    twin = runs.select("f03").frame.assign(family="f12-twin")
    runs = RunTable.from_frame(pd.concat([runs.frame, twin]))

    found = plan(runs, DATASET, n_sizes=[3], pooling=["population"])

    assert 2 <= len(found.lessons) <= 8
    for planned in found.cells:
        taught_by = found.lessons[planned.prior].families
        assert planned.cell.family not in taught_by
        assert len(taught_by) >= 8
    of_kin = {planned.prior for planned in found.cells if planned.cell.family in ("f03", "f12-twin")}
    assert len(of_kin) == 1


def test_a_table_of_few_families_takes_the_shipped_prior():
    found = plan(families(2), n_sizes=[3], pooling=["population"])

    assert {planned.prior for planned in found.cells} == {SHIPPED}
    assert not found.lessons


def test_a_table_of_ones_own_teaches_its_priors_when_asked_to():
    content = {"data": TABLE, "grid": {"n_sizes": [3], "pooling": ["population"]}}
    runs = families(16)

    found = plan_study(make_spec({**content, "study": {"prior": "folds"}}), runs)

    assert {planned.prior for planned in found.cells} == set(found.lessons)
    assert {planned.prior for planned in plan_study(make_spec(content), runs).cells} == {SHIPPED}


def test_a_lesson_is_put_together_once_however_many_cells_ask_for_it(monkeypatch):
    asked = []
    monkeypatch.setattr(module, "digest_of", lambda digests: str(asked.append(list(digests)) or asked[-1]))

    found = plan(families(16), DATASET, n_sizes=[1, 2, 3], pooling=["population"], seed=[0, 1])

    lessons = [parts for parts in asked if len(parts) > 10]
    assert len(found.cells) == 16 * 6
    assert len(lessons) == len(found.lessons) > 2


def test_the_shipped_prior_is_not_given_to_a_family_that_taught_it(mirror):
    from bayes_scaling.datasets import load_dataset

    runs = load_dataset("gadre", mirror)

    found = plan(runs, n_sizes=[3], pooling=["population"])

    assert {planned.prior for planned in found.cells} == {None}
    assert all("knows runs of this family" in planned.obstacle for planned in found.cells)


def test_a_joint_cell_sees_all_families_but_its_kin():
    runs = families(3)
    twin = runs.select("f00").frame.assign(family="twin")
    found = plan(RunTable.from_frame(pd.concat([runs.frame, twin])), n_sizes=[3], pooling=["joint"])

    others = {planned.cell.family: planned.others for planned in found.cells}
    assert others["f00"] == others["twin"] == ("f01", "f02")
    assert others["f01"] == ("f00", "f02", "twin")
