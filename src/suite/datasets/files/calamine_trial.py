"""A first reading of a workbook in a process of its own, which may need too much, never end, or die of it.

calamine makes room for every cell between the first and the last, before it can be asked how many these are; two cells
at the corners of a sheet are 400 GB, and it ends its process where there is no room.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

from suite.datasets.files.shape import check_bytes, check_shape
from suite.errors import DataError, in_one_line

_ROOM = 2**29
_ROOM_FOR_A_BYTE = 16
_SECONDS, _BYTES_A_SECOND = 30, 2**20
_READ = """
import io, json, resource, sys
room = int(sys.argv[1])
for limit, most in ((resource.RLIMIT_AS, room), (resource.RLIMIT_CORE, 0)):
    hard = resource.getrlimit(limit)[1]
    try:
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    except (ValueError, OSError):
        pass  # not every system has it
import python_calamine
try:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    shape = [0, 0]
    for name in [name for name in book.sheet_names if sys.argv[2:] in ([], [name])]:
        part = book.get_sheet_by_name(name)
        shape = [part.total_height, part.total_width]
        if any(cell != "" for row in part.iter_rows() for cell in row):
            break
    print(json.dumps(shape))
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""


def try_workbook(path: Path, data: bytes, sheet: str | None) -> None:
    """Raise `DataError` if a workbook, or the sheet that will be read, is damaged or larger than one may be."""
    size = len(data)
    if zipfile.is_zipfile(BytesIO(data)):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
        check_bytes(path, size, "XML")
    room = _ROOM + _ROOM_FOR_A_BYTE * size
    command = [sys.executable, "-P", "-c", _READ, str(room), *([] if sheet is None else [sheet])]
    try:
        done = subprocess.run(
            command,
            input=data,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            timeout=_SECONDS + size / _BYTES_A_SECOND,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DataError(f"{path} takes too long to read; save its sheet as CSV") from None
    if done.returncode < 0:
        raise DataError(f"{path} cannot be read as a workbook: its cells need too much memory")
    if done.returncode:
        # calamine panics, and says of itself where.
        raise DataError(f"{path} cannot be read as a workbook: it is damaged")
    first, second = json.loads(done.stdout)
    if isinstance(first, str):
        raise DataError(f"{path} cannot be read as a workbook: {in_one_line(first, second)}")
    check_shape(path, first, second, may_repeat=True)
