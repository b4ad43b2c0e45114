"""An export's folder takes its place whole, and puts back what was there where that did not come about."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.errors import UsageError
from suite.exports import folder

Exported = Callable[..., Path]
ROWS = "a,b,y\n" + "".join(f"{i * 37 % 101},{'xyz'[i % 3]},{'no' if i % 4 else 'yes'}\n" for i in range(40))


def test_what_fails_on_the_way_leaves_the_earlier_export(exported: Exported) -> None:
    there = exported(ROWS)
    before = {path.name: path.read_bytes() for path in there.iterdir()}
    with pytest.raises(RuntimeError), folder.making(there) as made:  # noqa: PT012
        (made / "half").write_text("half")
        raise RuntimeError
    assert {path.name: path.read_bytes() for path in there.iterdir()} == before
    assert not [path for path in there.parent.iterdir() if path.name.startswith(".")]


def test_a_folder_that_cannot_be_put_in_place_leaves_the_earlier_one(
    exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = exported(ROWS)
    rename = Path.rename

    def full(path: Path, target: Path) -> Path:
        if path.name.endswith(".tmp"):
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(UsageError, match="No space left on device"), folder.making(there):
        pass
    assert folder.read(there)[0].model == "dummy"
    assert not [path for path in there.parent.iterdir() if path.name.startswith(".")]


def test_what_somebody_wrote_into_an_export_is_not_lost(exported: Exported) -> None:
    there = exported(ROWS)
    changed = there / folder.RECIPE
    changed.write_text(changed.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"recipe\.json was changed since it was exported, and would be lost"
    ):
        folder.check_replaceable(there)
    assert changed.read_text(encoding="utf-8").endswith(" ")


@pytest.mark.skipif(os.name != "posix", reason="processes are killed")
def test_what_a_killed_export_left_is_put_right_by_the_next(exported: Exported) -> None:
    there = exported(ROWS)
    code = f"""
        import os, signal
        from pathlib import Path
        from suite.exports import folder
        rename = Path.rename
        def kill(path, target):
            if path.name.endswith(".tmp"):
                os.kill(os.getpid(), signal.SIGKILL)
            return rename(path, target)
        Path.rename = kill
        with folder.making(Path({str(there)!r})) as made:
            (made / "half").write_text("half")
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert not there.exists()
    assert len([path for path in there.parent.iterdir() if path.name.startswith(".")]) == 2
    with pytest.raises(RuntimeError), folder.making(there):
        raise RuntimeError
    assert folder.read(there)[0].model == "dummy"
    assert not [path for path in there.parent.iterdir() if path.name.startswith(".")]


def test_an_empty_folder_is_taken_and_the_current_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with folder.making(tmp_path / "empty") as made:
        (made / "file").write_text("there")
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["file"]
    for name in (".", ".."):
        with pytest.raises(UsageError, match="a model takes a folder of its own"):
            folder.check_replaceable(Path(name))
