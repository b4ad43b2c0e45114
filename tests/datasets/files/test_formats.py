from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import tarfile
import zipfile

import pytest

from suite.config import DataConfig
from suite.datasets.catalogue import load
from suite.datasets.files import tables
from suite.datasets.files.formats import format_of
from suite.errors import DataError, UsageError

TEXT = b"x,y\n1,a\n2,b\n"


@pytest.mark.parametrize("name", ["t.csv", "t.gz", "t.parquet", "t.xls", "no_ending"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_text_is_text_whatever_its_name_and_packing(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(TEXT))
    assert format_of(tmp_path / name) == "text"
    assert tables.read(tmp_path / name, "y").frame["x"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PAR1....PAR1", "parquet"),
        (b"ARROW1\0\0", "feather"),
        (b"SQLite format 3\0", "database"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"% a comment\n\n@RELATION iris\n", "arff"),
        (b'\xef\xbb\xbf[\n  {"x": 1}]', "json"),
        (b'{"x": 1}\n', "json"),
        (b'"{""a"": 1}",y\n1,2\n', "text"),
        (b"{a},b\n1,2\n", "text"),
        (b"[a],b\n1,2\n", "text"),
        (b"1 10:30\n2 11:45\n3 12:00\n", "text"),
        (b'"a","b"\n"1","2"\n"3","4"\n', "text"),
        (b'"text"\n"a, b"\n"c"\n', "text"),
        (b"x,y\nR & D,a\nB & B,b\n", "text"),
    ],
)
def test_a_format_is_told_from_the_first_bytes(tmp_path, data, kind):
    (tmp_path / "t.csv").write_bytes(data)
    assert format_of(tmp_path / "t.csv") == kind


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%PDF-1.7\n", "t.csv is a PDF; copy its table"),
        (b"\xff\xd8\xff\xe0", "is a JPEG image"),
        (b"\n <!DOCTYPE html><html>", "is an HTML page; download the file"),
        (b"<table><tr><td>", "is an HTML page"),
        (
            b"x & k & y \\\\\n1 & 2 & a \\\\\n2 & 3 & b \\\\ \\hline\n",
            "is a LaTeX table; save the table as CSV",
        ),
        (b"\\begin{tabular}{lr}\nx & y\\\\\n\\end{tabular}\n", "is a LaTeX table"),
        (b"1 3:0.5 7:1\n-1 1:2\n1 3:1e-3\n", r"is a file of libsvm; .*load_svmlight_file\('t.csv'\)"),
        (b'x,k,y\n"1,2,a"\n"2,3,b"\n', "every row is one quoted cell; take the quotes"),
        (b'"x;y"\n"1;""a"""\n"2;b"\n', "every row is one quoted cell"),
        (b"<?xml version='1.0'?>", "is an XML file; save the table as CSV"),
        (pickle.dumps([1]), r"is a pickle, which may run any code .* not opened; .*read_pickle\('t.csv'\)"),
        (gzip.compress(b"X\n\0\0\0\x03", mtime=0), r"is an R object; in R: write.csv\(readRDS\('t.csv'\)"),
        (b"RDX3\nX\n\0\0", "is an R workspace"),
        (b"$FL2@(#)", r"is an SPSS file; in Python: pandas.read_spss\('t.csv'\)"),
        (b"<stata_dta><header>", r"is a Stata file; in Python: pandas.read_stata\('t.csv'\)"),
        (b"\x73\x02\x01\0", "is a Stata file"),
        (b"\x89HDF\r\n", "is an HDF5 file"),
        (b"\x93NUMPY\x01\0", "is a NumPy array"),
        (b"\0" * 8 + b"DUCK", "is a DuckDB database"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; unpack it"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "is a pointer of Git LFS"),
        (
            gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0),
            r"is packed twice \(gzip within\); unpack it once",
        ),
    ],
)
def test_what_is_no_table_is_named_with_the_way_out(tmp_path, data, message):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message) as caught:
        tables.read(path, "y")
    assert "\n" not in str(caught.value)


def test_a_tar_archive_and_a_text_document_are_named(tmp_path):
    (tmp_path / "t.csv").write_bytes(TEXT)
    with tarfile.open(tmp_path / "t.tgz", "w:gz") as archive:
        archive.add(tmp_path / "t.csv", "t.csv")
    with pytest.raises(DataError, match="is a tar archive; unpack it"):
        format_of(tmp_path / "t.tgz")
    with zipfile.ZipFile(tmp_path / "t.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
    with pytest.raises(DataError, match="is a text document or slides"):
        format_of(tmp_path / "t.docx")


def test_a_pickle_of_old_is_known_by_its_name(tmp_path):
    (tmp_path / "t.pkl").write_bytes(b"(lp0\nI1\na.")
    with pytest.raises(DataError, match="is a pickle"):
        format_of(tmp_path / "t.pkl")


def test_a_part_and_no_header_are_refused_where_there_is_none(tmp_path):
    (tmp_path / "t.csv").write_bytes(TEXT)
    with pytest.raises(UsageError, match=r"t.csv has no part 'Sheet1': only workbooks and databases have"):
        tables.read(tmp_path / "t.csv#Sheet1", "y")
    (tmp_path / "t.json").write_bytes(b'{"x": 1}')
    with pytest.raises(UsageError, match="--no-header is for text files and workbooks"):
        tables.read(tmp_path / "t.json", "x", no_header=True)


def test_a_part_counts_only_if_no_file_has_the_whole_name(tmp_path):
    (tmp_path / "t#1.csv").write_bytes(TEXT)
    assert tables.read(tmp_path / "t#1.csv", "y").frame["x"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("~$book.csv", b"\x05maria" + b" " * 49 + "\5maria".encode("utf-16-le") + b" \0" * 49),
        ("~$book.csv", b"\x05maria" + b"\0" * 159),
        (".~lock.book.csv#", b",maria,desk,26.11.2026 09:30,file:///home/maria/.config;"),
        (".~lock.book.csv#", b"Maria M,maria,desk,26.11.2026 09:30,file:///home/maria;\n"),
    ],
)
def test_the_lock_of_an_open_book_is_no_table_and_names_the_book(tmp_path, monkeypatch, name, data):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(
        DataError, match=r"is no table but the lock of a book that is open; name the book, book\.csv$"
    ):
        load(DataConfig(source=name, target="y"))


@pytest.mark.parametrize("name", ["~$book.csv", ".~lock.book.csv#"])
def test_a_table_with_the_name_of_a_lock_is_read(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(TEXT)
    assert load(DataConfig(source=f"./{name}", target="y")).X["x"].tolist() == [1, 2]


def test_blank_lines_below_a_comment_are_looked_through_in_no_time(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"%\n" + b"\n" * 4000 + b"x")
    assert format_of(tmp_path / "t.csv") == "text"


def test_a_workbook_whose_parts_are_damaged_is_one_clear_line(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    data = (tmp_path / "t.ods").read_bytes()
    (tmp_path / "t.ods").write_bytes(data.replace(b"mimetypeapp", b"mimetyp\xffapp"))
    with pytest.raises(DataError, match="cannot be unpacked: File name in directory"):
        format_of(tmp_path / "t.ods")
