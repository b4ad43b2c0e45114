from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FUZZING = Path(__file__).with_name("fuzzing.py")


def fuzz(folder, seed, count, *seconds):
    command = [sys.executable, FUZZING, folder, seed, count, *seconds]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=240, check=False)
    last = (folder / "last").read_text() if (folder / "last").exists() else "none"
    assert done.returncode == 0, f"ended at {last}: {done.stderr[-2000:]}"
    return json.loads(done.stdout)


def test_every_good_file_of_the_fuzzer_is_read(tmp_path):
    pytest.importorskip("python_calamine")
    assert fuzz(tmp_path, 0, 0)["unread"] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_every_damaged_file_is_a_table_or_one_clear_line_in_time(tmp_path, seed):
    found = fuzz(tmp_path, seed, 1000)
    assert found["problems"] == []
    assert found["read"] > 50
    assert found["refused"] > 500
    assert found["megabytes"] < 1000
