from __future__ import annotations

import io

import pytest
from rich.console import Console

from suite.analysis.ranking import boards
from suite.report.document import document
from suite.report.faces import TERMINAL
from suite.report.lossy import degrade
from suite.report.terminal import rendered


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


def written(file: io.TextIOWrapper) -> bytes:
    file.flush()
    assert isinstance(file.buffer, io.BytesIO)
    return file.buffer.getvalue()


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("ascii", b"+ 0.1-0.2 . a~b x gruen? ?? ?"),
        ("latin-1", b"+ 0.1-0.2 \xb7 a~b x gruen? ?? ?"),
        ("utf-8", "✓ 0.1–0.2 · a…b ✗ gruen\u0142 \u6f22 ".encode() + b"?"),
    ],
)
def test_what_an_encoding_lacks_is_written_as_something_near(encoding: str, expected: bytes) -> None:
    file = stream(encoding)
    degrade(file)
    file.write("✓ 0.1–0.2 · a…b ✗ gruen\u0142 \u6f22 \udcc3")
    assert written(file) == expected


def test_a_letter_loses_its_accents() -> None:
    file = stream("ascii")
    degrade(file)
    file.write("grün Łódź e\u0301")
    assert written(file) == b"grun ?odz e"


def test_a_board_in_ascii_is_as_wide_as_any(make_record) -> None:
    lines = {}
    for encoding in ("ascii", "utf-8"):
        file = stream(encoding)
        degrade(file)
        console = Console(file=file, width=100)
        (board,) = boards([make_record("a"), make_record("grün", key="2")])
        for part in rendered(document(board, TERMINAL), 100):
            console.print(part)
        lines[encoding] = written(file).decode(encoding).splitlines()
    assert [len(line) for line in lines["ascii"]] == [len(line) for line in lines["utf-8"]]
