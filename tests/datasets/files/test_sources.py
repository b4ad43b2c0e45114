from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from suite.datasets.files import sources
from suite.errors import DataError


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def read(path):
    return sources.content(path).read()


def test_plain_gzip_and_zip_hold_the_same_bytes(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\r\n")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\r\n"))
    zipped(tmp_path / "t.zip", {"folder/": "", "folder/t.csv": "a,b\r\n"})
    assert [read(path) for path in sorted(tmp_path.iterdir())] == [b"a,b\r\n"] * 3


@pytest.mark.parametrize("members", [{}, {"a.csv": "x", "b.csv": "y"}])
def test_a_zip_with_other_than_one_file_is_refused(tmp_path, members):
    with pytest.raises(DataError, match=f"holds {len(members)} files; a zipped table is exactly one"):
        read(zipped(tmp_path / "t.zip", members))


@pytest.mark.parametrize("name", ["../t.csv", "/etc/t.csv", "a/../../t.csv", "..\\t.csv", "C:\\t.csv"])
def test_a_zip_member_that_climbs_out_of_its_folder_is_refused(tmp_path, name):
    with pytest.raises(DataError, match="a link or a path out of its folder; refused"):
        read(zipped(tmp_path / "t.zip", {name: "x"}))


def test_a_zip_member_that_is_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("t.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    zipped(tmp_path / "t.zip", {link: "/etc/passwd"})
    with pytest.raises(DataError, match="a link or a path out of its folder"):
        read(tmp_path / "t.zip")


def test_an_encrypted_zip_is_refused(tmp_path):
    raw = io.BytesIO()
    zipped(raw, {"t.csv": "x"})
    data = bytearray(raw.getvalue())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "t.zip").write_bytes(data)
    with pytest.raises(DataError, match="is encrypted; unpack it first"):
        read(tmp_path / "t.zip")


@pytest.mark.parametrize("pack", ["t.csv.gz", "t.zip"])
def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(sources, "FREE_BYTES", 2**20)
    text = "0" * 2**23
    if pack.endswith("gz"):
        (tmp_path / pack).write_bytes(gzip.compress(text.encode()))
    else:
        zipped(tmp_path / pack, {"t.csv": text})
    with pytest.raises(DataError, match="unpacks to more than 200 times its size; refused"):
        read(tmp_path / pack)


def test_a_file_above_the_limit_is_refused_with_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 2**20)
    (tmp_path / "t.csv").write_bytes(b"0" * (2**20 + 1))
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"0" * (2**20 + 1)))
    for path in tmp_path.iterdir():
        with pytest.raises(DataError, match=r"holds more than \S+ GiB, the limit for one table"):
            read(path)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv.gz", gzip.compress(b"a" * 99, mtime=0)[:-9]),
        ("t.csv.gz", gzip.compress(b"a" * 99, mtime=0)[:-8] + b"12345678"),
        ("t.bz2", bz2.compress(b"a" * 99)[:-9]),
        ("t.bz2", bz2.compress(b"a" * 99)[:-15] + b"123456789012345"),
        ("t.xz", lzma.compress(b"a" * 99)[:-9]),
        ("t.zip", b"PK\x03\x04 no zip"),
    ],
)
def test_a_damaged_archive_is_one_clear_line(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match="cannot be unpacked") as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_clear_line(tmp_path):
    with pytest.raises(DataError, match="cannot be read: No such file"):
        sources.sha256(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a.csv", "a"),
        ("a.CSV.gz", "a"),
        ("a.b.tsv.zip", "a.b"),
        ("a.parquet", "a"),
        ("a.data", "a.data"),
        ("a.xlsx#Sheet", "a#Sheet"),
        ("a.jsonl.zst", "a"),
        (".csv", ".csv"),
    ],
)
def test_the_stem_of_a_file_has_no_ending_of_format(name, stem):
    assert sources.stem(Path("folder") / name) == stem


