"""Reads damaged files of every format; a script, so that a test can end what hangs, crashes or eats memory.

`fuzzing.py FOLDER SEED COUNT [SECONDS]` prints one JSON object: what became of COUNT files. A file that is neither read
nor refused is kept in the folder.
"""

from __future__ import annotations

import bz2
import faulthandler
import gzip
import io
import json
import lzma
import random
import sqlite3
import sys
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from test_workbook import write_workbook

from suite import meter
from suite.datasets.assemble import assemble
from suite.datasets.files import tables
from suite.errors import SuiteError, UnknownName
from suite.schema import DatasetSpec

_MOST_COLUMNS = 500
_LONGEST_LINE = 5_000
_RUNS = [
    "0",
    " ",
    ",",
    '"',
    "'",
    "\n",
    "\t",
    "\0",
    ";",
    "-",
    ".",
    "a,",
    "(",
    "[",
    "{",
    '{"a":',
    "%",
    "\xff",
    "1 ",
    "é",
]

_PIECES = [
    *_RUNS,
    *"?+eE:/\\|~^#$€]})",
    "NaN",
    "inf",
    "-1",
    "1e400",
    "9" * 30,
    "0x1f",
    "None",
    "true",
    "",
    "12:30",
    "2024-02-30",
]
_PIECES += [
    "31.12.1999",
    "1/2/3",
    "@attribute",
    "@data",
    "sep=",
    "Total",
    "null",
    "\ufeff",
    "\u202e",
    '""',
    "\r",
    "\ud7ff",
    "½",
    "１",
]
_PIECES += [
    "&#55555;",
    "&#9999999;",
    '"\\ud800"',
    "1.234.567",
    "1,5",
    "12%",
    "$3",
    "5 kg",
    "10:36:22+00",
    "1999-W53-7",
]


def _lines(separator: str, end: str = "\n", mark: str = ".") -> str:
    rows = [["x", "when", "w", "y"]]
    rows += [[f"{i}{mark}5", f"2024-0{i % 9 + 1}-11", f"t {i % 3}", "ab"[i % 2]] for i in range(30)]
    return "".join(separator.join(row) + end for row in rows)


def _zip(method: int, text: str) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        archive.writestr("näme/t.csv", text)
    return raw.getvalue()


def _workbook(folder: Path, merged: str = "") -> bytes:
    rows = [["x", "w", "y"], *([i * 1.5, f"t{i % 3}", "ab"[i % 2]] for i in range(9)), [1, "#DIV/0!", "b"]]
    return write_workbook(folder / "seed.xlsx", {"S": rows, "other": rows}, merged).read_bytes()


def _ods() -> bytes:
    def cell(value: object) -> str:
        kind = "string" if isinstance(value, str) else f'float" office:value="{value}'
        return f'<table:table-cell office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'

    rows = [["x", "w", "y"], *([i * 1.5, f"t{i % 3}", "ab"[i % 2]] for i in range(9))]
    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{names}office:1.0" xmlns:table="{names}table:1.0" '
            f'xmlns:text="{names}text:1.0"><office:body><office:spreadsheet><table:table table:name="S">{lines}'
            '<table:table-row table:number-rows-repeated="9"><table:table-cell '
            'table:number-columns-repeated="7"/></table:table-row></table:table></office:spreadsheet></office:body>'
            "</office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return raw.getvalue()


def _database() -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create table t (x real, w text, y text)")
        rows = [(i * 1.5, f"t{i % 3}", "ab"[i % 2]) for i in range(30)]
        connection.executemany("insert into t values (?, ?, ?)", rows)
        connection.commit()
        return connection.serialize()


