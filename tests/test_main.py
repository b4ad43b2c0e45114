from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SHADOWS = ("pandas", "random", "json", "enum", "rich", "sklearn", "queue")


def test_files_of_the_user_named_like_modules_are_not_imported(tmp_path: Path) -> None:
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('a file of the user')\n")
    command = [sys.executable, "-m", "suite", "run", "dummy", "--data", "iris", "--protocol", "holdout"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "a file of the user" not in ran.stderr