def test_the_search_path_is_the_folder_given_the_environment_and_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SUITE_DATA", str(tmp_path / "env"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    given, env, cache = tmp_path / "given", tmp_path / "env", tmp_path / "xdg" / "suite"
    assert sources.search_path(given) == [given, env, cache]
    monkeypatch.delenv("SUITE_DATA")
    assert sources.search_path(None) == [cache]


def test_the_cache_stands_in_the_home_folder_by_default(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert sources.cache_dir() == tmp_path / ".cache" / "suite"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packing_is_told_from_the_bytes_and_not_from_the_name(tmp_path, pack):
    for name in ("t.csv", "t.zip", "t.gz"):
        (tmp_path / name).write_bytes(pack(b"a,b\r\n") + pack(b"1,2\r\n"))
        assert read(tmp_path / name) == b"a,b\r\n1,2\r\n"
    (tmp_path / "plain.gz").write_bytes(b"a,b\r\n")
    assert read(tmp_path / "plain.gz") == b"a,b\r\n"


def test_what_macos_adds_to_a_zip_is_no_table(tmp_path):
    litter = {"__MACOSX/._t.csv": "x", "a/.DS_Store": "x", "a/._t.csv": "x", "a/t.csv": "a,b\r\n"}
    assert read(zipped(tmp_path / "t.zip", litter)) == b"a,b\r\n"


def test_zstd_holds_the_same_bytes_and_a_cut_or_a_bomb_is_refused(tmp_path, monkeypatch):
    zstandard = pytest.importorskip("zstandard")
    first = zstandard.compress(b"a,b\r\n")
    whole = first + zstandard.compress(bytes(range(256)) * 4000)
    (tmp_path / "t.csv").write_bytes(whole)
    assert read(tmp_path / "t.csv") == b"a,b\r\n" + bytes(range(256)) * 4000
    for damaged in (whole[:-3], first + b"1234" + whole[len(first) + 4 :]):
        (tmp_path / "t.csv").write_bytes(damaged)
        with pytest.raises(DataError, match="cannot be unpacked"):
            read(tmp_path / "t.csv")
    monkeypatch.setattr(sources, "FREE_BYTES", 2**20)
    (tmp_path / "t.csv").write_bytes(zstandard.compress(b"0" * 2**23))
    with pytest.raises(DataError, match="unpacks to more than 200 times its size; refused"):
        read(tmp_path / "t.csv")


def test_zstd_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "compression", None)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    (tmp_path / "t.csv").write_bytes(b"\x28\xb5\x2f\xfd")
    with pytest.raises(
        DataError, match=r'unpacking .zst needs zstandard: pip install "tabular-suite\[zstd\]"'
    ):
        read(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("source", "path", "part"),
    [
        ("t.xlsx#Sheet 1", "t.xlsx", "Sheet 1"),
        ("t.xlsx#a#b", "t.xlsx", "a#b"),
        ("here#2", "here", "2"),
        ("here#1.csv", "here#1.csv", None),
        ("none#1", "none#1", None),
        ("none.csv", "none.csv", None),
    ],
)
def test_a_part_stands_behind_a_file(tmp_path, source, path, part):
    for name in ("here", "here#1.csv"):
        (tmp_path / name).touch()
    assert sources.split_part(tmp_path / source) == (tmp_path / path, part)


def damaged_zip(path, method, at, replaced):
    """Write a zip whose bytes behind its first mark `at` are others."""
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("näme.csv", "x,y\n" + "1,a\n2,b\n" * 99)
    data = bytearray(path.read_bytes())
    data[data.index(at) : data.index(at) + len(replaced)] = replaced
    path.write_bytes(data)
    return path


LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@pytest.mark.parametrize(
    ("method", "at", "replaced"),
    [
        (zipfile.ZIP_LZMA, b"csv\t", b"csv\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        (zipfile.ZIP_LZMA, b"csv\t", b"csv\t\x04\x05\x00\x5d\x00\x00\x80\x00" + b"\x7f" * 30),
        (zipfile.ZIP_BZIP2, b"BZh", b"BZx"),
        (zipfile.ZIP_DEFLATED, b"csv", b"csv" + b"\xff" * 9),
        (zipfile.ZIP_DEFLATED, "näme".encode(), b"n\xff\xffme"),
        (zipfile.ZIP_DEFLATED, LOCAL, LOCAL + b"\xff" * 26),
        (zipfile.ZIP_DEFLATED, CENTRAL, CENTRAL + b"\0\0\0\0\0\x08\x5d"),
        (zipfile.ZIP_DEFLATED, CENTRAL, CENTRAL + b"\0" * 16 + b"\xff" * 8),
        (zipfile.ZIP_STORED, CENTRAL, CENTRAL + b"\x14\x03\x14\0\0\x08\x09\0"),
        (zipfile.ZIP_DEFLATED, END, END + b"\0" * 8 + b"\xff" * 8),
    ],
)
def test_whatever_is_damaged_in_a_zip_is_one_clear_line(tmp_path, method, at, replaced):
    with pytest.raises(DataError) as caught:
        read(damaged_zip(tmp_path / "t.zip", method, at, replaced))
    assert str(caught.value).startswith(str(tmp_path / "t.zip"))
    assert "\n" not in str(caught.value)


def test_names_of_members_that_are_no_utf8_are_one_clear_line(tmp_path):
    path = damaged_zip(tmp_path / "t.zip", zipfile.ZIP_STORED, b"PK", b"PK")
    path.write_bytes(path.read_bytes().replace("näme".encode(), b"n\xff\xffme"))
    with pytest.raises(DataError, match="cannot be unpacked: 'utf-8' codec can't decode"):
        read(path)


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_members_of_every_method_are_read_and_their_bombs_refused(tmp_path, monkeypatch, method):
    with zipfile.ZipFile(tmp_path / "t.zip", "w", method) as archive:
        archive.writestr("first/", "")
        archive.writestr("t.csv", "a,b\r\n" * 9999)
    assert read(tmp_path / "t.zip") == b"a,b\r\n" * 9999
    monkeypatch.setattr(sources, "FREE_BYTES", 2**20)
    monkeypatch.setattr(sources, "MAX_RATIO", 0.5)
    with zipfile.ZipFile(tmp_path / "t.zip", "w", method) as archive:
        archive.writestr("t.csv", b"0" * 2**23)
    with pytest.raises(DataError, match=r"unpacks to more than 0.5 times its size; refused"):
        read(tmp_path / "t.zip")


def test_a_bzip2_member_of_few_bytes_never_fills_the_memory(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("t.csv", b"0" * 2**26)
    tracemalloc.start()
    for _ in sources.read_bounded(tmp_path / "t.zip"):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**25


def test_a_zip_of_very_many_members_is_refused_before_they_are_listed(tmp_path, monkeypatch):
    zipped(tmp_path / "t.zip", {f"{i}.csv": "" for i in range(200)})
    with pytest.raises(DataError, match="holds 200 files"):
        read(tmp_path / "t.zip")
    monkeypatch.setattr(sources, "MAX_LISTED", 2**12)
    with pytest.raises(DataError, match="holds too many files; a zipped table is exactly one"):
        read(tmp_path / "t.zip")


def test_what_has_to_be_in_memory_as_a_whole_has_a_limit_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_HELD", 2**20)
    (tmp_path / "t.json.gz").write_bytes(gzip.compress(b"[" * (2**20 + 1)))
    with pytest.raises(DataError, match=r"holds more than \S+ GiB, the limit for a file of this kind"):
        read(tmp_path / "t.json.gz")


@pytest.mark.parametrize("name", ["~$book.csv", "~nobody-of-this-name/t.csv", "~~", "~\udcff.csv"])
def test_a_name_that_begins_with_a_tilde_and_no_user_is_the_name_of_a_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sources.split_part(name) == (Path(name), None)
    assert sources.path_of("~/t.csv") == Path.home() / "t.csv"
