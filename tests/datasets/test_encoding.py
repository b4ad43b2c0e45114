from __future__ import annotations

import codecs

import pytest

from suite.datasets.encoding import scan
from suite.errors import DataError

TEXT = "größe,y\n1,€\n2,“a”\n"


def scanned(tmp_path, data):
    (tmp_path / "t.csv").write_bytes(data)
    return scan(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("data", "encoding", "note"),
    [
        (TEXT.encode(), "utf-8-sig", None),
        (TEXT.encode("utf-8-sig"), "utf-8-sig", None),
        (TEXT.encode("utf-16"), "utf-16", "the file was read as UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16", "the file was read as UTF-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le", "the file was read as UTF-16"),
        (TEXT.encode("utf-16-be"), "utf-16-be", "the file was read as UTF-16"),
        (TEXT.encode("utf-32"), "utf-32", "the file was read as UTF-32"),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "utf-32", "the file was read as UTF-32"),
        (TEXT.encode("cp1252"), "cp1252", "the file is not UTF-8 and was read as Windows-1252"),
        (b"caf\xe9\x81\n", "latin-1", "the file is not UTF-8 and was read as latin-1"),
    ],
)
def test_an_encoding_is_found_and_said(tmp_path, data, encoding, note):
    found = scanned(tmp_path, data)
    assert (found.encoding, found.note, found.whole, found.size) == (encoding, note, True, len(data))
    if encoding != "latin-1":
        assert found.head.lstrip("\ufeff") == found.tail.lstrip("\ufeff") == TEXT
        assert found.tail.encode(found.plain) == data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16", "utf-32", "cp1252"])
def test_head_and_tail_of_a_long_file_are_whole_lines(tmp_path, encoding):
    lines = [f"{i},größe {i}\r\n" for i in range(50_000)]
    data = "".join(lines).encode(encoding)
    found = scanned(tmp_path, data)
    assert not found.whole
    assert "".join(lines).startswith(found.head.lstrip("\ufeff"))
    assert found.head.endswith("\n")
    assert len(found.head) > 60_000
    assert found.tail.splitlines(keepends=True) == lines[-len(found.tail.splitlines()) :]
    assert data.endswith(found.tail.encode(found.plain))


def test_the_head_has_twenty_lines_however_long(tmp_path):
    line = "x" * 10_000 + "\n"
    assert scanned(tmp_path, (line * 100).encode()).head == line * 20


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n\t", "is empty"),
        ("\n".encode("utf-16"), "is empty"),
        (b"a,b\n\0,1\n", "is not a text file"),
        (b"\xff\xfea\0\0\xdc", "is damaged: illegal encoding in utf-16"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path, data, message):
    with pytest.raises(DataError, match=message):
        scanned(tmp_path, data)