def _arrow() -> dict[str, bytes]:
    """Return Parquet and Feather, where pyarrow is there."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return {}
    import pandas as pd

    frame = pd.read_csv(io.StringIO(_lines(",")))
    frame["when"] = pd.to_datetime(frame["when"])
    frame["w"] = frame["w"].astype("category")
    feather = io.BytesIO()
    frame.to_feather(feather)
    return {"t.parquet": frame.to_parquet(), "t.feather": feather.getvalue()}


def seeds(folder: Path) -> dict[str, bytes]:
    """Return a good file of every format."""
    text = _lines(",")
    rows = [dict(zip("xwy", (i * 1.5, {"a": [i]}, "ab"[i % 2]), strict=True)) for i in range(12)]
    arff = "@relation r\n@attribute x numeric\n@attribute 'w ü' {a,b}\n@attribute y {a,b}\n@data\n"
    found = {
        "t.csv": text.encode(),
        "q.csv": "".join(f'"{i},""\n{i}";é{i % 4},5;"{i % 2}"\r\n' for i in range(30)).encode("cp1252"),
        "t.tsv": ("Title\n\n" + _lines("\t") + "Total\t9\t\t\n").encode("utf-16"),
        "t.txt": _lines("  ", "\r\n").replace("t ", "t").encode(),
        "t.csv.gz": gzip.compress(_lines(";", mark=",").encode(), mtime=0),
        "t.csv.bz2": bz2.compress(text.encode()),
        "t.csv.xz": lzma.compress(text.encode()),
        "stored.zip": _zip(zipfile.ZIP_STORED, text),
        "deflated.zip": _zip(zipfile.ZIP_DEFLATED, text),
        "bzip2.zip": _zip(zipfile.ZIP_BZIP2, text),
        "lzma.zip": _zip(zipfile.ZIP_LZMA, text),
        "t.xlsx": _workbook(folder),
        "t.ods": _ods(),
        "t.xls": Path(__file__).with_name("book.xls").read_bytes(),
        "t.arff": (arff + "".join(f"{i}.5,{'ab'[i % 2]},{'ab'[i % 3 % 2]}\n" for i in range(12))).encode(),
        "t.json": json.dumps(rows).encode(),
        "t.jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode(),
        "t.sqlite": _database(),
        **_arrow(),
    }
    try:
        import zstandard
    except ImportError:
        return found
    return {**found, "t.csv.zst": zstandard.compress(text.encode())}


def _flip(data: bytearray, draw: random.Random, _: bytes) -> bytearray:
    for _ in range(draw.choice((1, 1, 2, 8, 60))):
        if data:
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return data


def _set(data: bytearray, draw: random.Random, _: bytes) -> bytearray:
    """Write a number that formats use for sizes, or any bytes."""
    at = draw.randrange(len(data) + 1)
    size = draw.choice((1, 2, 4, 8))
    number = draw.choice((0, 1, 2**15, 2**31 - 1, 2**32 - 1, 2**63, draw.getrandbits(64))) % 2 ** (8 * size)
    data[at : at + size] = number.to_bytes(size, "little")
    return data


def _cut(data: bytearray, draw: random.Random, _: bytes) -> bytearray:
    at = draw.randrange(len(data) + 1)
    return data[:at] if draw.random() < 0.7 else data[at:]


def _remove(data: bytearray, draw: random.Random, _: bytes) -> bytearray:
    at = draw.randrange(len(data) + 1)
    del data[at : at + draw.randrange(1, 40)]
    return data


def _repeat(data: bytearray, draw: random.Random, _: bytes) -> bytearray:
    at, size = draw.randrange(len(data) + 1), draw.randrange(1, 200)
    data[at:at] = data[at : at + size] * draw.choice((1, 2, 50))
    return data


def _splice(data: bytearray, draw: random.Random, other: bytes) -> bytearray:
    at, size = draw.randrange(len(data) + 1), draw.randrange(len(other) + 1)
    return bytearray(other[:size]) + data[at:] if draw.random() < 0.5 else data[:at] + other[size:]


def _insert_run(data: bytearray, draw: random.Random, _: bytes) -> bytearray:
    at = draw.randrange(len(data) + 1)
    data[at:at] = draw.choice(_RUNS).encode() * draw.choice((3, 100, 5_000, 70_000))
    return data


def _insert_noise(data: bytearray, draw: random.Random, _: bytes) -> bytearray:
    at = draw.randrange(len(data) + 1)
    data[at:at] = draw.randbytes(draw.randrange(1, 300))
    return data


def _write_cells(data: bytearray, draw: random.Random, _: bytes) -> bytearray:
    """Write what text may hold over some of it, so that most of what comes is text still."""
    for _ in range(draw.choice((1, 3, 30))):
        at = draw.randrange(len(data) + 1)
        data[at : at + draw.randrange(4)] = draw.choice(_PIECES).encode() * draw.choice((1, 1, 1, 2, 9))
    return data


_TEXT_CHANGES = [_write_cells, _write_cells, _cut, _remove, _repeat, _splice, _insert_run]
_CHANGES = [_flip, _flip, _set, _set, _cut, _remove, _repeat, _splice, _insert_run, _insert_noise]
_PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def damaged(draw: random.Random, good: dict[str, bytes]) -> tuple[str, bytes]:
    """Return a file with a damage or a few; what is packed may be damaged before."""
    name, other = draw.choice(list(good)), good[draw.choice(list(good))]
    data, pack = bytearray(good[name]), None
    if name.endswith(tuple(_PACK)) and draw.random() < 0.3:
        pack, data = _PACK[Path(name).suffix], bytearray(good["t.csv"])
    elif name.endswith((".xlsx", ".ods", ".zip")) and draw.random() < 0.6:
        data, pack = _with_bad_member(draw, good[name], other), bytes
        if draw.random() < 0.8:
            return name, bytes(data)
    is_text = name.endswith((".csv", ".txt", ".arff", ".json", ".jsonl")) or pack is not None
    if is_text and draw.random() < 0.8:
        changes, other = _TEXT_CHANGES, good[draw.choice(["t.csv", "q.csv", "t.txt", "t.arff", "t.jsonl"])]
    else:
        changes = _CHANGES
    for _ in range(draw.choice((1, 1, 2, 4))):
        data = draw.choice(changes)(data, draw, other)
    return name, (pack or bytes)(data)


def _with_bad_member(draw: random.Random, data: bytes, other: bytes) -> bytearray:
    """Return a zip one of whose members is damaged under a good checksum."""
    raw = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(raw, "w") as changed:
        members = archive.namelist()
        bad = draw.choice(members)
        for member in members:
            inside = archive.read(member)
            if member == bad:
                inside = bytes(draw.choice(_CHANGES)(bytearray(inside), draw, other))
            method = zipfile.ZIP_DEFLATED if draw.random() < 0.5 else zipfile.ZIP_STORED
            changed.writestr(member, inside, method)
    return bytearray(raw.getvalue())


def _read(path: Path, target: str, no_header: bool = False) -> None:
    table = tables.read(path, target, no_header=no_header)
    # The checks of every column take seconds for thousands of them.
    if table.frame.shape[1] <= _MOST_COLUMNS:
        assemble(table, DatasetSpec(name="t", version=1, summary="", load=tables.read, protocol="holdout"))


def _outcome(path: Path, kind: str) -> str:
    try:
        try:
            _read(path, "y")
        except UnknownName:
            # What has lost its names is read as rows.
            headless = not kind.endswith((".json", ".jsonl", ".arff", ".sqlite", ".parquet", ".feather"))
            _read(path, "1" if headless else "w", headless)
    except SuiteError as error:
        # One line for a person to read, at whatever was in the file.
        if len(str(error)) > _LONGEST_LINE:
            raise ValueError(f"a line of {len(str(error)):,} characters: {str(error)[:100]}") from error
        return "refused"
    return "read"


def fuzz(folder: Path, seed: int, count: int, limit: float) -> dict[str, object]:
    """Return how many files were read and refused, and what went wrong with others."""
    warnings.simplefilter("error")
    good, draw = seeds(folder), random.Random(seed)
    counts: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    slowest = (0.0, "")
    last, unread = folder / "last", []
    for kind, data in good.items():
        (folder / kind).write_bytes(data)
        if _outcome(folder / kind, kind) != "read":
            unread.append(kind)
    for at in range(count):
        kind, data = damaged(draw, good)
        path = folder / kind
        path.write_bytes(data)
        last.write_text(f"{seed} {at} {kind}")
        faulthandler.dump_traceback_later(limit, exit=True)
        begun = time.perf_counter()
        try:
            outcome = _outcome(path, kind)
        except BaseException as error:
            outcome = "wrong"
            frames = traceback.extract_tb(error.__traceback__)
            inner = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-4:]]
            cause = f"{type(error).__name__} {str(error)[:150]} at {' '.join(inner)}"
            if f"{inner}" not in wrong:
                (folder / f"wrong-{seed}-{at}-{kind}").write_bytes(data)
                wrong[f"{inner}"] = f"{seed}-{at}-{kind}: {cause}"
        slowest = max(slowest, (time.perf_counter() - begun, f"{seed}-{at}-{kind}"))
        if slowest[1] == f"{seed}-{at}-{kind}" and slowest[0] > 1:
            (folder / f"slow-{seed}-{at}-{kind}").write_bytes(data)
        faulthandler.cancel_dump_traceback_later()
        counts[outcome] += 1
    # Not `ru_maxrss`: that of whoever started this process counts in it.
    peak = meter.peak_rss_mb() or 0.0
    return {
        **counts,
        "problems": list(wrong.values()),
        "unread": unread,
        "slowest": slowest,
        "megabytes": round(peak),
    }


if __name__ == "__main__":
    where, *numbers = sys.argv[1:]
    seed, count, *seconds = map(float, numbers)
    sys.stdout.write(json.dumps(fuzz(Path(where), int(seed), int(count), *(seconds or [20.0])), indent=1))
