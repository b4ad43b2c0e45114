from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from suite.datasets.files import heading

PLAIN = "id,zip code,class\n1,2,a\n3,4,b\n5,6,a\n"


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (PLAIN.encode(), ["id", "zip code", "class"]),
        (PLAIN.replace(",", ";").encode(), ["id", "zip code", "class"]),
        (PLAIN.replace(",", "\t").encode("utf-16"), ["id", "zip code", "class"]),
        (b"\xef\xbb\xbf" + PLAIN.encode(), ["id", "zip code", "class"]),
        (gzip.compress(PLAIN.encode(), mtime=0), ["id", "zip code", "class"]),
        ("größe,b\n1,2\n3,4\n".encode("latin-1"), ["größe", "b"]),
        (b'"a,b";c\n1,5;2\n3,5;4\n', ["a,b", "c"]),
        (b"Sales of 2024\n\na,b\n1,2\n3,4\n", ["a", "b"]),
        (b'{"a": 1, "b": {"c": 2}}\n{"a": 3}\n', ["a", "b"]),
        (b'[{"a": 1, "b": 2}]', ["a", "b"]),
        (b"", []),
        (b"\0\1\2", []),
        (b"\x1f\x8bdamaged", []),
        (b'{"a": ', []),
    ],
)
def test_the_names_are_those_of_the_first_row(content: bytes, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(content)
    assert heading.names(path) == names


def test_only_the_beginning_of_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heading, "BYTES", 40)
    path = tmp_path / "table.csv"
    path.write_text("größe,b\n" + "ü,2\n" * 100 + '"' * 7, encoding="utf-8")
    assert heading.names(path) == ["größe", "b"]


def test_a_file_without_names_has_numbers(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("1,2\n3,4\n")
    assert heading.names(path, no_header=True) == ["column_1", "column_2"]


def test_what_is_not_there_has_no_names(tmp_path: Path) -> None:
    assert heading.names(tmp_path / "absent.csv") == []
