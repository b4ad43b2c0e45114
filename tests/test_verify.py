from __future__ import annotations

import io
import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite import api
from suite.commands import main
from suite.names import digest
from suite.planning.budget import recorded_threads
from suite.predictions_file import predictions_digest
from suite.records import SEAL
from suite.store import Store
from suite.upgrades import SCHEMA_VERSION
from suite.verify import Checked, verify

Edit = Callable[[Callable[[dict[str, Any]], object]], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three records of one split."""
    folder = tmp_path_factory.mktemp("made")
    api.run(["dummy", "naive_bayes", "knn"], "iris", protocol="holdout", executor="inline", out=folder)
    return folder


@pytest.fixture
def out(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return shutil.copytree(made, tmp_path / "results")


@pytest.fixture
def edit(out: Path) -> Edit:
    """Change the record of naive_bayes by hand."""

    def change(how: Callable[[dict[str, Any]], object]) -> None:
        (path,) = out.rglob("naive_bayes/seed-*.json")
        data = json.loads(path.read_text())
        how(data)
        path.write_text(json.dumps(data))

    return change


@pytest.fixture
def forge(edit: Edit) -> Edit:
    """Change it by hand, and its digest with it."""
    return lambda how: edit(lambda data: (how(data), seal(data)))


def seal(data: dict[str, Any]) -> None:
    data[SEAL] = digest({name: value for name, value in data.items() if name != SEAL})


def faults(out: Path) -> list[Checked]:
    return [finding for finding in verify(Store(out)) if finding.verdict in ("edited", "unreadable")]


def test_untouched_records_agree(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [finding.verdict for finding in verify(Store(out))] == ["agrees"] * 3
    assert main(["verify", "--out", str(out)]) == 0
    assert "3 records agree with their predictions" in capsys.readouterr().out


def test_a_failure_agrees_and_is_counted_as_one(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(
        "from sklearn.svm import SVC\nmake = lambda: SVC(C=-1, probability=True)\n"
    )
    mine = str(tmp_path / "mine.py:make")
    api.run([mine, "dummy"], "iris", protocol="holdout", executor="inline", out=out)
    assert main(["verify", "--out", str(out)]) == 0
    said = "4 records agree with their predictions; 1 of them failed, without any"
    assert capsys.readouterr().out.splitlines()[-1] == said


def test_an_edited_score_is_named_with_both_values(
    out: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(lambda data: data["metrics"].update(accuracy=0.99))
    (fault,) = faults(out)
    assert "naive_bayes" in str(fault.path)
    assert "accuracy (0.99 recorded, " in fault.reason
    assert main(["verify", "--out", str(out)]) == 1
    printed = capsys.readouterr().out
    assert "naive_bayes" in printed
    assert "accuracy (0.99 recorded" in printed


def shifted(by: float) -> dict[str, Callable[[dict[str, Any]], object]]:
    """Edits that change one figure by so much: of the record, and of one class."""
    return {
        "accuracy": lambda data: data["metrics"].update(accuracy=data["metrics"]["accuracy"] - by),
        "log_loss": lambda data: data["metrics"].update(log_loss=data["metrics"]["log_loss"] * (1 + by)),
        "figures of class 'virginica'": lambda data: data["per_class"]["virginica"].update(
            f1=data["per_class"]["virginica"]["f1"] - by
        ),
    }


@pytest.mark.parametrize("figure", shifted(0))
@pytest.mark.parametrize("by", [1e-3, 1e-6, 1e-9])
def test_a_figure_that_was_edited_by_as_little_as_no_one_sees_is_found(
    figure: str, by: float, out: Path, forge: Edit
) -> None:
    forge(shifted(by)[figure])
    (fault,) = faults(out)
    assert (fault.verdict, figure in fault.reason) == ("edited", True)


@pytest.mark.parametrize("figure", shifted(0))
def test_the_last_digit_of_a_figure_may_be_another_processors(figure: str, out: Path, forge: Edit) -> None:
    forge(shifted(2e-16)[figure])
    assert faults(out) == []


FAILED = {"status": "crash", "failure": {"kind": "crash"}}
EDITS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a class": (lambda data: data["per_class"]["setosa"].update(f1=0.5), "figures of class 'setosa'"),
    "a class left out": (lambda data: data["per_class"].pop("setosa"), "figures of class 'setosa'"),
    "a source": (lambda data: data.update(source="reported"), "as no published figure has"),
    "the matrix": (lambda data: data["confusion"].reverse(), "confusion"),
    "a figure left out": (lambda data: data["metrics"].update(log_loss=None), "log_loss"),
    "a failure that scores": (
        lambda data: data.update(**FAILED, predictions_sha256=None),
        "status is crash without predictions",
    ),
    "average precision": (lambda data: data["metrics"].update(average_precision=0.99), "average_precision"),
    "a later figure left out": (lambda data: data["metrics"].pop("average_precision"), "average_precision"),
    "a later figure of a class left out": (
        lambda data: data["per_class"]["setosa"].pop("average_precision"),
        "figures of class 'setosa'",
    ),
    "a positive class": (lambda data: data.update(positive="setosa"), "recall"),
    "a status": (lambda data: data.update(**FAILED), "has predictions, but its status is crash"),
    "a failure that has a matrix": (
        lambda data: data.update(
            **FAILED,
            predictions_sha256=None,
            metrics=dict.fromkeys(data["metrics"]),
            per_class={},
        ),
        "status is crash without predictions",
    ),
    "the digest": (lambda data: data.update(predictions_sha256="0" * 64), "not those that were recorded"),
}
UNHEARD_OF = "it was edited: it does not have the digest that it was written with"


@pytest.mark.parametrize("case", EDITS)
def test_whatever_is_edited_in_a_record_is_found(case: str, out: Path, edit: Edit) -> None:
    how, reason = EDITS[case]
    edit(how)
    (fault,) = faults(out)
    assert fault.verdict == "edited"
    assert fault.reason.startswith(UNHEARD_OF)
    assert reason in fault.reason


@pytest.mark.parametrize("case", EDITS)
def test_what_is_edited_together_with_the_digest_is_found_by_the_predictions(
    case: str, out: Path, forge: Edit
) -> None:
    how, reason = EDITS[case]
    forge(how)
    (fault,) = faults(out)
    assert fault.verdict == "edited"
    assert reason in fault.reason


IMPOSSIBLE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a figure of our own": (
        lambda data: data["metrics"].update(luck=1.0),
        "a metric that there is not: 'luck'",
    ),
    "train rows": (lambda data: data.update(train_classes=[1, 2, 3]), "train_classes are of 6 rows, not 120"),
    "a source": (lambda data: data.update(source="reported"), "its key is not that of the cell"),
    "a matrix of other rows": (
        lambda data: data["confusion"][0].__setitem__(0, 99),
        "and it has 30 test rows",
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_of_one_cell_is_left_out_and_named(case: str, out: Path, forge: Edit) -> None:
    how, reason = IMPOSSIBLE[case]
    forge(how)
    (fault,) = faults(out)
    assert reason in fault.reason
    assert {record.model for record in Store(out).records()} == {"dummy", "knn"}


ELSEWHERE: dict[str, Callable[[dict[str, Any]], object]] = {
    "family": lambda data: data.update(family="neural"),
    "a time": lambda data: data["timing"].update(fit_s=0.0001),
    "a note": lambda data: data.update(notes=["it was checked"]),
    "when it began": lambda data: data["provenance"].update(started_at="2000-01-01T00:00:00+00:00"),
    "versions": lambda data: data["provenance"]["packages"].update(numpy="9.9"),
    "a finding": lambda data: (
        data["features"].update(findings=[]) or data["features"].update(file="other.csv")
    ),
    "its digest": lambda data: data.pop(SEAL),
}
OF_THE_KEY: dict[str, Callable[[dict[str, Any]], object]] = {
    "parameters": lambda data: data["id"]["params"].update(var_smoothing=1.0),
    "model version": lambda data: data.update(model_version="2"),
    "columns": lambda data: data["features"]["used"].reverse(),
    "target": lambda data: data.update(target="petal"),
    "split": lambda data: data.update(split_fingerprint="0" * 64),
    "role": lambda data: data["id"].update(role="derived"),
    "entry": lambda data: data["basis"].update(entry="logistic"),
    "kinds": lambda data: data["basis"].update(kinds="cccc"),
    "packages": lambda data: data["basis"]["packages"].update({"scikit-learn": "9.9"}),
    "rules": lambda data: data["basis"].update(features=99),
}


@pytest.mark.parametrize("case", [*ELSEWHERE, *OF_THE_KEY])
def test_an_edited_field_that_no_figure_hangs_on_is_found_and_its_cell_run_again(
    case: str, out: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    edit((ELSEWHERE | OF_THE_KEY)[case])
    (fault,) = faults(out)
    assert (fault.verdict, fault.reason) == ("edited", UNHEARD_OF)
    assert main(["verify", "--out", str(out)]) == 1
    assert main(["report", "--out", str(out)]) == 0
    assert "naive_bayes" in capsys.readouterr().err.split("left out")[1]
    api.run("naive_bayes", "iris", protocol="holdout", executor="inline", out=out)
    assert faults(out) == []


@pytest.mark.parametrize("case", OF_THE_KEY)
def test_what_enters_the_key_is_found_by_it_if_the_digest_was_made_to_fit(
    case: str, out: Path, forge: Edit
) -> None:
    forge(OF_THE_KEY[case])
    (fault,) = faults(out)
    assert (fault.verdict, fault.reason) == (
        "edited",
        "it was edited: its key is not that of the cell that it tells of",
    )


def test_a_record_told_to_be_of_an_earlier_schema_version_is_found(out: Path, edit: Edit) -> None:
    edit(lambda data: data.update(schema_version=3))
    (fault,) = faults(out)
    assert "its schema version does not have all of its fields" in fault.reason


FIGURES = ("metrics", "per_class", "confusion", "predictions_sha256", "timing")


@pytest.mark.parametrize("is_sealed", [False, True])
def test_models_that_swapped_figures_and_predictions_are_found(out: Path, is_sealed: bool) -> None:
    paths = [next(out.rglob(f"{model}/seed-*.json")) for model in ("naive_bayes", "knn")]
    both = [json.loads(path.read_text()) for path in paths]
    arrays = [path.with_suffix(".npz").read_bytes() for path in paths]
    for path, own, other, content in zip(paths, both, reversed(both), reversed(arrays), strict=True):
        told = {**own, **{name: other[name] for name in FIGURES}}
        if is_sealed:
            seal(told)
        path.write_text(json.dumps(told))
        path.with_suffix(".npz").write_bytes(content)
    found = faults(out)
    assert [fault.verdict for fault in found] == ["edited"] * 2
    assert all("the predictions of another cell" in fault.reason for fault in found)


def test_predictions_of_another_model_are_found_and_are_no_work_done(out: Path) -> None:
    (one,), (other,) = out.rglob("knn/*.npz"), out.rglob("naive_bayes/*.npz")
    shutil.copy(one, other)
    (fault,) = faults(out)
    assert "the predictions of another cell" in fault.reason
    store = Store(out)
    assert not store.is_done(next(record for record in store.records() if record.model == "naive_bayes"))


def test_a_learning_curve_that_lies_beside_a_model_without_one_is_found(out: Path) -> None:
    (path,) = out.rglob("naive_bayes/*.npz")
    path.with_suffix(".curve.json").write_text('{"loss": [1.0]}')
    (fault,) = faults(out)
    assert fault.verdict == "edited"
    assert "is not the learning curve that was recorded" in fault.reason


def test_predictions_that_do_not_say_whose_they_are_are_found(out: Path) -> None:
    (path,) = out.rglob("naive_bayes/*.npz")
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files if name != "key"}
    np.savez(path, **arrays)
    (fault,) = faults(out)
    assert "or do not say of which" in fault.reason


IDENTITY: dict[str, Any] = {
    "dataset": "digits",
    "fingerprint": "0" * 64,
    "protocol": "cv5",
    "split": "holdout-43",
    "model": "xgboost",
    "variant": "tuned",
    "seed": 1,
    "key": "0" * 64,
}


@pytest.mark.parametrize("field", IDENTITY)
def test_a_record_that_is_told_to_be_of_another_cell_is_named_and_shown_nowhere(
    field: str, out: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = out.rglob("naive_bayes/seed-*.json")
    edit(lambda data: (data if field == "key" else data["id"]).update({field: IDENTITY[field]}))
    (fault,) = faults(out)
    assert fault.path == path.relative_to(out)
    assert "it was edited or moved: what it holds belongs in records/" in fault.reason
    assert main(["verify", "--out", str(out)]) == 1
    assert main(["report", "--out", str(out)]) == 0
    assert "left out" in capsys.readouterr().err
    assert {record.model for record in Store(out).records()} == {"dummy", "knn"}
    # Its cell is not done: it is run again, and its own file is written anew.
    api.run("naive_bayes", "iris", protocol="holdout", executor="inline", out=out)
    assert faults(out) == []


def test_records_behind_a_link_that_leads_out_are_named_and_the_rest_is_done(
    out: Path, tmp_path: Path
) -> None:
    (out / "records").rename(tmp_path / "outside")
    (out / "records").symlink_to(tmp_path / "outside")
    assert [fault.verdict for fault in faults(out)] == ["unreadable"] * 3
    assert all("through a symbolic link" in fault.reason for fault in faults(out))
    assert recorded_threads(Store(out)) is None
    assert main(["verify", "--out", str(out)]) == 1


def test_rounding_of_another_processor_is_no_edit(out: Path, forge: Edit) -> None:
    forge(lambda data: data["metrics"].update(log_loss=data["metrics"]["log_loss"] * (1 + 1e-14)))
    assert faults(out) == []


def rewrite_predictions(out: Path, **changes: Any) -> None:
    (path,) = out.rglob("naive_bayes/seed-*.npz")
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    np.savez(path, **(arrays | changes))


def test_edited_predictions_are_found(out: Path) -> None:
    rewrite_predictions(out, proba=np.full((30, 3), 1 / 3, dtype=np.float32))
    (fault,) = faults(out)
    assert "naive_bayes" in str(fault.path)
    assert "not those that were recorded" in fault.reason


def test_a_record_made_to_fit_edited_labels_is_found_beside_the_others(out: Path, forge: Edit) -> None:
    from suite.metrics import Scored, compute, confusion, per_class

    store = Store(out)
    record = next(record for record in store.records() if record.model == "naive_bayes")
    predictions = store.predictions(record)
    truth = predictions.proba.argmax(axis=1).astype(np.int64)
    assert not np.array_equal(truth, predictions.y_true)
    rewrite_predictions(out, y_true=truth)
    scored = Scored(truth, predictions.proba)
    object.__setattr__(predictions, "y_true", truth)
    forge(
        lambda data: data.update(
            metrics=compute(scored),
            confusion=confusion(scored),
            per_class=per_class(scored, data["classes"]),
            predictions_sha256=predictions_digest(predictions),
        )
    )
    (fault,) = faults(out)
    assert "true labels are not those of its split's other records" in fault.reason


def test_absent_predictions_cannot_be_checked_and_are_no_fault(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in out.rglob("dummy/*.npz"):
        path.unlink()
    assert [f.verdict for f in verify(Store(out))].count("unchecked") == 1
    assert main(["verify", "--out", str(out)]) == 0
    assert "cannot be checked" in capsys.readouterr().out


def garbled(path: Path, case: str) -> None:
    text = path.read_text()
    if case == "cut off":
        path.write_text(text[:100])
    elif case == "of another version":
        path.write_text(text.replace(f'"schema_version": {SCHEMA_VERSION}', '"schema_version": 99'))
    elif case == "with an unknown field":
        path.write_text(text.replace("{", '{"bonus": 1,', 1))
    elif case == "with NaN":
        path.write_text(text.replace('"seed": 0', '"seed": NaN'))
    elif case == "with a key twice":
        path.write_text(text.replace("{", '{"seed": 0,', 1))
    elif case == "too large":
        with path.open("r+b") as file:
            file.truncate(1 << 30)
    else:
        path.unlink()
        if case == "a link":
            path.symlink_to("/etc/hostname")
        else:
            os.mkfifo(path)


CASES = [
    *("cut off", "of another version", "with an unknown field", "with NaN", "with a key twice"),
    *("too large", "a link", "a pipe"),
]


@pytest.mark.parametrize("case", CASES)
def test_a_record_that_is_none_is_named_and_the_rest_reported(
    case: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = out.rglob("naive_bayes/seed-*.json")
    garbled(path, case)
    (fault,) = faults(out)
    assert fault.verdict == "unreadable"
    assert main(["verify", "--out", str(out)]) == 1
    assert main(["report", "--out", str(out)]) == 0
    assert "left out" in capsys.readouterr().err
    board = (out / "iris" / "holdout" / "LEADERBOARD.md").read_text()
    assert "knn" in board
    assert "naive_bayes" not in board.replace("suite run", "")


HOSTILE: dict[str, Callable[[dict[str, Any]], object]] = {
    "packages": lambda data: data["provenance"].update(packages=5),
    "no classes": lambda data: data.update(classes=[]),
    "a class twice": lambda data: data.update(classes=["setosa", "setosa", "virginica"]),
    "a longer matrix": lambda data: data["confusion"].append([0, 0, 0]),
    "a longer row": lambda data: data["confusion"][0].append(0),
    "negative counts": lambda data: data["confusion"][0].__setitem__(0, -1),
    "a metric of 400 digits": lambda data: data["metrics"].update(accuracy=10**400),
    "an accuracy of 5": lambda data: data["metrics"].update(accuracy=5.0),
    "an accuracy of none": lambda data: data["metrics"].update(accuracy=None),
    "a class without its figures": lambda data: data["per_class"].update(setosa=None),
    "a negative time": lambda data: data["timing"].update(fit_s=-1.0),
    "a time without end": lambda data: data["timing"].update(fit_s=1e99),
    "150 million rows": lambda data: data.update(n_test=150_000_000),
    "minus one row": lambda data: data.update(n_test=-1),
    "no rows": lambda data: data.update(n_test=0, confusion=None),
    "a seed below 0": lambda data: data["id"].update(seed=-1),
    "a million threads": lambda data: data["resources"].update(threads=1_000_000),
    "a failure and a score": lambda data: data.update(failure={"kind": "crash"}),
    "a failure without a reason": lambda data: data.update(status="crash"),
    "yesterday": lambda data: data["provenance"].update(started_at="yesterday"),
    "odd columns": lambda data: data["features"].update(chosen={"keep": "a"}),
    "nested parameters": lambda data: data["id"].update(params={"x": json.loads("[" * 90 + "]" * 90)}),
}


def hostile(case: str, version: int) -> Callable[[dict[str, Any]], None]:
    """Also one that fits its digest, or comes from before there was one."""

    def change(data: dict[str, Any]) -> None:
        HOSTILE[case](data)
        if version == 3:
            del data["basis"], data["curve_sha256"], data[SEAL]
            data["schema_version"] = 3
        else:
            seal(data)

    return change


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("version", [3, 4])
def test_a_hostile_record_is_left_out_with_a_reason_whatever_its_digest(
    case: str, version: int, out: Path, edit: Edit
) -> None:
    edit(hostile(case, version))
    (fault,) = faults(out)
    assert (fault.verdict, len(fault.reason) < 300) == ("unreadable", True)
    assert len(Store(out).records()) == 2


RUN = "run naive_bayes knn --data iris --protocol holdout --executor inline"


@pytest.mark.parametrize("case", ["packages", "no classes", "a longer matrix", "a metric of 400 digits"])
def test_a_hostile_record_ends_no_command_and_is_named_by_each(
    case: str, out: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(hostile(case, 4))
    for words in ("report", "verify", "show board", "show confusion --model all", f"{RUN} --dry-run"):
        assert main([*words.split(), "--out", str(out)]) == (words == "verify"), words
        printed = capsys.readouterr()
        assert len([x for x in (printed.err + printed.out).splitlines() if "naive_bayes/seed-" in x]) == 1, (
            words
        )
    # The run puts the cell right.
    assert main([*RUN.split(), "--out", str(out)]) == 0
    assert faults(out) == []


def test_a_run_names_what_it_could_not_read(
    out: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(lambda data: data.update(classes=[]))
    run = ["run", "knn", "--data", "iris", "--protocol", "holdout", "--executor", "inline", "--out", str(out)]
    assert main(run) == 0
    assert "left out" in (said := capsys.readouterr().err)
    assert "it has no classes" in said


class Bomb:
    """Leaves a mark where it is unpickled."""

    def __reduce__(self) -> Any:
        return Path.touch, (Path(os.environ["XDG_CACHE_HOME"]),)


def test_a_pickle_in_the_folder_is_never_opened(out: Path, tmp_path: Path) -> None:
    mark = tmp_path / "cache"
    assert not mark.exists()
    (path,) = out.rglob("naive_bayes/seed-*.npz")
    buffer = io.BytesIO()
    np.savez(buffer, proba=np.array([Bomb()], dtype=object))
    path.write_bytes(buffer.getvalue())
    for name in ("model.pkl", "seed-0-000000000000.pkl", "seed-0-000000000000.json"):
        (path.parent / name).write_bytes(pickle.dumps(Bomb()))
    assert main(["report", "--out", str(out)]) == 0
    assert main(["verify", "--out", str(out)]) == 1
    api.run("naive_bayes", "iris", protocol="holdout", executor="inline", out=out)
    assert not mark.exists()
