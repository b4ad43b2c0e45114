from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from suite.analysis.board import Note
from suite.analysis.ranking import boards
from suite.config import View


def _command(records, **options) -> list[str]:
    return shlex.split(boards(records, **options)[0].command)


def test_the_command_names_models_data_and_protocol(make_record):
    words = _command(
        [make_record(model, dataset="digits", protocol="cv5") for model in ("logistic", "hist_gb")]
    )
    assert words == [
        "python",
        "-m",
        "suite",
        "run",
        "hist_gb",
        "logistic",
        "--data",
        "digits",
        "--protocol",
        "cv5",
    ]


@pytest.mark.parametrize("file", ["my data.csv", "folder/table", "x.TSV.gz", "t.parquet"])
def test_a_file_comes_with_its_path_and_its_target_however_they_are_written(make_record, file: str):
    record = make_record(dataset="t", features={"used": [], "file": file}, target="the 'target'; rm -rf")
    words = _command([record])
    assert words[words.index("--data") + 1] == file
    assert words[words.index("--target") + 1] == "the 'target'; rm -rf"


def test_seeds_and_metric_stand_in_the_command_where_they_are_not_usual(make_record):
    words = _command([make_record(seed=s) for s in range(3)], view=View(metric="macro_f1"))
    assert words[-4:] == ["--seeds", "3", "--metric", "macro_f1"]


def test_columns_asked_for_stand_in_the_command(make_record):
    chosen = {"keep": ["name; ls"], "drop": ["a b", "-x"], "encode": ["city"]}
    words = _command([make_record(features={"used": [], "chosen": chosen})])
    assert words[words.index("music_genre") + 1 : words.index("--protocol")] == [
        *("--drop", "a b", "--drop", "-x", "--encode", "city", "--keep", "name; ls")
    ]


def test_a_time_limit_stands_in_the_command_where_one_that_is_not_usual_ended_a_cell(make_record):
    def limits(*records):
        words = _command(list(records))
        return [words[i + 1] for i, word in enumerate(words) if word == "--time-limit"]

    def timeout(model: str, limit: float | None):
        return make_record(model, status="timeout", failure={"kind": "Timeout", "limit": limit})

    cut = make_record("keras_tuned", resources={"cut_short_at_s": 7.5})
    assert limits(make_record("knn")) == []
    assert limits(make_record("knn"), timeout("logistic", 600.0)) == []
    assert limits(make_record("knn"), timeout("logistic", None)) == []
    assert limits(make_record("knn"), cut) == ["7.5"]
    assert limits(cut, timeout("logistic", 20.0)) == ["20"]
    assert limits(make_record("knn", fit_s=120.0), timeout("logistic", 20.0)) == []
    assert (
        limits(make_record("knn", status="out_of_memory", failure={"kind": "OutOfMemory", "limit": 900.0}))
        == []
    )


def test_a_tuned_model_is_no_name_to_type(make_record):
    words = _command([make_record("knn"), make_record("logistic", variant="tuned")])
    assert "logistic (tuned)" not in words
    assert "knn" in words


def test_models_given_in_python_are_named_in_a_comment_and_a_factory_in_the_command(make_record):
    custom = [make_record(name, family="custom") for name in ("ridge", "mine", "file.py:make")]
    words = _command([*custom, make_record("knn")])
    assert words[4:6] == ["file.py:make", "knn"]
    comment = words[words.index("#") :]
    assert " ".join(comment) == "# without the models given in Python: mine, ridge"
    assert boards(custom[:2])[0].command == "# models given in Python: mine, ridge"


def test_a_table_given_in_python_is_named_in_a_comment_and_nothing_can_be_typed(make_record):
    told = {"used": ["a"], "live": True}
    custom, usual = make_record("mine", family="custom", features=told), make_record("knn", features=told)
    where = f"# a table given in Python: {usual.dataset}"
    assert boards([usual])[0].command == where
    assert boards([usual, custom])[0].command == f"{where}; models given in Python: mine"


def test_what_all_models_say_is_said_of_the_data_once(make_record):
    records = [
        make_record("a", notes=["rows dropped", "own validation rows"]),
        make_record("b", notes=["rows dropped"]),
        make_record("c", notes=["rows dropped", "own validation rows"]),
    ]
    assert boards(records)[0].notes == (
        Note(text="rows dropped"),
        Note(text="own validation rows", models=("a", "c")),
    )


def test_the_note_of_a_model_that_is_alone_is_its_own(make_record):
    assert boards([make_record("a", notes=["hm"])])[0].notes == (Note(text="hm", models=("a",)),)


def test_each_machine_is_named_once(make_record):
    here = make_record("a").provenance
    there = replace(here, cpu="Another", packages={"numpy": "1"})
    later = replace(here, started_at="2027-01-01T00:00:00+00:00")
    machines = boards(
        [make_record(m, provenance=p) for m, p in zip("abc", (here, there, later), strict=True)]
    )[0].machines
    assert [machine.cpu for machine in machines] == ["A processor", "Another"]


def test_machines_that_only_list_other_packages_are_one(make_record):
    here = make_record("a").provenance
    more = replace(here, packages={**here.packages, "my-library": "1.0"})
    other = replace(here, packages={"numpy": here.packages["numpy"], "their-library": "2"})
    none = replace(here, packages={})
    for order in ((here, more, other, none), (none, other, more, here)):
        records = [make_record(m, provenance=p) for m, p in zip("abcd", order, strict=True)]
        (machine,) = boards(records)[0].machines
        assert machine.packages == {**here.packages, "my-library": "1.0", "their-library": "2"}


def test_two_versions_of_one_package_are_two_and_a_list_without_it_is_neither(make_record):
    here = make_record("a").provenance
    newer = replace(here, packages={**here.packages, "numpy": "3.0", "my-library": "1.0"})
    records = [
        make_record(m, provenance=p)
        for m, p in zip("abc", (here, newer, replace(here, packages={})), strict=True)
    ]
    assert sorted(m.packages["numpy"] for m in boards(records)[0].machines) == ["2.4.6", "3.0"]


def test_a_record_without_provenance_has_an_unknown_machine(make_record):
    (machine,) = boards([make_record(provenance={})])[0].machines
    assert (machine.cpu, machine.cores) == ("unknown processor", None)
