"""Hundreds of edits of an output folder: whatever stands there, commands end in their own words."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suite import api
from suite.commands import main
from suite.config import View
from suite.curve_file import curve_digest
from suite.errors import SuiteError
from suite.keys import key_again
from suite.names import digest
from suite.nouns import built
from suite.records import SEAL
from suite.schema import Record
from suite.store import Store
from suite.writing import write_boards

EARLIER = [Path(__file__).parent / f"records_of_version_{n}" for n in (1, 2, 3, 4)]
CURVE = {"loss": [1.0, 0.5, 0.4], "val_loss": [1.1, 0.6, 0.7], "accuracy": [0.2, 0.9, 1.0]}
VALUES = (
    *(None, True, False, "", "x", "a" * 5_000, "\udce9", "../../etc", "2026-13-45", [], [[]], {}, {"x": 1}),
    *(-1, 0, 1, 2, 30, 150_000_000, 10**18, 10**99, -(10**99), 0.5, -0.5, 1e-300, 1e99, 1e300, -1e300),
    *([[1, 2], [3]], [None], ["x", "x"], [-1.0], [10**99], "ok", "reported", "custom", "tuned", "setosa"),
)
RAW = (
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 400,
    b"9" * 5_000,
    b"[" * 3_000,
    b'{"a":' * 3_000,
    b"\xff",
    b'""',
)
SHOWN = (
    "verdict",
    "board",
    "check",
    "comparisons",
    "intervals",
    "calibration",
    "classes",
    "confusion",
    "notes",
)
VIEWS = (
    View(),
    View(metric="log_loss", within=1.0),
    View(metric="f1", positive="malignant", threshold=0.3),
    View(threshold="prior", max_latency_ms=5.0),
)


@pytest.fixture(scope="module")
def made(searchable: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with records of every schema version, folds, failures, searches, a published row, audits and a curve."""
    folder = tmp_path_factory.mktemp("made")
    for earlier in EARLIER:
        shutil.copytree(earlier, folder, dirs_exist_ok=True)
    for data, protocol in (("iris", "holdout"), ("iris", "cv2x2"), ("breast_cancer", "cv3")):
        models = ["dummy", "naive_bayes", "knn"]
        api.run(models, data, protocol=protocol, executor="inline", out=folder)
    searched = {"tune": "2trials", "portfolio": 1, "ensemble": True}
    api.run(
        ["naive_bayes", "knn"],
        "iris",
        protocol="holdout",
        executor="inline",
        out=folder,
        threads=1,
        **searched,
    )
    store = Store(folder)
    for record in store.records():
        if record.model == "knn" and record.basis:
            trained = replace(record, curve_sha256=curve_digest(CURVE))
            store.save(trained, store.predictions(record), CURVE)
    return folder


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, by its path."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def like(value: Any, everything: list[Any], rng: random.Random) -> Any:
    """A value of the same type: what a field may hold by its type is the reader's hardest case."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice((0, 1, 2, value + 1, value * 2, value * 1000, max(0, value - 1)))
    if isinstance(value, float):
        return rng.choice((0.0, 1.0, 0.5, value / 2, 1 - value, value * 10))
    if isinstance(value, str):
        return rng.choice([other for other in everything if isinstance(other, str)])
    if isinstance(value, list):
        return rng.choice((value[:-1], value[1:], value[::-1], value + value[:1], value * 2, []))
    if isinstance(value, dict):
        return dict(rng.sample(sorted(value.items(), key=str), rng.randrange(len(value) + 1)))
    return rng.choice(VALUES)


def changed(data: Any, rng: random.Random) -> Any:
    """A JSON value with one thing about it changed."""
    known = [path for path in places(data) if path]
    # Each level is as likely as any: most places of a record are figures of classes.
    depth = rng.choice(sorted({len(path) for path in known}) or [0])
    path = rng.choice([path for path in known if len(path) == depth] or [()])
    if not path:
        return rng.choice(VALUES)
    holder, key = at(data, path[:-1]), path[-1]
    how = rng.choice(("like",) * 6 + ("replace", "replace", "delete", "swap", "repeat", "rename"))
    if how == "delete":
        del holder[key]
    elif how == "swap":
        other = rng.choice(known)
        there = at(data, other[:-1])
        if other[: len(path)] != path and path[: len(other)] != other:
            holder[key], there[other[-1]] = there[other[-1]], holder[key]
    elif how == "repeat" and isinstance(holder, list):
        holder.extend(holder[key:])
    elif how == "like":
        holder[key] = like(holder[key], [at(data, other) for other in known], rng)
    elif how == "rename" and isinstance(holder, dict):
        holder[rng.choice(("x", "accuracy", "setosa", ""))] = holder.pop(key)
    else:
        holder[key] = rng.choice(VALUES)
    return data


def sealed(data: Any) -> None:
    """Give a record the key and the digest that fit what it says."""
    if not isinstance(data, dict):
        return
    said = {name: value for name, value in data.items() if name not in (SEAL, "schema_version")}
    with contextlib.suppress(SuiteError, KeyError):
        data["key"] = key_again(built(said, Record)) or data["key"]
    if SEAL in data:
        data[SEAL] = digest({name: value for name, value in data.items() if name != SEAL})


def moved(path: Path, out: Path) -> None:
    """Put a record, and what lies beside it, where its name says."""
    store = Store(out)
    try:
        from suite.records import from_dict

        record = from_dict(json.loads(path.read_text()))
        place = store.path_for(record)
    except (SuiteError, ValueError, RecursionError):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    for ending in (".npz", ".curve.json", ".json"):
        if path.with_suffix(ending).is_file() and place != path:
            shutil.move(path.with_suffix(ending), place.with_suffix(ending))


def edit(out: Path, rng: random.Random) -> str:
    """Change one file of a folder; say which, and how."""
    everything = sorted(path for path in out.rglob("*.*") if path.suffix in (".json", ".npz"))
    kinds = {
        name: [p for p in everything if name in str(p.relative_to(out))] for name in ("statistics", "audit")
    }
    kinds["npz"] = [path for path in everything if path.suffix == ".npz"]
    kinds["curve"] = [path for path in everything if path.name.endswith(".curve.json")]
    kinds["records"] = [path for path in everything if path.suffix == ".json" and "seed-" in path.name]
    kind = rng.choice(("records",) * 6 + ("statistics",) * 2 + ("audit", "npz", "curve"))
    path = rng.choice(kinds[kind] or everything)
    raw = path.read_bytes()
    how = (
        "json"
        if path.suffix == ".json" and rng.random() < 0.8
        else rng.choice(("cut", "flip", "raw", "other"))
    )
    try:
        data = json.loads(raw) if how == "json" else None
    except ValueError:  # of an earlier edit
        how = "cut"
    if how == "cut":
        path.write_bytes(raw[: rng.randrange(len(raw) + 1)])
    elif how == "flip":
        bits = bytearray(raw or b"0")
        for _ in range(rng.choice((1, 1, 5))):
            bits[rng.randrange(len(bits))] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(bits))
    elif how == "raw":
        start = rng.randrange(len(raw) + 1)
        path.write_bytes(raw[:start] + rng.choice(RAW) + raw[start + rng.choice((0, 1, 9)) :])
    elif how == "other":
        shutil.copy(rng.choice(kinds.get(kind) or everything), path.with_name("copied"))
        path.with_name("copied").replace(path)
    else:
        for _ in range(rng.choice((1, 1, 1, 2))):
            data = changed(data, rng)
        if is_forged := kind == "records" and rng.random() < 0.7:
            sealed(data)
        path.write_text(json.dumps(data))
        if is_forged:
            moved(path, out)
            how = "forged"
    return f"{how}: {path.relative_to(out)}"


def looked_at(out: Path, rng: random.Random) -> None:
    """Read a folder in every way; whatever ends in more than one line of words ends the test."""
    on_iris = ["--data", "iris", "--protocol", "holdout"]
    commands: list[list[str]] = [
        ["report"],
        ["verify"],
        *(["show", part] for part in rng.sample(SHOWN, 3)),
        ["run", "naive_bayes", "knn", *on_iris, "--dry-run"],
        *rng.choice(
            (
                [],
                [["audit", "iris", "--protocol", "holdout"]],
                [["run", "naive_bayes", "knn", *on_iris, "--executor", "inline"]],
            )
        ),
    ]
    for words in commands:
        # One record that cannot be read must not keep the others from being shown.
        assert main([*words, "--out", str(out)]) in ((0, 1) if words == ["verify"] else (0,)), words
    with contextlib.suppress(SuiteError):
        write_boards(Store(out), rng.choice(VIEWS))


N_EDITS, A_FOLDER, PARTS = 400, 8, 5
"""Edits, how many of them at a time, and in how many tests."""


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_folder_that_was_edited_ends_no_command_but_in_its_own_words(
    part: int, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for i in range(N_EDITS // PARTS // A_FOLDER):
        rng = random.Random(f"{part} {i}")
        out = tmp_path / str(i)
        shutil.copytree(made, out)
        told = [edit(out, rng) for _ in range(A_FOLDER)]
        try:
            looked_at(out, rng)
        except BaseException as error:
            error.add_note(f"part {part}, folder {i}: {'; '.join(told)}")
            raise
        capsys.readouterr()
        shutil.rmtree(out)
