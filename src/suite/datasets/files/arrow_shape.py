"""How large the table in a Parquet or Feather file is, by what stands beside its columns; none is read or unpacked."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

from suite.datasets.files.shape import check_bytes, check_shape

_MAGIC = 8
_HEADER, _LENGTH, _BUFFERS, _COMPRESSION = 2, 0, 2, 3
"""Places of fields in the tables `Message` and `RecordBatch` of Arrow's format."""


def check_parquet(path: Path, source: Path | BytesIO) -> None:
    """Raise `DataError` if the footer tells of more rows, columns or bytes than a table may have."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(source) as file:
        about = file.metadata
        groups = [about.row_group(i) for i in range(about.num_row_groups)]
        rows = max(about.num_rows, sum(group.num_rows for group in groups))
        check_shape(path, rows, about.num_columns, may_repeat=True)
        check_bytes(path, sum(group.total_byte_size for group in groups), f"{rows:,} rows")


def check_feather(path: Path, source: Path | BytesIO) -> None:
    """Raise `DataError` if the headers of the batches tell of more rows, columns or bytes than a table may have."""
    from pyarrow import BufferReader, OSFile, ipc

    with OSFile(str(source)) if isinstance(source, Path) else BufferReader(source.getvalue()) as stream:
        if stream.read(_MAGIC)[:4] == b"FEA1":
            # Feather of old is not packed: its columns are as large as its file.
            return
        columns, rows, needed = 0, 0, 0
        for message in ipc.MessageReader.open_stream(stream):
            if message.type == "schema":
                columns = len(ipc.read_schema(message))
            elif message.type == "record batch":
                more, size = _batch(message.metadata.to_pybytes(), message.body)
                rows, needed = rows + more, needed + size
                check_shape(path, rows, columns, may_repeat=True)
                check_bytes(path, needed, f"{rows:,} rows")


def _batch(header: bytes, body: Any) -> tuple[int, int]:
    """Return the rows of a batch, and the bytes that its buffers have unpacked."""
    message = struct.unpack_from("<I", header)[0]
    batch = _field(header, message, _HEADER)
    batch += struct.unpack_from("<I", header, batch)[0]
    length = _field(header, batch, _LENGTH)
    rows = struct.unpack_from("<q", header, length)[0] if length else 0
    buffers = _field(header, batch, _BUFFERS)
    if not (buffers and _field(header, batch, _COMPRESSION)):
        return rows, 0
    buffers += struct.unpack_from("<I", header, buffers)[0]
    (count,) = struct.unpack_from("<I", header, buffers)
    needed, view = 0, memoryview(body)
    for offset, size in struct.iter_unpack("<qq", header[buffers + 4 :][: 16 * count]):
        if size >= 8:
            # In front of each stands how many bytes it has unpacked; -1 if it is not packed.
            needed += max(struct.unpack_from("<q", view, offset)[0], 0)
    return rows, needed


def _field(data: bytes, table: int, number: int) -> int:
    """Return where a field of a flat buffer's table stands; 0 if it is left out."""
    if not table:
        return 0
    fields = table - struct.unpack_from("<i", data, table)[0]
    (size,) = struct.unpack_from("<H", data, fields)
    place = 4 + 2 * number
    offset = struct.unpack_from("<H", data, fields + place)[0] if place < size else 0
    return table + offset if offset else 0
