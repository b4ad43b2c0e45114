"""Names that a file system, a page or a terminal may take for something else, through whole runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import suite
from suite.errors import UsageError

FILES = [
    *(
        "con",
        "nul",
        "x" * 200,
        "😀",
        "a\u202eb",
        "a\nb",
        "\x1b[31m",
        "case",
        "Case",
        "CASE",
        "\udcff",
        "..",
        "-rf",
        " ",
    ),
    *(
        "<script>",
        "[x](javascript:1)",
        "`|`",
        "[b]",
        "=1+1",
        "~",
        "records",
        "audit",
        "statistics",
        "LEADERBOARD.md",
    ),
]


def write(path: Path) -> Path:
    path.write_text("a,t\n" + "".join(f"{i % 5},{'no' if i % 2 else 'yes'}\n" for i in range(40)))
    return path


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("_here")
def test_files_of_any_name_have_boards_of_their_own_inside_the_output_folder(tmp_path: Path) -> None:
    tables = [str(write(tmp_path / f"{name}.csv")) for name in FILES]
    before = set(tmp_path.iterdir()) | {tmp_path / "out", tmp_path / "cache"}
    found = suite.run("dummy", tables, "t", protocol="holdout", executor="inline", out="out", threads=1)
    assert [record.status for record in found.records] == ["ok"] * len(FILES)
    assert set(tmp_path.iterdir()) <= before
    folders = [board.folder for board in found.boards]
    # On a file system without case they are different too.
    assert len({folder.casefold() for folder in folders}) == len(FILES)
    for folder in folders:
        assert re.fullmatch(r"[a-z0-9_][a-z0-9._-]{0,59}/holdout", folder)
        assert folder.partition("/")[0] not in ("records", "audit", "statistics", "con", "nul")
        assert (tmp_path / "out" / folder / "LEADERBOARD.md").is_file()
    assert not found.store.unreadable


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize(
    "name", ["../../etc/x", "", "/x", "..", "a\0b", "a\nb", "\x1b[31m", "<b>", "[/b]", "\udcff"]
)
@pytest.mark.parametrize("kind", ["model", "table"])
def test_in_python_a_name_that_is_none_is_refused_in_one_line(kind: str, name: str) -> None:
    from sklearn.dummy import DummyClassifier

    models = {name: DummyClassifier()} if kind == "model" else "dummy"
    data = {name: ([[0.0], [1.0]] * 9, ["no", "yes"] * 9)} if kind == "table" else "iris"
    with pytest.raises(UsageError) as refused:
        suite.run(models, data, executor="inline")
    assert str(refused.value).startswith(f"no {kind} can be named {name!r}: ")
    assert str(refused.value).isprintable()
    assert not Path("results").exists()
