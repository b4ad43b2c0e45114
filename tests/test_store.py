"""The store: exact round trips, whole files or none, and nothing hostile read, opened or waited for."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite import disk
from suite.curve_file import curve_digest
from suite.disk import write_text_atomic
from suite.errors import RecordError, UsageError
from suite.metrics import METRICS
from suite.names import digest
from suite.nouns import built, plain
from suite.predictions_file import predictions_digest
from suite.records import current, to_dict, to_json_line
from suite.schema import AuditReport, CellId, Finding, Predictions, Record
from suite.store import Store


def make_predictions(n: int = 6, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    return Predictions(
        proba=rng.dirichlet(np.ones(3), n).astype(np.float32),
        y_true=np.arange(n) % 3,
        rows=rng.permutation(n),
    )


def make_record(**changes) -> Record:
    fields = {
        "key": digest("a cell"),
        "source": "run",
        "dataset": "digits",
        "dataset_version": 1,
        "fingerprint": digest("a table"),
        "target": "digit",
        "features": {"used": ["a", "b"], "dropped": {}},
        "task": "multiclass",
        "protocol": "holdout",
        "split": "holdout-42",
        "split_fingerprint": digest("a split"),
        "model": "logistic",
        "model_version": "1",
        "family": "linear",
        "variant": "default",
        "seed": 0,
        "attempt": 1,
        "status": "ok",
        "failure": None,
        "notes": [],
        "n_train": 20,
        "n_validation": 2,
        "n_test": 6,
        "n_features": 2,
        "classes": ["x", "y", "z"],
        "params": {"C": 1.0},
        "metrics": {"accuracy": 0.1 + 0.2, "roc_auc": None},
        "per_class": {"x": {"precision": None, "recall": 0.5, "f1": 1 / 3, "support": 2}},
        "confusion": [[1, 1, 0], [0, 2, 0], [0, 0, 2]],
        "timing": {"fit_s": 0.25},
        "resources": {"threads": 2},
        "tuning": None,
        "predictions_sha256": None,
        "provenance": {"started_at": "2026-01-01T00:00:00+00:00"},
    }
    fields |= changes
    identity = {f.name: fields.pop(f.name) for f in dataclasses.fields(CellId) if f.name in fields}
    return built(plain({"id": identity, **fields}), Record)


def saved(store: Store, predictions: Predictions | None = None, curve=None, **changes) -> tuple[Record, Path]:
    sha256 = predictions_digest(predictions) if predictions else None
    record = make_record(predictions_sha256=sha256, **changes)
    return record, store.save(record, predictions, curve)


def everything_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "results")


def test_a_record_its_predictions_and_its_curve_come_back_as_they_were(store: Store) -> None:
    predictions = make_predictions()
    curve = {"loss": [1.0, 0.1 + 0.2], "val_loss": [float("nan"), 0.5]}
    record, path = saved(store, predictions, curve)
    assert Store(store.root).records() == [record]
    assert store.find(record.key) == record
    back = store.predictions(record)
    for field in dataclasses.fields(Predictions):
        assert np.array_equal(getattr(back, field.name), getattr(predictions, field.name)), field.name
    assert back.proba.dtype == np.float32
    assert store.curve(record) == {"loss": [1.0, 0.1 + 0.2], "val_loss": [None, 0.5]}
    assert sorted(item.name for item in path.parent.iterdir()) == [
        f"seed-0-{record.key[:12]}{ending}" for ending in (".curve.json", ".json", ".npz")
    ]


def test_what_lies_beside_a_record_is_not_taken_for_one(store: Store) -> None:
    record, path = saved(store, make_predictions(), {"loss": [1.0]})
    store.save_recipe(record.dataset, record.fingerprint, "ab" * 32, "{}")
    path.with_name(f".{path.name}.tmp").write_text("{")
    path.with_name("notes.txt").write_text("mine")
    again = Store(store.root)
    assert (again.records(), again.unreadable) == ([record], {})


AUDIT = AuditReport(
    dataset="digits",
    fingerprint=digest("a table"),
    state=digest("a state"),
    target="größe",
    protocol="grouped:shop",
    findings=(Finding(code="identifier", text="column 'größe' counts the rows", columns=("größe",)),),
    n_rows=20,
)


def test_an_audit_comes_back_as_it_was_from_a_file_that_keeps_its_name(store: Store) -> None:
    path = store.save_audit(AUDIT)
    assert store.audit_of(AUDIT.fingerprint, AUDIT.state, AUDIT.protocol) == AUDIT
    for other in (("0" * 64, AUDIT.state), (AUDIT.fingerprint, "0" * 64)):
        assert store.audit_of(*other, AUDIT.protocol) is None
    assert store.audit_of(AUDIT.fingerprint, AUDIT.state, "holdout") is None
    assert store.unreadable == {}
    # Reports of earlier suites are found by these names.
    start = f"audit/{AUDIT.fingerprint[:8]}-{AUDIT.state[:8]}-grouped"
    assert str(path.relative_to(store.root)).startswith(start)
    assert "größe" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data.update(version=1), None),
        (lambda data: data.update(protocol="holdout"), "it was edited or moved"),
        (lambda data: data.update(state="0" * 64), "it was edited or moved"),
        (lambda data: data.update(n_rows=-1), "n_rows"),
        (lambda data: data.clear(), ""),
    ],
)
def test_an_audit_of_other_rules_or_of_another_table_counts_as_none(store: Store, change, reason) -> None:
    path = store.save_audit(AUDIT)
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    assert store.audit_of(AUDIT.fingerprint, AUDIT.state, AUDIT.protocol) is None
    assert [*store.unreadable] == ([path] if data and reason is not None else [])
    assert (reason or "") in store.unreadable.get(path, "")


@pytest.mark.parametrize("content", ["[]", "3", "null", "{", ""])
def test_a_file_that_is_no_audit_is_left_out_with_a_reason(store: Store, content: str) -> None:
    path = store.save_audit(AUDIT)
    path.write_text(content)
    assert store.audit_of(AUDIT.fingerprint, AUDIT.state, AUDIT.protocol) is None
    assert store.unreadable[path]


def test_a_record_lies_where_the_design_says(store: Store) -> None:
    record, path = saved(store, variant="tuned", seed=3)
    folder = f"records/digits-{record.fingerprint[:8]}/holdout/holdout-42/logistic.tuned"
    assert path == store.root / folder / f"seed-3-{record.key[:12]}.json"


def test_a_record_file_is_sorted_indented_unicode_and_ends_in_a_newline(store: Store) -> None:
    record, path = saved(store, classes=["für", "名", "z"])
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(to_dict(record), sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    assert "für" in text
    assert json.loads(to_json_line(record)) == json.loads(text)
    assert to_json_line(record).isascii()
    assert "\n" not in to_json_line(record)


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(st.sampled_from([*METRICS]), st.none() | st.floats(0, 1)),
    st.lists(st.text(st.characters()), min_size=1, max_size=4, unique=True),
)
def test_any_figures_and_any_names_come_back_exactly(tmp_path_factory, metrics, names) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    record, _ = saved(
        store,
        metrics={**metrics, "accuracy": 0.5},
        classes=names,
        per_class={names[0]: {"f1": 0.5}},
        confusion=None,
        dataset=names[0],
        model=names[-1],
        notes=names,
    )
    assert store.records() == [record]
    assert store.unreadable == {}


def test_a_lone_surrogate_in_a_name_comes_back(store: Store) -> None:
    record, _ = saved(store, classes=["caf\udce9", "x", "z"])
    assert store.records() == [record]


@pytest.mark.parametrize(
    "name", ["../../etc/x", "/abs", "CON", "", "a" * 300, "🎵", "‮gnp", "a\0b", ".", ".."]
)
def test_a_hostile_name_stays_inside_the_store(store: Store, name: str) -> None:
    record, path = saved(store, dataset=name, model=name, protocol=name, split=name)
    assert path.resolve().is_relative_to(store.root.resolve())
    assert len(path.relative_to(store.root).parts) == 6
    assert store.records() == [record]


def test_names_that_differ_in_case_only_do_not_share_a_file(store: Store) -> None:
    paths = {str(saved(store, model=model)[1]).lower() for model in ("Model", "model", "MODEL")}
    assert len(paths) == 3


def test_a_folder_that_links_out_of_the_store_is_not_written_through(store: Store, tmp_path: Path) -> None:
    record = make_record()
    folder = store.path_for(record).parents[2]
    folder.parent.mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    folder.symlink_to(tmp_path / "outside")
    with pytest.raises(RecordError, match="symbolic link"):
        store.save(record)
    assert list((tmp_path / "outside").iterdir()) == []


def test_read_only_mappings_and_numpy_scalars_are_kept_as_plain_json(store: Store) -> None:
    record, _ = saved(store, params=MappingProxyType({"depth": np.int64(3), "sizes": (1, np.float64(0.5))}))
    (back,) = store.records()
    assert back.params == {"depth": 3, "sizes": [1, 0.5]}
    assert record.key == back.key


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_a_record_with_what_json_cannot_hold_is_refused_and_leaves_nothing(store: Store, value) -> None:
    with pytest.raises(RecordError, match="cannot be kept"):
        store.save(dataclasses.replace(make_record(), metrics={"accuracy": value}))
    assert not store.root.exists()


def test_a_record_is_refused_with_predictions_that_are_not_its_own(store: Store) -> None:
    with pytest.raises(RecordError, match="predictions_sha256"):
        store.save(make_record(), make_predictions())


CURVE = {"loss": [1.0, 0.5], "accuracy": [0.5, 0.75]}


def test_a_record_is_refused_with_a_curve_that_is_not_its_own(store: Store) -> None:
    with pytest.raises(RecordError, match="curve_sha256"):
        store.save(make_record(curve_sha256=curve_digest({"loss": [2.0]})), None, CURVE)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"loss": [1.0, 0.25], "accuracy": [0.5, 0.75]}, "is not the learning curve that was recorded"),
        ({"loss": [1.0], "accuracy": [55.0]}, "accuracy is not always between 0 and 1"),
        ({"loss": [1e200]}, "larger than any number here"),
        ({"loss": ["x"]}, "is not what it should be"),
        ([1.0], "is not what it should be"),
    ],
)
def test_a_curve_that_was_edited_or_cannot_be_is_one_clear_error(store: Store, other, reason: str) -> None:
    record, path = saved(store, None, CURVE, curve_sha256=curve_digest(CURVE))
    assert store.curve(record) == CURVE
    path.with_suffix(".curve.json").write_text(json.dumps(other))
    with pytest.raises(RecordError, match=reason):
        store.curve(record)


def test_a_curve_that_a_record_of_a_plan_does_not_know_of_is_none(store: Store) -> None:
    record, path = saved(store, basis={"entry": "logistic", "kinds": "nn"})
    assert store.curve(record) is None
    path.with_suffix(".curve.json").write_text(json.dumps(CURVE))
    with pytest.raises(RecordError, match="is not the learning curve that was recorded"):
        store.curve(record)


# --- attempts and resuming


def test_a_new_attempt_takes_the_place_of_the_old_with_all_that_belonged_to_it(store: Store) -> None:
    saved(store, make_predictions(), {"loss": [1.0]})
    failure = {"kind": "timeout", "message": "", "log": ""}
    record, path = saved(store, attempt=2, status="timeout", failure=failure)
    assert store.records() == [record]
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    with pytest.raises(RecordError, match="has no predictions: timeout"):
        store.predictions(record)
    assert store.curve(record) is None


def test_of_two_files_of_one_key_the_newest_attempt_counts(store: Store) -> None:
    newer, _ = saved(store, attempt=2, dataset="a file")
    older, _ = saved(store, attempt=1, dataset="the file under another name")
    assert older.key == newer.key
    assert store.records() == [newer]
    assert store.find(newer.key) == newer


def test_a_record_in_a_file_that_is_not_its_own_is_left_out_with_a_reason(store: Store) -> None:
    record, path = saved(store)
    copy = path.parent / "copy" / path.name
    copy.parent.mkdir()
    copy.write_text(to_json_line(make_record(attempt=2)))
    assert store.records() == list(store.scan()) == [record]
    assert store.find(record.key) == record
    reason = f"it was edited or moved: what it holds belongs in {path.relative_to(store.root)}"
    assert store.unreadable == {copy: reason}


def test_a_store_sees_what_it_saved_after_it_had_looked(store: Store) -> None:
    assert store.find(digest("a cell")) is None
    record, _ = saved(store)
    assert store.find(record.key) == record


@pytest.mark.parametrize(
    ("status", "met", "time_limit_s", "memory_limit_mb", "is_done"),
    [
        ("ok", None, 1, 1, True),
        ("invalid_output", None, None, None, True),
        ("timeout", 600, 600, None, True),
        ("timeout", 600, 60, None, True),
        ("timeout", 600, 601, None, False),
        ("timeout", 600, None, 1, False),
        ("timeout", None, 600, None, False),
        ("out_of_memory", 4000, None, 4000, True),
        ("out_of_memory", 4000, 1, 8000, False),
        ("crash", None, 1, 1, False),
        ("error", None, 1, 1, False),
        ("skipped", None, 1, 1, False),
    ],
)
def test_a_cell_is_done_by_its_status_and_its_limits(
    store: Store, status, met, time_limit_s, memory_limit_mb, is_done
) -> None:
    failure = None if status == "ok" else {"kind": status, "message": "", "log": "", "limit": met}
    predictions = make_predictions() if status == "ok" else None
    record, _ = saved(store, predictions, status=status, failure=failure)
    assert store.is_done(record, time_limit_s, memory_limit_mb) is is_done


def test_a_fit_that_somebody_stopped_is_not_done_under_any_limit(store: Store) -> None:
    record, _ = saved(store, make_predictions(), resources={"threads": 2, "stopped_at_step": 7})
    assert [store.is_done(record, limit) for limit in (1.0, None)] == [False, False]


def test_what_stopped_training_at_its_limit_is_done_under_no_larger_one(store: Store) -> None:
    record, _ = saved(store, make_predictions(), resources={"cut_short_at_s": 60.0})
    assert [store.is_done(record, limit) for limit in (30.0, 60.0, 61.0, None)] == [True, True, False, False]


def test_an_ok_record_without_its_predictions_is_not_done_here(store: Store) -> None:
    record, path = saved(store, make_predictions())
    assert store.is_done(record)
    path.with_suffix(".npz").unlink()
    assert not store.is_done(record)
    assert store.records() == [record]


def test_records_that_newer_ones_of_the_same_cell_replace_are_history() -> None:
    def at(day: int, **changes) -> Record:
        return make_record(provenance={"started_at": f"2026-01-{day:02}T00:00:00+00:00"}, **changes)

    old, new = at(1, key=digest(1)), at(2, key=digest(2), model_version="2")
    other_seed = at(1, key=digest(3), seed=1)
    other_params = at(1, key=digest(4), params={"C": 2.0})
    published = at(1, key=digest(5), source="reported", fingerprint=digest("a log"))
    assert current([new, old, other_seed, other_params, published]) == [
        new,
        other_seed,
        other_params,
        published,
    ]
    changed_table = at(3, key=digest(6), fingerprint=digest("a changed table"))
    everything = [old, new, other_seed, changed_table, published]
    assert current(everything) == [changed_table, published]
    assert current(everything, {new.key}) == [new, other_seed, published]
    assert current(everything, {old.key}) == [old, other_seed, published]


# --- what cannot be read


IDENTITY = to_dict(make_record())["id"]


def broken(**changes) -> str:
    return json.dumps({**to_dict(make_record()), **changes})


UNREADABLE = {
    "truncated": (broken()[:-20], "not JSON"),
    "empty": ("", "not JSON"),
    "a later version": (broken(schema_version=99), "schema version 99; this suite reads up to 5"),
    "a version that never was": (broken(schema_version=0), "schema version 0, which there never was"),
    "a version in words": (broken(schema_version="two"), "schema version 'two', which there never was"),
    "unknown field": (broken(colour="red", taste="sweet"), "unknown fields: colour, taste"),
    "missing field": (json.dumps({"schema_version": 3, "key": "k"}), "missing fields: id"),
    "not a number": (broken().replace("0.30000000000000004", "NaN"), "NaN is not a finite number"),
    "too large a number": (broken().replace("0.30000000000000004", "1e999"), "1e999 is not a finite number"),
    "a key twice": ('{"schema_version": 3,' + broken()[1:], "a key stands twice"),
    "deep": ("[" * 100_000, "not JSON"),
    "a list": ("[]", "not a record"),
    "text in a metric": (broken(metrics={"accuracy": "high"}), "its field metrics"),
    "a boolean seed": (broken(id={**IDENTITY, "seed": True}), "its field id.seed"),
    "an unknown status": (broken(status="fine"), "its field status"),
    "an unknown part of a part": (broken(timing={"fits": 1.0}), "unknown fields: timing.fits"),
    "a number without end": (broken(metrics={"accuracy": 10**400}), "larger than any number"),
    "text in a part": (broken(timing={"fit_s": "1"}), "its field timing.fit_s"),
    "part of an identity": (broken(id={"dataset": "digits"}), "missing fields: id.fingerprint, id.model"),
    "a flat matrix": (broken(confusion=[1, 2]), "its field confusion"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_is_no_record_is_left_out_with_a_reason_and_the_rest_is_read(
    store: Store, case: str
) -> None:
    text, reason = UNREADABLE[case]
    record, path = saved(store)
    bad = path.with_name("seed-1-0123456789ab.json")
    bad.write_text(text)
    assert store.records() == [record]
    assert list(store.unreadable) == [bad]
    assert reason in store.unreadable[bad]
    assert "\n" not in store.unreadable[bad]


def test_bytes_that_are_not_unicode_are_left_out_with_a_reason(store: Store) -> None:
    record, path = saved(store)
    path.with_name("seed-1-0123456789ab.json").write_bytes(b"\xff\xfe{}")
    assert store.records() == [record]
    assert "not JSON" in next(iter(store.unreadable.values()))


def test_links_pipes_folders_and_giants_are_neither_followed_nor_waited_for(
    store: Store, tmp_path: Path
) -> None:
    record, path = saved(store)
    secret = tmp_path / "secret.json"
    secret.write_text(broken(key=digest("a secret")))
    names = [path.with_name(f"seed-{i}-0123456789ab.json") for i in range(1, 5)]
    names[0].symlink_to(secret)
    os.mkfifo(names[1])
    with names[2].open("wb") as giant:
        giant.truncate(50_000_001)
    names[3].mkdir()
    assert store.records() == [record]
    reasons = [store.unreadable.get(name, "") for name in names]
    assert reasons[:3] == ["it is a symbolic link", "it is not a regular file", "it is larger than 50 MB"]
    assert reasons[3] == ""


class Booby:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def test_a_pickle_is_never_opened(store: Store, tmp_path: Path) -> None:
    record, path = saved(store, make_predictions())
    mark = tmp_path / "opened"
    booby = np.array([Booby(mark)], dtype=object)
    path.with_name("model.pkl").write_bytes(pickle.dumps(Booby(mark)))
    path.with_suffix(".npz").write_bytes(pickle.dumps(Booby(mark)))
    assert store.records() == [record]
    with pytest.raises(RecordError, match="cannot be read"):
        store.predictions(record)
    np.savez(path.with_suffix(".npz"), proba=booby, y_true=booby, rows=booby)
    with pytest.raises(RecordError, match="cannot be read"):
        store.predictions(record)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: {**a, "proba": a["proba"][:, ::-1]}, "other predictions than its record says"),
        (lambda a: {**a, "y_true": (a["y_true"] + 1) % 3}, "other predictions than its record says"),
        (lambda a: {**a, "proba": a["proba"][:-1]}, "does not have the 6 rows and 3 classes"),
        (lambda a: {**a, "proba": a["proba"].astype(np.float64)}, "other types"),
        (lambda a: {**a, "extra": a["rows"]}, "cannot be read"),
        (lambda a: {"proba": a["proba"]}, "cannot be read"),
        (lambda a: {**a, "proba": np.zeros(10**6, np.float32)}, "does not have the 6 rows and 3 classes"),
    ],
)
def test_predictions_that_were_changed_are_noticed(store: Store, change, message: str) -> None:
    record, path = saved(store, make_predictions())
    with np.load(path.with_suffix(".npz")) as archive:
        arrays = dict(archive)
    np.savez_compressed(path.with_suffix(".npz"), **change(arrays))
    with pytest.raises(RecordError, match=message):
        store.predictions(record)


def test_predictions_that_are_gone_cut_off_or_a_pipe_are_one_clear_error(store: Store) -> None:
    record, path = saved(store, make_predictions(), {"loss": [1.0]})
    npz = path.with_suffix(".npz")
    npz.write_bytes(npz.read_bytes()[:-30])
    with pytest.raises(RecordError, match="cannot be read"):
        store.predictions(record)
    npz.unlink()
    with pytest.raises(RecordError, match="No such file"):
        store.predictions(record)
    os.mkfifo(npz)
    with pytest.raises(RecordError, match="not a regular file"):
        store.predictions(record)
    path.with_suffix(".curve.json").write_text('{"loss": 1}')
    with pytest.raises(RecordError, match="not a learning curve"):
        store.curve(record)
    path.with_suffix(".curve.json").write_text("{")
    with pytest.raises(RecordError, match="not a learning curve"):
        store.curve(record)


def test_a_digest_is_of_the_arrays_and_not_of_their_file_or_width() -> None:
    predictions = make_predictions()
    narrow = dataclasses.replace(predictions, y_true=predictions.y_true.astype(np.int8))
    fortran = dataclasses.replace(predictions, proba=np.asfortranarray(predictions.proba))
    assert predictions_digest(predictions) == predictions_digest(narrow) == predictions_digest(fortran)
    reshaped = dataclasses.replace(predictions, proba=predictions.proba.reshape(3, 6))
    assert predictions_digest(predictions) != predictions_digest(reshaped)


# --- faults while writing


def fail(*arguments, **options) -> None:
    raise OSError(28, "No space left on device")


class Killed(BaseException):
    """Stands for a process that ends here."""


def kill(*arguments, **options) -> None:
    raise Killed


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_is_one_clear_line_and_the_earlier_record_stays(
    store: Store, monkeypatch, call: str
) -> None:
    record, _ = saved(store, make_predictions(), {"loss": [1.0]})
    before = everything_below(store.root)
    monkeypatch.setattr(os, call, fail)
    with pytest.raises(UsageError, match=r"cannot write to .*: No space left on device"):
        saved(store, make_predictions(seed=1), {"loss": [2.0]}, attempt=2)
    monkeypatch.undo()
    assert everything_below(store.root) == before
    assert store.records() == [record]


@pytest.mark.parametrize("n_replaced", [0, 1, 2])
def test_a_process_killed_between_the_files_leaves_the_earlier_record_and_says_what_is_wrong(
    store: Store, monkeypatch, n_replaced: int
) -> None:
    record, _ = saved(store, make_predictions(), {"loss": [1.0]})
    replace, calls = os.replace, []

    def replace_some(source, target, **options) -> None:
        calls.append(target)
        if len(calls) > n_replaced:
            raise Killed
        replace(source, target, **options)

    monkeypatch.setattr(os, "replace", replace_some)
    monkeypatch.setattr(os, "unlink", kill)
    with pytest.raises(Killed):
        saved(store, make_predictions(seed=1), {"loss": [2.0]}, attempt=2)
    monkeypatch.undo()
    assert store.records() == [record]
    if n_replaced == 0:
        assert np.array_equal(store.predictions(record).proba, make_predictions().proba)
    else:
        with pytest.raises(RecordError, match="run it anew"):
            store.predictions(record)


def test_a_first_record_that_was_never_put_in_place_does_not_exist(store: Store, monkeypatch) -> None:
    monkeypatch.setattr(os, "replace", kill)
    with pytest.raises(Killed):
        saved(store, make_predictions())
    assert store.records() == []
    assert store.unreadable == {}
    assert everything_below(store.root) == {}


def test_leftovers_of_dead_writers_are_swept_on_start_and_those_of_living_ones_are_not(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "records" / "d" / "p"
    folder.mkdir(parents=True)
    writer = subprocess.Popen(["true"])
    writer.wait(timeout=30)
    child = writer.pid
    host, elsewhere = disk._host(), "0" * 8
    gone = [folder / f".a.json.{host}-{child}-00000000.tmp", tmp_path / f".B.md.{host}-{child}-00000000.tmp"]
    old = folder / f".b.json.{elsewhere}-{child}-00000000.tmp"
    kept = [
        folder / f".a.json.{host}-{os.getpid()}-00000000.tmp",
        folder / f".c.json.{elsewhere}-{child}-00000000.tmp",
        folder / "somebodys.tmp",
        folder / ".hidden.tmp",
    ]
    for path in [*gone, old, *kept]:
        path.write_text("")
    os.utime(old, (time.time() - 7200,) * 2)
    Store(tmp_path)
    assert [path for path in [*gone, old] if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []


def test_a_container_does_not_sweep_what_a_process_outside_is_writing(
    tmp_path: Path, in_a_container: Callable[[str], None]
) -> None:
    temp = tmp_path / f".B.md.{disk._host()}-{os.getpid()}-00000000.tmp"
    temp.write_text("")
    in_a_container(f"from pathlib import Path; from suite.store import Store; Store(Path({str(tmp_path)!r}))")
    assert temp.exists()


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "file" / "results", Path("/proc/results")):
        store = Store(root)
        assert store.records() == []
        for attempt in (store.check_writable, lambda store=store: store.save(make_record())):
            with pytest.raises(UsageError, match="cannot write to") as caught:
                attempt()
            assert "\n" not in str(caught.value)


def test_a_writable_folder_is_created_and_left_clean(store: Store) -> None:
    store.check_writable()
    assert everything_below(store.root) == {}
    assert store.root.is_dir()


def test_a_text_is_replaced_whole_and_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    board, outside = tmp_path / "a" / "LEADERBOARD.md", tmp_path / "outside"
    write_text_atomic(board, "one\n")
    outside.write_text("kept")
    board.unlink()
    board.symlink_to(outside)
    write_text_atomic(board, "zwei ü \ud800\n")
    assert board.read_bytes() == b"zwei \xc3\xbc \\ud800\n"
    assert not board.is_symlink()
    assert outside.read_text() == "kept"
    assert list(board.parent.iterdir()) == [board]


def test_files_get_the_rights_that_the_umask_gives(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_text_atomic(tmp_path / "board.md", "")
    finally:
        os.umask(before)
    assert (tmp_path / "board.md").stat().st_mode & 0o777 == 0o644


# --- trials


def test_an_inner_cell_is_found_again_and_is_no_record_of_the_folder(store: Store) -> None:
    outer, _ = saved(store)
    inner, path = saved(store, role="inner", key=digest("a trial"), attempt=2)
    assert path.is_relative_to(store.root / "trials")
    again = Store(store.root)
    assert again.find(inner.key) == inner
    assert again.records() == [outer]
    assert list(again.scan()) == [outer]


@pytest.mark.parametrize("confusion", [[[1, 2]], [[1, 2], [3]], []])
def test_a_matrix_that_is_not_one_of_the_classes_is_no_record(store: Store, confusion) -> None:
    _, path = saved(store)
    bad = path.with_name("seed-1-0123456789ab.json")
    bad.write_text(broken(confusion=confusion))
    store.records()
    assert "not one of 3 classes" in store.unreadable[bad]
