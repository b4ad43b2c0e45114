from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

from suite.disk import locked


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


def test_a_folder_that_is_not_there_holds_nobody_up(tmp_path: Path) -> None:
    with locked(tmp_path / "absent"):
        assert not (tmp_path / "absent").exists()
