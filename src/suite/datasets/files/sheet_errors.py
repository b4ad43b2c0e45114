"""Cells of an .xlsx sheet that hold an error, such as #DIV/0!, which calamine gives as empty ones."""

from __future__ import annotations

import html
import re
import zipfile
from typing import IO

_ERROR = re.compile(rb'<c\s[^<>]*\bt="e"')
_PIECE = 2**20


def count_errors(book: IO[bytes], sheet: str) -> int:
    """Return how many cells of a sheet hold an error; 0 where the workbook is not an .xlsx."""
    try:
        with zipfile.ZipFile(book) as archive, archive.open(_member(archive, sheet)) as stream:
            count, rest = 0, b""
            while piece := stream.read(_PIECE):
                whole, mark, rest = (rest + piece).rpartition(b"<")
                count += len(_ERROR.findall(whole))
                # What is no longer a tag must not pile up.
                rest = mark + rest[:_PIECE]
            return count
    except Exception:
        # Neither zip nor XML as it should be: calamine, which has read it, says nothing of errors either.
        return 0


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    ids = {
        html.unescape(attributes["name"]): attributes["r:id"]
        for attributes in _elements(archive.read("xl/workbook.xml"), "sheet")
        if {"name", "r:id"} <= attributes.keys()
    }
    targets = {
        attributes.get("Id"): attributes.get("Target", "")
        for attributes in _elements(archive.read("xl/_rels/workbook.xml.rels"), "Relationship")
    }
    target = targets[ids[sheet]]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _elements(data: bytes, name: str) -> list[dict[str, str]]:
    """Return the attributes of every element of a name."""
    text = data.decode("utf-8", errors="replace")
    return [
        dict(re.findall(r'(?<![\w:])([\w:]+)="([^"]*)"', found))
        for found in re.findall(rf"<{name}\s([^<>]*)>", text)
    ]
