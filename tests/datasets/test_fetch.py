"""Where files come from, and what happens when they are damaged, cut short, missing or out of reach."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bayes_scaling.datasets import (
    MIRROR_VARIABLE,
    PartialDataWarning,
    dataset_available,
    describe_parts,
    fetch_dataset,
    load_dataset,
)
from bayes_scaling.datasets.download import ATTEMPTS
from bayes_scaling.errors import DataUnavailableError, InputError


def files_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# --- places, in their order -------------------------------------------------------------------


def test_a_mirror_that_is_given_comes_before_the_environments(tiny, tiny_mirror, tmp_path, monkeypatch):
    other = tmp_path / "other"
    shutil.copytree(tiny_mirror, other)
    monkeypatch.setenv(MIRROR_VARIABLE, str(other))

    assert fetch_dataset(tiny, tiny_mirror) == tiny_mirror / "epoch_chinchilla"
    assert fetch_dataset(tiny) == other / "epoch_chinchilla"


def test_the_environments_mirror_comes_before_a_download(tiny, tiny_mirror, serve, monkeypatch):
    server = serve(tiny_mirror)
    monkeypatch.setenv(MIRROR_VARIABLE, str(tiny_mirror))

    assert len(load_dataset(tiny)) == 8
    assert server.requests == []


def test_an_environment_mirror_without_this_set_leaves_the_download(
    tiny, tiny_mirror, serve, tmp_path, monkeypatch
):
    serve(tiny_mirror)
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path / "empty"))

    assert len(load_dataset(tiny)) == 8


@pytest.mark.parametrize("given", ["argument", "environment"])
def test_a_mirror_that_is_not_there_is_an_error_that_names_it(tiny, tmp_path, monkeypatch, given):
    nowhere = tmp_path / "nowhere"
    monkeypatch.setenv(MIRROR_VARIABLE, str(nowhere))

    with pytest.raises(DataUnavailableError, match="nowhere"):
        load_dataset(tiny, nowhere if given == "argument" else None)


def test_a_damaged_file_in_a_mirror_is_an_error_with_both_checksums(tiny, tiny_mirror):
    path = tiny_mirror / "epoch_chinchilla" / "svg_extracted_data.csv"
    path.write_text(path.read_text("utf-8").replace("2.9", "2.8"), "utf-8")

    with pytest.raises(
        InputError, match=r"svg_extracted_data\.csv has \d+ bytes and SHA-256 [0-9a-f]{64}"
    ) as caught:
        load_dataset(tiny, tiny_mirror)
    assert caught.value.code == "checksum_mismatch"
    assert "SHA-256" in caught.value.expected


def test_a_file_missing_from_a_mirror_is_named(tiny, tiny_mirror):
    (tiny_mirror / "epoch_chinchilla" / "svg_extracted_data.csv").unlink()

    with pytest.raises(DataUnavailableError, match=r"lacks 1 of 1 files, svg_extracted_data\.csv"):
        load_dataset(tiny, tiny_mirror)


def test_availability_is_known_without_a_download(tiny, tiny_mirror, serve):
    server = serve(tiny_mirror)
    assert not dataset_available(tiny)
    assert dataset_available(tiny, tiny_mirror)
    assert server.requests == []

    fetch_dataset(tiny, progress=False)
    assert dataset_available(tiny)


# --- downloads over real HTTP -----------------------------------------------------------------


def test_a_download_is_kept_and_not_repeated(tiny, tiny_mirror, serve, tmp_path, capsys):
    server = serve(tiny_mirror)

    assert load_dataset(tiny).frame["loss"].max() == pytest.approx(2.9)
    assert "Fetching epoch-chinchilla" in capsys.readouterr().err
    load_dataset(tiny)

    assert server.requests == ["/epoch_chinchilla/svg_extracted_data.csv"]
    assert files_below(tmp_path / "cache") == ["svg_extracted_data.csv"]
    assert capsys.readouterr().err == ""


def test_a_download_can_be_quiet(tiny, tiny_mirror, serve, capsys):
    serve(tiny_mirror)

    fetch_dataset(tiny, progress=False)

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (["corrupted"], "not the .* bytes expected"),
        (["cut"] * ATTEMPTS, f"the connection was cut for .* in {ATTEMPTS} attempts"),
        (["unavailable"], "503"),
    ],
)
def test_a_failed_download_leaves_nothing_and_the_next_try_works(
    tiny, tiny_mirror, serve, tmp_path, faults, said
):
    server = serve(tiny_mirror)
    server.faults = list(faults)

    with pytest.raises(DataUnavailableError, match=said) as caught:
        load_dataset(tiny)
    assert "fetch epoch-chinchilla" in str(caught.value)
    assert MIRROR_VARIABLE in str(caught.value)
    assert files_below(tmp_path / "cache") == []

    assert len(load_dataset(tiny)) == 8
    assert files_below(tmp_path / "cache") == ["svg_extracted_data.csv"]


def test_a_connection_that_is_cut_once_is_tried_again(tiny, tiny_mirror, serve):
    server = serve(tiny_mirror)
    server.faults = ["cut"]

    assert len(load_dataset(tiny)) == 8
    assert len(server.requests) == 2


def test_a_file_that_the_server_lacks_is_not_asked_for_again(tiny, tmp_path, serve):
    server = serve(tmp_path)

    with pytest.raises(DataUnavailableError, match="404"):
        load_dataset(tiny)
    assert len(server.requests) == 1


def test_without_a_network_one_error_names_both_ways(tiny):
    with pytest.raises(DataUnavailableError) as caught:
        load_dataset(tiny)

    message = str(caught.value)
    assert "there was no connection for http://127.0.0.1:9/closed/svg_extracted_data.csv" in message
    assert "bayes-scaling datasets fetch epoch-chinchilla" in message
    assert "mirror=DIR, --mirror DIR or BAYES_SCALING_MIRROR=DIR" in message
    assert "\n" not in message


def test_a_file_damaged_in_the_cache_is_downloaded_again(tiny, tiny_mirror, serve):
    server = serve(tiny_mirror)
    cached = fetch_dataset(tiny, progress=False) / "svg_extracted_data.csv"
    cached.write_text("damaged", "utf-8")

    assert len(load_dataset(tiny)) == 8
    assert len(server.requests) == 2


def test_a_cache_that_cannot_be_written_is_named(tiny, tiny_mirror, serve, tmp_path):
    serve(tiny_mirror)
    (tmp_path / "cache").write_text("a file where the folder should be", "utf-8")

    with pytest.raises(DataUnavailableError, match="cache/epoch_chinchilla cannot be written"):
        load_dataset(tiny)


def test_a_real_mirror_served_over_http_gives_the_same_table(mirror, load, serve):
    server = serve(mirror)

    assert load_dataset("multipower") == load("multipower")
    assert len(server.requests) == 27


def test_a_download_that_breaks_off_is_continued_file_by_file(mirror, serve, tmp_path):
    server = serve(mirror)
    server.faults = ["none"] * 5 + ["cut"] * ATTEMPTS

    with pytest.raises(DataUnavailableError):
        fetch_dataset("multipower", progress=False)
    assert len(files_below(tmp_path / "cache")) == 5
    fetch_dataset("multipower", progress=False)

    assert len(files_below(tmp_path / "cache")) == 27
    assert len(server.requests) == 27 + ATTEMPTS


# --- partial copies ---------------------------------------------------------------------------


def test_a_partial_mirror_gives_the_parts_it_has_and_names_the_others(partial_colpret):
    with pytest.warns(PartialDataWarning, match="datablations, .*gpt3"):
        runs = load_dataset("colpret", partial_colpret)

    assert runs.families == ("opt", "t5-pile")


def test_a_part_asked_for_by_name_must_be_there(partial_colpret):
    assert load_dataset("colpret", partial_colpret, parts=["opt"]).families == ("opt",)
    with pytest.raises(DataUnavailableError, match=r"raw_data/gpt3/extracted\.csv"):
        load_dataset("colpret", partial_colpret, parts=["opt", "gpt3"])


def test_the_description_says_what_was_found_and_what_is_not_read(partial_colpret):
    parts = describe_parts("colpret", partial_colpret).set_index("part")

    assert set(parts.index[parts["is_found"]]) == {"opt", "t5-pile"}
    assert parts.loc["aggregated_eval/pythia.csv", "kind"] == "not included"
    assert {"aggregated_eval/Amber.csv", "raw_data/overtrain/overtrain.csv", "MAD"} <= set(parts.index)
    assert parts["summary"].str.len().gt(20).all()
