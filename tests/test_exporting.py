"""A model of a board as a folder: compared with its record, fitted on all rows, or refused in a sentence."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt

import suite
from suite import exporting
from suite.errors import ExportError, UnknownName, UsageError
from suite.exports.child import Answer
from suite.exports.folder import MANIFEST, read
from suite.exports.request import Request, find
from suite.models.catalogue import MODELS
from suite.names import format_name
from suite.predictions_file import predictions_digest
from suite.store import Store

N = 240


def write(path: Path, n: int = N, seed: int = 0) -> Path:
    """Write a table with a decimal comma, dates, text and gaps."""
    rng = np.random.default_rng(seed)
    price, size = rng.gamma(2, 500, n), rng.normal(size=n)
    plan = rng.choice(["free", "pro"], n)
    pd.DataFrame(
        {
            "Preis": [f"{p:.2f}".replace(".", ",") for p in price],
            "Datum": (
                pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D")
            ).strftime("%d.%m.%Y"),
            "Stadt": rng.choice(["Köln", "Rom", "Oslo"], n),
            "Plan": plan,
            "x": [f"{v:.4f}".replace(".", ",") if rng.random() > 0.05 else "n/a" for v in size],
            "churn": np.where(price / 500 + size + 1.5 * (plan == "pro") > 2.5, "yes", "no"),
        }
    ).to_csv(path, sep=";", index=False)
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table, and the results of a run on it."""
    folder = tmp_path_factory.mktemp("ran")
    table = write(folder / "table.csv")
    suite.run(
        ["logistic", "logistic:C=0.1", "naive_bayes"],
        table,
        "churn",
        protocol="holdout",
        executor="inline",
        threads=1,
        out=folder / "results",
    )
    return folder


