"""A run at a real terminal: what is left there when it ends, however it ends."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from suite.commands import group

pytestmark = pytest.mark.slow
HIDDEN, SHOWN = b"\x1b[?25l", b"\x1b[?25h"
SLOW = """
import time
class Slow:
    def fit(self, X, y):
        time.sleep(60)
    def predict_proba(self, X): ...
"""
BEGIN = "import os, sys; os.login_tty(int(sys.argv[1])); OUT; os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"


class Terminal:
    """A run whose standard error, and whose output if it has no file, is a terminal."""

    def __init__(self, folder: Path, *args: str, out: Path | None = None) -> None:
        self.keyboard, its = pty.openpty()
        to_file = f"os.dup2(os.open({str(out)!r}, os.O_CREAT | os.O_WRONLY), 1)" if out else "0"
        words = [sys.executable, "-c", BEGIN.replace("OUT", to_file), str(its), "-m", "suite", "run", *args]
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        environment["PYTHONPATH"] = str(Path(group.__file__).parents[2])
        self.run = subprocess.Popen(words, pass_fds=[its], cwd=folder, env=environment)
        os.close(its)
        self.seen = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):
            while piece := os.read(self.keyboard, 4096):
                self.seen += piece

    def wait_for(self, text: bytes) -> None:
        """Wait until something was shown."""
        until = time.monotonic() + 60
        while text not in self.seen and self.run.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        assert text in self.seen, self.seen

    def end(self) -> int:
        """Return how the run ended, with all that it has shown in `seen`."""
        code = self.run.wait(60)
        self._reader.join(60)
        os.close(self.keyboard)
        return code


def _interrupt(at: Terminal) -> None:
    os.write(at.keyboard, b"\x03")


def _terminate(at: Terminal) -> None:
    at.run.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("stop", [_interrupt, _terminate], ids=["Ctrl-C", "SIGTERM"])
def test_a_run_that_is_stopped_takes_its_bar_down_and_says_what_is_kept(
    stop: Callable[[Terminal], None], tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    at = Terminal(tmp_path, "knn", "slow.py:Slow", "--data", "iris", "--protocol", "holdout")
    at.wait_for(b"1/2 fits")
    at.wait_for(b"slow.py:Slow")
    stop(at)
    assert at.end() == 130
    assert at.seen.rindex(SHOWN) > at.seen.rindex(HIDDEN)
    after = at.seen[at.seen.rindex(SHOWN) :]
    assert b"fits" not in after
    assert after.endswith(b"suite: interrupted; what was finished is kept\r\n")
    assert len([*tmp_path.glob("results/records/*/*/*/knn/*.json")]) == 1


def test_records_on_standard_output_stay_clean_while_the_bar_is_on_standard_error(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    at = Terminal(tmp_path, "knn", "dummy", "--data", "iris", "--protocol", "cv5", "--json", out=out)
    assert at.end() == 0
    assert HIDDEN in at.seen
    assert b"knn" in at.seen
    assert at.seen.rindex(SHOWN) > at.seen.rindex(HIDDEN)
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [record["status"] for record in records] == ["ok"] * 10
