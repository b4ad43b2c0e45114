from __future__ import annotations

import codecs

import pytest

from suite.datasets.files.encoding import scan
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
        (TEXT.encode("cp1252"), "cp1252", None),
        (b"caf\xe9\x81\n", "latin-1", None),
    ],
)
def test_an_encoding_is_found_and_said(tmp_path, data, encoding, note):
    found = scanned(tmp_path, data)
    assert (found.encoding, found.note, found.whole, found.size) == (encoding, note, True, len(data))
    if encoding != "latin-1":
        assert found.head.lstrip("\ufeff") == found.tail.lstrip("\ufeff") == TEXT
        assert found.tail.encode(found.plain) == data


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("x,größe\n", "cp1252", "(it has 'größe'); if"),
        ("Rødkærsbrø,y\n", "cp1252", "(it has 'Rødkærsbrø'); if"),
        ("città,più\n20 m³,é\n", "cp1252", "(it has 'città'); if"),
        ("Москва,да\n", "cp1251", "and probably wrong; if"),
        ("北京,上海\n", "gbk", "and probably wrong; if"),
        ("東京,大阪\n", "shift_jis", "and probably wrong; if"),
        ("Bełchatów,y\n", "cp1250", "and probably wrong; if"),
        ("Říčany u řeky,dům,děti,při\n", "cp1250", "and probably wrong; if"),
        ("caf\xe9,\x81\n", "latin-1", "and probably wrong; if"),
    ],
)
def test_an_encoding_that_is_guessed_is_a_finding(tmp_path, text, encoding, said):
    (found,) = scanned(tmp_path, text.encode(encoding)).findings(tmp_path / "t.csv")
    assert found.code == "encoding"
    assert said in found.text
    assert found.text.endswith("if words look wrong, save the file as UTF-8")
    assert not list(scanned(tmp_path, text.encode()).findings(tmp_path))


def test_a_few_bytes_that_are_no_utf8_are_replaced_and_counted(tmp_path):
    data = "".join(f"{i},größe {i}\n" for i in range(9000)).encode() + b"1,caf\xe9\n2,b\n"
    found = scanned(tmp_path, data)
    assert (found.encoding, found.damaged, found.errors) == ("utf-8-sig", 1, "surrogateescape")
    assert (
        found.tail.encode(found.plain, found.errors)
        == data[-len(found.tail.encode(found.plain, found.errors)) :]
    )
    assert "holds 1 byte that is no UTF-8, shown as \ufffd" in next(found.findings(tmp_path)).text


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
