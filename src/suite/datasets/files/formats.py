"""What a file is, by its first bytes; a file that is not a table is refused with its kind and the way out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from suite.datasets.files.sources import open_content, packing, said_of
from suite.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from suite.datasets.files.rows import Row
    from suite.schema import Finding

Format = Literal["text", "parquet", "feather", "workbook", "database", "arff", "json"]


class Contents(NamedTuple):
    """What a file holds whose format has types."""

    frame: pd.DataFrame
    """With names as written, "" where a column has none."""
    notes: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    first_row: Sequence[str] = ()
    """The row of names if it looks like data, else empty."""
    next_rows: Sequence[tuple[int, Row]] = ()
    """The rows right below the names, with their number."""
    hint: str = ""
    """What may help if the target does not exist."""


_HEAD = 2**12
_TABLES: dict[bytes, Format] = {
    b"PAR1": "parquet",
    b"ARROW1": "feather",
    b"FEA1": "feather",
    b"SQLite format 3\0": "database",
    # Of .xls, and of older documents: the reader of workbooks tells.
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "workbook",
}
_AS_CSV = "save the table as CSV"


def _with_pandas(read: str) -> str:
    return f"in Python: pandas.{read}.to_csv('table.csv', index=False)"


_NO_ROWS = "a table is needed, with one row a sample"
_IN_R = "in R: write.csv(readRDS('FILE'), 'table.csv', row.names = FALSE)"
_NO_TABLES = {
    b"%PDF": ("a PDF", f"copy its table into a spreadsheet and {_AS_CSV}"),
    b"\x89PNG": ("a PNG image", _NO_ROWS),
    b"\xff\xd8\xff": ("a JPEG image", _NO_ROWS),
    b"GIF8": ("a GIF image", _NO_ROWS),
    b"II*\0": ("a TIFF image", _NO_ROWS),
    b"MM\0*": ("a TIFF image", _NO_ROWS),
    b"RIFF": ("a sound, film or image", _NO_ROWS),
    b"{\\rtf": ("a text document (RTF)", _AS_CSV),
    b"$FL": ("an SPSS file", _with_pandas("read_spss('FILE')")),
    b"<stata_dta>": ("a Stata file", _with_pandas("read_stata('FILE')")),
    b"HEADER RECORD*******": ("a SAS file", _with_pandas("read_sas('FILE', format='xport')")),
    b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60": (
        "a SAS file",
        _with_pandas("read_sas('FILE', format='sas7bdat')"),
    ),
    b"X\n\0\0": ("an R object", _IN_R),
    b"A\n2\n": ("an R object", _IN_R),
    b"A\n3\n": ("an R object", _IN_R),
    b"RDX": ("an R workspace", "in R: load('FILE'), then write.csv(TABLE, 'table.csv', row.names = FALSE)"),
    b"\x89HDF": ("an HDF5 file", _with_pandas("read_hdf('FILE')")),
    b"MATLAB": ("a MATLAB file", "in MATLAB: writetable(TABLE, 'table.csv')"),
    b"\x93NUMPY": ("a NumPy array", "in Python: pandas.DataFrame(numpy.load('FILE')).to_csv('table.csv')"),
    b"ORC": ("an ORC file", _with_pandas("read_orc('FILE')")),
    b"Obj\x01": ("an Avro file", _AS_CSV),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it"),
    b"Rar!": ("a RAR archive", "unpack it"),
    b"\x7fELF": ("a program", "name the file of a table"),
    b"version https://git-lfs.github.com/spec": ("a pointer of Git LFS, not the file", "git lfs pull"),
}
_LOCK_BYTES = 400
_FEWEST_LINES = 3
_LATEX = re.compile(r"&.*\\\\(\s*\\hline)?$")
_LIBSVM = re.compile(r"[+-]?\d+(\.\d+)?(\s+\d+:[-+.\deE]+)+(\s*#.*)?", re.ASCII)
_TIMES = re.compile(r"\s\d\d?:\d\d(\s|$)", re.ASCII)
_QUOTED = re.compile(r'"([^"]|"")*"')
_PICKLE = "a pickle, which may run any code when it is opened, so it is not opened"
_FROM_PICKLE = "where you trust it, in Python: pandas.read_pickle('FILE').to_csv('table.csv', index=False)"


def format_of(path: Path) -> Format:
    """Return which kind of table a file holds, whatever its name says; packed or not.

    Raises `DataError` if it is something else that can be named; the message says what, and how to make a table of it.
    """
    with open_content(path) as stream:
        head = stream.read(_HEAD)
    for magic, kind in _TABLES.items():
        if head.startswith(magic):
            return kind
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _office(path)
    if packing(head):
        raise DataError(f"{path} is packed twice ({packing(head)} within); unpack it once")
    if found := _no_table(path, head):
        what, way_out = found
        raise DataError(f"{path} is {what}; {way_out.replace('FILE', path.name)}")
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    if re.match(r'\{\s*"([^"\\]|\\.)*"\s*:|\{\s*\}\s*$|\[\s*[\{\[]', text):
        return "json"
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("%")), "")
    if re.match(r"@relation\b", first, re.I):
        return "arff"
    return "text"


def _no_table(path: Path, head: bytes) -> tuple[str, str] | None:
    if len(head) < _LOCK_BYTES and (book := _lock_of(path, head)):
        return "no table but the lock of a book that is open", f"name the book, {book}"
    for magic, found in _NO_TABLES.items():
        # A table may begin with the same letters: `ORCID,name`.
        if head.startswith(magic) and (not magic.isalnum() or any(byte < 9 for byte in head)):
            return found
    if re.match(rb"\x80[\x02-\x05]", head) or path.suffix.lower() in (".pkl", ".pickle", ".joblib"):
        return _PICKLE, _FROM_PICKLE
    if head[257:262] == b"ustar":
        return "a tar archive", "unpack it"
    if head[8:12] == b"DUCK":
        return "a DuckDB database", f"in it: COPY TABLE TO 'table.csv', or {_AS_CSV}"
    if re.match(rb"[\x69-\x73][\x01\x02]\x01\0", head):
        return _NO_TABLES[b"<stata_dta>"]
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return (
            "an HTML page",
            "download the file it offers, or copy its table into a spreadsheet and save it as CSV",
        )
    if text.startswith((b"<?xml", b"<svg")):
        return "an XML file", _AS_CSV
    return _no_rows(head)


def _lock_of(path: Path, head: bytes) -> str | None:
    """Return which book an office program has open, if this is the file in which it says so."""
    if found := re.fullmatch(r"~\$(.+)", path.name):
        # A user's name, filled up with blanks, and again in UTF-16: 54 and 111 bytes.
        return found[1] if b"\0" in head else None
    found = re.fullmatch(r"\.~lock\.(.+)#", path.name)
    return found[1] if found and head.count(b",") >= 3 and head.count(b"\n") <= 1 else None


def _no_rows(head: bytes) -> tuple[str, str] | None:
    """Name text whose lines are not rows of cells."""
    lines = [line.strip() for line in head.decode("utf-8-sig", errors="replace").splitlines() if line.strip()]
    # The last line may be cut off.
    lines = lines[:-1] if len(head) == _HEAD else lines
    if len(lines) < _FEWEST_LINES:
        return None
    if 2 * sum(bool(_LATEX.search(line)) for line in lines) > len(lines) or "\\begin{tabular" in lines[0]:
        return "a LaTeX table", _AS_CSV
    if all(map(_LIBSVM.fullmatch, lines)) and not all(map(_TIMES.search, lines)):
        return (
            "a file of libsvm",
            "in Python: sklearn.datasets.load_svmlight_file('FILE') reads it; save it as CSV with names",
        )
    if all(map(_QUOTED.fullmatch, lines[1:])):
        for separator in ",;\t|":
            if lines[0].count(separator) and len({line.count(separator) for line in lines}) == 1:
                return "a table whose every row is one quoted cell", "take the quotes around the rows away"
    return None


def _office(path: Path) -> Format:
    with open_content(path) as stream, said_of(path), zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
            return "workbook"
        kind = b""
        if "mimetype" in names:
            with archive.open("mimetype") as member:
                kind = member.read(_HEAD)
    if b"spreadsheet" in kind:
        return "workbook"
    if kind or any(name.startswith(("word/", "ppt/")) for name in names):
        raise DataError(
            f"{path} is a text document or slides; copy its table into a spreadsheet and save it as CSV"
        )
    raise DataError(f"{path} is a zip in a zip, or no workbook; unpack it once")
