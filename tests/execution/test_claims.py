from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from suite.errors import UsageError
from suite.execution.claims import Claims

HOLD = (
    "import sys\nfrom pathlib import Path\nfrom suite.execution.claims import Claims\n"
    "print(Claims(Path(sys.argv[1])).take('cell'), flush=True)\nsys.stdin.read()"
)


def test_a_cell_belongs_to_one_run_until_it_is_released(tmp_path: Path) -> None:
    one, other = Claims(tmp_path / "c"), Claims(tmp_path / "c")
    assert one.take("cell")
    assert one.take("cell")
    assert not other.take("cell")
    assert other.take("another")
    one.release("cell")
    assert other.take("cell")
    other.close()
    assert not (tmp_path / "c").exists()


def test_the_claim_of_a_run_that_was_killed_is_free_at_once(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    claims = Claims(tmp_path)
    assert not claims.take("cell")
    holder.kill()
    holder.communicate()
    assert claims.take("cell")


def test_another_hosts_claim_holds_while_it_is_touched_and_is_taken_over_once(tmp_path: Path) -> None:
    there = Claims(tmp_path, host="there")
    assert there.take("cell")
    (path,) = tmp_path.iterdir()
    # A kernel lock does not reach another host: what is left is the file.
    os.close(there._held.pop("cell"))
    path.write_text("there")
    first, second = Claims(tmp_path), Claims(tmp_path)
    assert not first.take("cell")
    os.utime(path, (0, 0))
    assert first.take("cell")
    assert not second.take("cell")


def test_what_is_held_is_touched_again_and_again(tmp_path: Path) -> None:
    claims = Claims(tmp_path, beat_s=0.01)
    claims.take("cell")
    (path,) = tmp_path.iterdir()
    os.utime(path, (0, 0))
    until = time.monotonic() + 20
    while not path.stat().st_mtime:
        assert time.monotonic() < until
        time.sleep(0.01)
    claims.release("cell")
    claims.close()
    assert not tmp_path.exists()


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_a_file_system_without_locks_is_refused_in_one_line(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(fd: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(UsageError, match=f"{os.strerror(number)}; name another folder with --out"):
        Claims(tmp_path).take("cell")


def test_a_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "c").touch()
    with pytest.raises(UsageError, match=r"cells cannot be claimed in .*: Not a directory"):
        Claims(tmp_path / "c").take("cell")
