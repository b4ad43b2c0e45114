from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from suite.neural import programs
from suite.neural.programs import Programs

COMPILED = "xla_compile_cache__1__2__XLA_CPU_JIT.pb"


class Process:
    """A process's view of one folder of programs, and the stage in which TensorFlow works."""

    def __init__(self, folder: Path, stage: Path) -> None:
        self.folder, self.stage, self.programs = folder, stage, Programs(folder, stage)

    def compile(self, name: str, content: bytes = b"machine code") -> None:
        """Do what a fit does that finds no program: TensorFlow leaves one."""
        assert not self.programs.fetch(name)
        self.stage.mkdir(exist_ok=True)
        (self.stage / COMPILED).write_bytes(content)
        self.programs.keep(name)

    @property
    def staged(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.stage.iterdir()}

    @property
    def kept(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def start(tmp_path):
    """Start processes that share a folder."""
    (tmp_path / "kept").mkdir()
    return lambda stage="one": Process(tmp_path / "kept", tmp_path / stage)


def test_a_process_names_its_folders_to_one_that_it_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_clustering_debug=false")
    variables = programs.environment(tmp_path / "kept", tmp_path / "stage")
    flags = f"--tf_xla_clustering_debug=false --tf_xla_persistent_cache_directory={tmp_path / 'stage'}"
    assert variables["TF_XLA_FLAGS"] == flags
    assert Programs.of_this_process() is None
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    Process(tmp_path / "kept", tmp_path / "stage")
    assert isinstance(Programs.of_this_process(), Programs)


def test_what_one_process_compiled_is_put_on_the_stage_of_another(start):
    one, other = start("one"), start("other")
    one.compile("program")
    assert one.staged == {}
    assert other.programs.fetch("program")
    assert other.staged == {COMPILED: b"machine code"}
    other.programs.keep("program")
    assert (other.staged, other.kept) == ({}, {"program"})


def test_a_program_whose_process_ended_with_it_is_not_tried_again(start):
    start("one").compile("program")
    assert start("killed").programs.fetch("program")
    assert not start("other").programs.fetch("program")


def test_a_program_that_could_not_be_used_is_gone(start):
    one = start()
    one.compile("program")
    assert one.programs.fetch("program")
    one.programs.drop("program")
    assert (one.kept, one.staged) == (set(), {})


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:20],
        lambda content: b"",
        lambda content: content.replace(b"machine", b"mischief"),
        lambda content: content.replace(b"xla_compile_cache", b"../xla_compile_cache"),
        lambda content: b"\0" * 300,
    ],
    ids=["short", "shorter", "empty", "changed", "another name", "zeros"],
)
def test_a_damaged_program_is_removed_and_compiled_anew(start, damage):
    one = start()
    one.compile("program")
    path = one.folder / "program"
    path.write_bytes(damage(path.read_bytes()))
    one.compile("program")
    assert one.programs.fetch("program")
    assert one.staged == {COMPILED: b"machine code"}


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "too large"])
def test_what_is_no_plain_file_of_a_fair_size_is_no_program(start, kind, monkeypatch, tmp_path):
    one = start()
    one.compile("program")
    path = one.folder / "program"
    if kind == "too large":
        monkeypatch.setattr(programs, "LARGEST", 1)
        with path.open("ab") as file:
            file.truncate(600)
    else:
        path.rename(tmp_path / "elsewhere")
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    assert not one.programs.fetch("program")


def test_several_files_on_the_stage_are_not_taken_for_one_program(start):
    one = start()
    one.compile("first")
    (one.stage / "another").write_bytes(b"of whom?")
    (one.stage / COMPILED).write_bytes(b"machine code")
    one.programs.keep("second")
    assert (one.kept, one.staged) == ({"first"}, {})


def test_the_programs_that_have_not_served_for_longest_make_room(start, monkeypatch):
    one = start()
    for age, name in enumerate(("old", "middle", "new")):
        one.compile(name, b"." * 1000)
        os.utime(one.folder / name, (0, 1000.0 + age))
    assert one.programs.fetch("old")
    one.programs.keep("old")
    monkeypatch.setattr(programs, "LIMIT", 3600)
    one.compile("newest", b"." * 1000)
    assert one.kept == {"new", "old", "newest"}


def test_what_processes_left_is_removed_after_an_hour(start):
    one = start()
    for name, age in ((".a.1-00.tmp", 7200), (".b.1-00.taken", 7200), (".c.1-00.taken", 60)):
        (one.folder / name).write_bytes(b"")
        os.utime(one.folder / name, (time.time() - age,) * 2)
    one.compile("program")
    assert one.kept == {".c.1-00.taken", "program"}


def test_two_that_compile_the_same_at_once_leave_one_program(start):
    one, other = start("one"), start("other")
    for process in (one, other):
        assert not process.programs.fetch("program")
        process.stage.mkdir()
        (process.stage / COMPILED).write_bytes(b"machine code")
    one.programs.keep("program")
    assert start("third").programs.fetch("program")
    other.programs.keep("program")
    assert "program" in one.kept


@pytest.mark.parametrize("missing", ["folder", "stage"])
def test_without_a_folder_to_write_to_nothing_is_kept_and_nothing_fails(tmp_path, missing):
    folder, stage = tmp_path / "kept", tmp_path / "stage"
    for path in {folder, stage} - {tmp_path / ("kept" if missing == "folder" else "stage")}:
        path.mkdir()
    one = Programs(folder, stage)
    assert not one.fetch("program")
    if missing == "folder":
        (stage / COMPILED).write_bytes(b"machine code")
    one.keep("program")
    one.drop("program")
    one.clear()
    assert not one.fetch("program")
