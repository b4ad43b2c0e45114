from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest

from suite.locks import is_at, locked, try_lock


def test_whoever_asks_for_a_file_waits_until_it_is_free(tmp_path: Path) -> None:
    got_it = Event()

    def other() -> None:
        with locked(tmp_path / "lock"):
            got_it.set()

    thread = Thread(target=other)
    with locked(tmp_path / "lock"):
        thread.start()
        assert not got_it.wait(0.2)
    assert got_it.wait(20)
    thread.join()


def test_whoever_does_not_wait_is_told(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"), pytest.raises(BlockingIOError), locked(tmp_path / "lock", wait=False):
        pass
    with locked(tmp_path / "lock", wait=False):
        pass


def test_a_file_is_held_by_one_and_may_have_been_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("w") as one, path.open() as other:
        assert try_lock(one.fileno())
        assert not try_lock(other.fileno())
        assert is_at(other.fileno(), path)
        path.unlink()
        assert not is_at(one.fileno(), path)
        path.touch()
        assert not is_at(one.fileno(), path)