@pytest.fixture
def folder(ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the current folder."""
    shutil.copytree(ran / "results", tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def made(ran: Path) -> exporting.Export:
    return suite.export("logistic:C=0.1", results=ran / "results", out=ran / "model")


def test_an_export_gives_the_stored_probabilities_and_is_fitted_on_all_rows(
    made: exporting.Export, ran: Path
) -> None:
    assert made.difference <= exporting.TOLERANCE
    assert (made.n_compared, made.n_rows) == (48, N)
    about, contents = read(made.folder)
    assert sorted(contents) == ["README.md", "model.skops", "recipe.json"]
    assert (about.model, about.params["C"], about.classes) == ("logistic:C=0.1", 0.1, ("no", "yes"))
    assert "C=0.1," in made.python
    rows = pd.read_csv(ran / "table.csv", sep=";")
    model = suite.load_model(made.folder)
    assert (model.predict(rows) == rows["churn"]).mean() > 0.8
    shuffled = rows[rows.columns[::-1]].assign(more=1)
    np.testing.assert_array_equal(model.predict_proba(shuffled), model.predict_proba(rows))


def test_an_exported_model_differs_from_that_of_the_train_rows(made: exporting.Export, ran: Path) -> None:
    store = Store(ran / "results")
    record = next(r for r in store.records() if r.model == "logistic:C=0.1")
    stored = store.predictions(record)
    rows = pd.read_csv(ran / "table.csv", sep=";").iloc[stored.rows]
    found = suite.load_model(made.folder).predict_proba(rows)
    assert 1e-6 < abs(found - stored.proba).max() < 0.2


def test_the_card_tells_data_scores_and_how_to_load(made: exporting.Export) -> None:
    page = (made.folder / "README.md").read_text()
    about, _ = read(made.folder)
    for said in (
        about.fingerprint,
        "protocol holdout",
        "accuracy |",
        "suite.load_model",
        "LogisticRegression",
        "churn",
    ):
        assert said in page
    yaml = pytest.importorskip("yaml")
    front = yaml.safe_load(page.split("---\n")[1])
    assert "license" not in front
    (result,) = front["model-index"][0]["results"]
    assert result["dataset"]["name"] == "table"
    assert {metric["type"] for metric in result["metrics"]} >= {"accuracy", "f1"}


def test_an_export_takes_the_place_of_an_earlier_one_and_of_nothing_else(
    folder: Path, made: exporting.Export
) -> None:
    shutil.copytree(made.folder, folder / "there")
    (folder / "there" / "notes.txt").write_text("mine")
    asked = Request(model="naive_bayes", out=folder / "there")
    with pytest.raises(UsageError, match=r"there holds notes.txt beside an exported model"):
        exporting.export(asked, print)
    (folder / "there" / MANIFEST).unlink()
    with pytest.raises(UsageError, match="holds no model that suite exported"):
        exporting.export(asked, print)
    assert (folder / "there" / "notes.txt").read_text() == "mine"
    (folder / "file").write_text("mine")
    with pytest.raises(UsageError, match="is no folder"):
        exporting.export(replace(asked, out=folder / "file"), print)


@pytest.mark.slow
def test_an_earlier_export_is_replaced_whole(folder: Path, made: exporting.Export) -> None:
    shutil.copytree(made.folder, folder / "there")
    exporting.export(Request(model="naive_bayes", out=folder / "there"), print)
    assert read(folder / "there")[0].model == "naive_bayes"
    assert sorted(path.name for path in folder.iterdir()) == ["results", "there"]


class Answers:
    """Stands for the child that reads a model again."""

    def __init__(self, proba: np.ndarray) -> None:
        self.proba = proba

    def read(self, *asked: object) -> Answer:
        return Answer({}, self.proba)


@pytest.mark.parametrize(
    ("refit", "again", "said"),
    [
        (1e-7, 1e-7, ""),
        (1e-4, 1e-4, "fitted again, naive_bayes gives other probabilities than its record, by up to 0.0001"),
        (
            0.0,
            1e-4,
            "saved and read again, naive_bayes gives other probabilities than before, by up to 0.0001",
        ),
    ],
)
def test_a_refit_and_what_is_read_again_have_to_give_the_stored_probabilities(
    refit: float, again: float, said: str, folder: Path
) -> None:
    store = Store(folder / "results")
    record = next(r for r in store.records() if r.model == "naive_bayes")
    stored = store.predictions(record)
    fitted = Answer({"estimator": {}}, stored.proba + refit)
    given = (record, stored, fitted, Answers(stored.proba + again), None, folder)
    if not said:
        assert exporting._compare(*given) <= exporting.TOLERANCE  # type: ignore[arg-type]
        return
    with pytest.raises(ExportError, match=said):
        exporting._compare(*given)  # type: ignore[arg-type]
    elsewhere = replace(record, provenance=replace(record.provenance, cpu="another"))
    assert exporting._why(elsewhere) == "it was run on another processor (another); run it again here"
    assert record.basis
    older = replace(record, basis=replace(record.basis, packages={"scikit-learn": "0.1"}))
    assert exporting._why(older).startswith("versions differ (scikit-learn was 0.1 and is ")


@pytest.mark.slow
def test_a_record_that_the_refit_does_not_give_is_not_exported(folder: Path) -> None:
    store = Store(folder / "results")
    record = next(r for r in store.records() if r.model == "naive_bayes")
    found = store.predictions(record)
    # As from a machine that computes otherwise: whole and sound, and not what a fit gives here.
    proba = found.proba[:, ::-1].copy()
    other = replace(found, proba=proba)
    store.save(replace(record, predictions_sha256=predictions_digest(other)), other)
    with pytest.raises(ExportError, match=r"fitted again, naive_bayes gives other probabilities .* by up to"):
        exporting.export(Request(model="naive_bayes", out=folder / "out"), print)
    assert sorted(path.name for path in folder.iterdir()) == ["results"]


def changed(folder: Path, **changes: object) -> None:
    """Save the record of naive_bayes again with other fields."""
    store = Store(folder / "results")
    record = next(r for r in store.records() if r.model == "naive_bayes")
    store.save(replace(record, **changes), store.predictions(record))


def test_a_table_that_was_changed_or_moved_is_refused_with_what_to_say(folder: Path, ran: Path) -> None:
    store = Store(folder / "results")
    features = next(iter(store.records())).features
    changed(folder, features=replace(features, file="gone.csv"))
    with pytest.raises(
        UsageError, match=r"the table 'gone.csv' is not here; say where it is now with --table FILE"
    ):
        exporting.export(Request(model="naive_bayes"), print)
    write(folder / "other.csv", seed=1)
    with pytest.raises(
        UsageError, match=r"other.csv is not the table that naive_bayes was fitted on \(fingerprint"
    ):
        exporting.export(Request(model="naive_bayes", table="other.csv"), print)
    changed(folder, features=replace(features, file=None, live=True))
    with pytest.raises(UsageError, match=r"was fitted on a table given in Python: give it again"):
        exporting.export(Request(model="naive_bayes"), print)


def test_a_fit_that_was_cut_short_or_of_another_version_is_refused(folder: Path) -> None:
    store = Store(folder / "results")
    resources = next(iter(store.records())).resources
    changed(folder, resources=replace(resources, cut_short_at_s=3.0))
    with pytest.raises(ExportError, match="was ended by its time limit"):
        exporting.export(Request(model="naive_bayes"), print)


@pytest.mark.slow
def test_a_fit_that_takes_longer_than_it_may_is_ended_and_leaves_nothing(folder: Path) -> None:
    with pytest.raises(
        ExportError, match=r"naive_bayes could not be fitted \(was not done within 0\.0001 s\)"
    ):
        exporting.export(Request(model="naive_bayes", out=folder / "out", time_limit_s=1e-4), print)
    assert sorted(path.name for path in folder.iterdir()) == ["results"]


def test_names_that_stand_on_no_board_are_refused_with_the_nearest(folder: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean logistic"):
        exporting.export(Request(model="logistics"), print)
    with pytest.raises(UnknownName, match="tuned"):
        exporting.export(Request(model="logistic", variant="tuned"), print)
    with pytest.raises(UnknownName, match="board of a protocol named 'cv5'"):
        exporting.export(Request(protocol="cv5"), print)
    with pytest.raises(
        UsageError, match="no record in nowhere: nothing to export; name the folder with --results"
    ):
        exporting.export(Request(results=Path("nowhere")), print)


def test_another_spelling_of_a_name_finds_its_row(folder: Path) -> None:
    _, row, record = find(Store(folder / "results"), Request(model="logistic:C=1e-1"))
    assert (row.model, record.model) == ("logistic:C=0.1", "logistic:C=0.1")
    board, row, _ = find(Store(folder / "results"), Request())
    assert row is board.best


def test_a_model_of_the_users_own_is_refused(folder: Path) -> None:
    changed(folder, family="custom")
    with pytest.raises(UsageError, match="naive_bayes is a model of your own: only suite's own can be saved"):
        exporting.export(Request(model="naive_bayes"), print)


@pytest.mark.slow
def test_of_several_boards_one_has_to_be_named(tmp_path: Path) -> None:
    out = tmp_path / "r"
    suite.run("dummy", ["iris", "wine"], executor="inline", threads=1, protocol="holdout", out=out)
    with pytest.raises(UsageError, match="holds 2 boards: say which with --data iris --protocol holdout"):
        exporting.export(Request(results=out), print)
    _, _, record = find(Store(out), Request(dataset="wine"))
    assert record.dataset == "wine"


@pytest.mark.slow
def test_a_table_given_in_python_is_exported_with_it_given_again(tmp_path: Path) -> None:
    rows = pd.read_csv(write(tmp_path / "table.csv"), sep=";")
    suite.run(
        "naive_bayes",
        {"mine": rows},
        "churn",
        protocol="cv3",
        executor="inline",
        threads=1,
        out=tmp_path / "r",
    )
    made = suite.export(
        "naive_bayes", table=rows, target="churn", results=tmp_path / "r", out=tmp_path / "model"
    )
    assert made.difference <= exporting.TOLERANCE
    assert len(suite.load_model(made.folder).predict(rows)) == N


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["grouped:Stadt:cv2", "time:Datum", "predefined:Plan", "cv3x2"])
def test_every_protocol_can_be_exported_from(protocol: str, tmp_path: Path) -> None:
    table = write(tmp_path / "table.csv")
    out = tmp_path / "r"
    suite.run("hist_gb", table, "churn", protocol=protocol, executor="inline", threads=1, seeds=2, out=out)
    made = suite.export("hist_gb", results=out, out=tmp_path / "model")
    assert made.difference <= exporting.TOLERANCE
    assert len(suite.load_model(made.folder).predict(pd.read_csv(table, sep=";"))) == N


# Of the networks, whose parts `exports/test_estimator.py` reads again, one that is single and one that is several.
ENDS = [n for n in MODELS if MODELS[n].family != "neural" or n in ("keras_tuned", "keras_ensemble")]
SHORT = {"epochs": 2, "members": 2, "n_estimators": 20, "max_rounds": 50, "outer_bags": 2}


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDS)
def test_a_model_of_every_entry_exports_reloads_and_agrees(name: str, tmp_path: Path) -> None:
    table = write(tmp_path / "table.csv")
    short = {key: value for key, value in SHORT.items() if key in MODELS[name].params}
    found = suite.run(
        format_name(name, short), table, "churn", protocol="holdout", threads=1, out=tmp_path / "r"
    )
    record = found.records[0]
    if record.status == "skipped":
        pytest.skip(f"{MODELS[name].requires[-1]} is not installed")
    made = suite.export(record.model, results=tmp_path / "r", out=tmp_path / "model")
    assert made.difference <= exporting.TOLERANCE
    assert made.python.startswith("from ") or name == "dummy"
    rows = pd.read_csv(table, sep=";")
    assert suite.load_model(made.folder).predict_proba(rows).shape == (N, 2)


@pytest.mark.slow
def test_hostile_names_do_nothing_in_a_card(tmp_path: Path) -> None:
    names = ['"a": b', "--- #<script>", "[x](javascript:1)", "`|`\u202e\x1b[31m", "{{ x }}"]
    rows = pd.DataFrame({name: np.arange(60) * (i + 2) % 17 / 3 for i, name in enumerate(names)})
    rows["'\n: !!python/object:os"] = np.where(np.arange(60) % 3, "y\u2028- x", "</details>")
    rows.to_csv(tmp_path / "t: [a].csv", index=False)
    table, target = tmp_path / "t: [a].csv", rows.columns[-1]
    found = suite.run("naive_bayes", table, target, protocol="holdout", executor="inline", out=tmp_path / "r")
    made = suite.export("naive_bayes", results=tmp_path / "r", out=tmp_path / "model")
    page = (made.folder / "README.md").read_text()
    assert all(mark.isprintable() or mark == "\n" for mark in page)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).enable("table").parse(page.split("---\n", 2)[2])
    kinds = {token.type for token in tokens} | {
        part.type for token in tokens for part in token.children or ()
    }
    assert not kinds & {"link_open", "html_inline", "html_block", "image", "hr"}
    yaml = pytest.importorskip("yaml")
    front = yaml.safe_load(page.split("---\n")[1])
    assert front["model-index"][0]["results"][0]["dataset"]["name"] == "t: [a]"
    assert found.records
    assert json.loads((made.folder / MANIFEST).read_text())["target"] == found.records[0].target
