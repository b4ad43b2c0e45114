"""Files of predictions: read within bounds of our own, whatever a record or an archive says of itself."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from suite import predictions_file
from suite.errors import RecordError
from suite.predictions_file import packed, unpacked
from suite.schema import Basis, CellId, Predictions, Record

ID = CellId(dataset="d", fingerprint="f", protocol="holdout", split="s", model="m")
BASIS = Basis(entry="m", kinds="")
RECORD = Record(id=ID, key="k" * 64, classes=("a", "b", "c"), n_test=6, n_train=20, basis=BASIS)
PREDICTIONS = Predictions(
    proba=np.full((6, 3), 1 / 3, dtype=np.float32), y_true=np.arange(6) % 3, rows=np.arange(6)[::-1]
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "seed-0.npz"
    path.write_bytes(packed(PREDICTIONS, RECORD.key))
    return path


def refused(path: Path, record: Record, reason: str) -> None:
    """It is refused with a reason, at once, and with little memory."""
    tracemalloc.start()
    began = time.monotonic()
    try:
        with pytest.raises(RecordError, match=reason):
            unpacked(path, record)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert time.monotonic() - began < 5


def test_predictions_come_back_and_may_be_changed_by_who_has_them(path: Path) -> None:
    found = unpacked(path, RECORD)
    assert np.array_equal(found.proba, PREDICTIONS.proba)
    assert np.array_equal(found.rows, PREDICTIONS.rows)
    assert found.groups is None
    found.proba[0] = 0


def test_a_record_that_claims_more_rows_or_classes_than_are_on_disk_takes_no_memory(path: Path) -> None:
    many = replace(RECORD, classes=tuple(map(str, range(100_000))))
    for record in (replace(RECORD, n_test=150_000_000), replace(RECORD, n_test=10**12), many):
        refused(path, record, "does not have the .* rows and .* classes of its record")


def test_as_many_values_in_another_shape_are_not_those_of_the_record(path: Path) -> None:
    rows = np.arange(6)
    np.savez(path, proba=PREDICTIONS.proba.reshape(3, 6), y_true=rows % 3, rows=rows)
    refused(path, RECORD, "does not have the 6 rows and 3 classes")


def bomb(path: Path, shape: tuple[int, ...], method: int = zipfile.ZIP_DEFLATED) -> None:
    """Write an archive in which one array is zeros, of which there are more than memory."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in (("y_true", np.zeros(6, "<i8")), ("rows", np.zeros(6, "<i8"))):
            buffer = io.BytesIO()
            np.save(buffer, content)
            archive.writestr(f"{name}.npy", buffer.getvalue())
        with archive.open("proba.npy", "w", force_zip64=True) as member:
            np.lib.format.write_array_header_1_0(
                member, {"descr": "<f4", "fortran_order": False, "shape": shape}
            )
            for _ in range(0, 4 * int(np.prod(shape)), 1 << 20):
                member.write(bytes(1 << 20))


def test_predictions_that_pack_too_well_are_kept_as_they_are(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predictions_file, "FREE", 1 << 16)
    n, k = 1000, 1000
    equal = Predictions(proba=np.full((n, k), 1 / k, np.float32), y_true=np.arange(n) % k, rows=np.arange(n))
    path.write_bytes(packed(equal, "key"))
    record = replace(RECORD, key="key", n_test=n, classes=tuple(map(str, range(k))))
    assert np.array_equal(unpacked(path, record).proba, equal.proba)


def test_an_archive_that_unpacks_to_more_than_its_size_allows_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predictions_file, "FREE", 1 << 20)
    bomb(path, (1 << 20, 64))
    record = replace(RECORD, n_test=1 << 20, classes=tuple(map(str, range(64))))
    refused(path, record, "does not have the")
    rows = np.zeros(1 << 18, "<i8")
    big = np.zeros((1 << 18, 3), "<f4")
    np.savez_compressed(path, proba=big, y_true=rows, rows=rows)
    refused(path, replace(RECORD, n_test=1 << 18), "it stands for more than any file of its size")


def with_end(path: Path, change: Callable[[bytearray], object]) -> None:
    raw = bytearray(path.read_bytes())
    change(raw)
    path.write_bytes(bytes(raw))


def test_a_list_of_members_without_end_is_not_read(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(1_000):
            archive.writestr(f"{i}.npy", b"")
    refused(path, RECORD, "it is not an archive as the store writes it")
    path.write_bytes(packed(PREDICTIONS, RECORD.key))
    with_end(path, lambda raw: raw.__setitem__(slice(-10, -6), struct.pack("<L", 1 << 31)))
    refused(path, RECORD, "it is not an archive as the store writes it")
    with path.open("r+b") as file:
        file.truncate(3_000_000_000)
    refused(path, RECORD, "it is not an archive as the store writes it")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_in_another_way_is_not_unpacked(path: Path, method: int) -> None:
    bomb(path, (6, 3), method)
    refused(path, RECORD, "packed in another way")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"y_true": np.array([0, 1, 2, 0, 1, 3])}, "a true label is of no class"),
        ({"y_true": np.array([0, 1, 2, 0, 1, -1])}, "a true label is of no class"),
        ({"proba": np.full((6, 3), np.nan, dtype=np.float32)}, "a probability is none"),
        ({"proba": np.full((6, 3), -1, dtype=np.float32)}, "a probability is none"),
        ({"proba": np.full((6, 3), 7, dtype=np.float32)}, "a probability is none"),
        ({"rows": np.arange(-1, 5)}, "a row has no position"),
    ],
)
def test_values_that_no_metric_could_be_computed_from_are_refused(path: Path, changes, reason: str) -> None:
    path.write_bytes(packed(replace(PREDICTIONS, **changes), RECORD.key))
    refused(path, RECORD, reason)


def test_a_file_says_whose_predictions_it_holds(path: Path) -> None:
    refused(path, replace(RECORD, key="o" * 64), "the predictions of another cell")
    refused(path, replace(RECORD, key="k"), "does not have|another cell")
