from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from suite.execution import programs
from suite.execution.local import Pool
from suite.execution.programs import programs_folder
from suite.execution.slot import Slot
from suite.provenance import distributions
from suite.schema import Budget

PROCESSOR = "model name\t: {model}\ncpu MHz\t: {clock}\nflags\t: {flags}\n\nmodel name\t: the second\n"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "suite" / "xla"


def test_the_folder_is_this_users_alone_and_names_tensorflows_version(cache: Path) -> None:
    folder = programs_folder(1)
    assert folder is not None
    assert folder.parent == cache
    assert folder.name.startswith(*distributions("tensorflow").values())
    assert [path.stat().st_mode & 0o777 for path in (cache, folder)] == [0o700, 0o700]
    assert programs_folder(1) == folder


def test_programs_for_other_threads_or_flags_lie_apart(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = {programs_folder(1), programs_folder(2)}
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    assert len(folders | {programs_folder(1)}) == 3


def test_a_processor_is_what_it_can_do_and_not_how_fast_it_runs_now(tmp_path: Path) -> None:
    def said(**changes: str) -> list[str]:
        file = tmp_path / "cpuinfo"
        file.write_text(PROCESSOR.format(**{"model": "A", "clock": "2600", "flags": "avx2 fma", **changes}))
        return programs._processor(file)

    assert said() == said(clock="1200")
    assert said() != said(flags="avx2")
    assert said() != said(model="B")
    assert programs._processor(tmp_path / "none") != []


def test_no_folder_of_somebody_elses_is_used(cache: Path, tmp_path: Path) -> None:
    cache.parent.mkdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    cache.symlink_to(tmp_path / "elsewhere")
    assert programs_folder(1) is None
    cache.unlink()
    cache.mkdir()
    cache.chmod(0o777)
    assert programs_folder(1) is None
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_where_no_folder_can_be_made_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert programs_folder(1) is None


def test_without_tensorflow_there_is_no_folder(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "distributions", lambda _: {})
    assert programs_folder(1) is None
    assert not cache.exists()


def test_folders_that_nobody_has_used_for_a_month_are_removed(cache: Path) -> None:
    folder = programs_folder(1)
    old, young = cache / "2.0.0-old", cache / "2.1.0-young"
    for other, days in ((old, 31), (young, 29)):
        other.mkdir(mode=0o700)
        (other / "program").touch()
        os.utime(other, (time.time() - days * 86400,) * 2)
    assert programs_folder(1) == folder
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize("is_given", [True, False])
def test_a_child_is_told_of_the_programs_that_its_trials_may_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_given: bool
) -> None:
    begun: list[dict[str, str]] = []
    monkeypatch.setattr("suite.execution.slot.Child", lambda *_, env, **__: begun.append(env))
    folder = tmp_path / "programs" if is_given else None
    budget = Budget(threads=1, workers=1, time_s=None, memory_mb=None)
    Slot(budget, 0, tmp_path / "scratch", folder)._start()
    assert begun[0].get("SUITE_PROGRAMS") == (str(folder) if is_given else None)
    assert ("TF_XLA_FLAGS" in begun[0]) == is_given


@pytest.mark.parametrize("trials", [False, True])
def test_workers_have_programs_where_there_are_trials(
    cache: Path, monkeypatch: pytest.MonkeyPatch, trials: bool
) -> None:
    given: list[Path | None] = []

    class Recorder(Slot):
        def __init__(self, budget: Budget, position: int, scratch: Path, programs: Path | None) -> None:
            super().__init__(budget, position, scratch, programs)
            given.append(programs)

    monkeypatch.setattr("suite.execution.local.Slot", Recorder)
    with Pool(Budget(threads=1, workers=2, time_s=None, memory_mb=None), searches=trials):
        assert given == [programs_folder(1) if trials else None] * 2
        assert cache.exists() == trials
