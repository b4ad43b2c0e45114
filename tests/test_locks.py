from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest

from suite.locks import is_alone, is_at, locked


def test_whoever_asks_for_a_folder_waits_until_it_is_free(tmp_path: Path) -> None:
    got_it = Event()

    def other() -> None:
        with locked(tmp_path):
            got_it.set()

    thread = Thread(target=other)
    with locked(tmp_path):
        thread.start()
        assert not got_it.wait(0.2)
    assert got_it.wait(20)
    thread.join()


def test_whoever_does_not_wait_is_told(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(BlockingIOError), locked(tmp_path, wait=False):
        pass
    with locked(tmp_path, wait=False):
        pass


def test_a_file_is_held_by_one_and_may_have_been_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("w") as one, path.open() as other:
        assert is_alone(one.fileno())
        assert not is_alone(other.fileno())
        assert is_at(other.fileno(), path)
        path.unlink()
        assert not is_at(one.fileno(), path)
        path.touch()
        assert not is_at(one.fileno(), path)
