from __future__ import annotations

import dataclasses
import time
import warnings

import numpy as np
import pandas as pd
import pytest

from suite import models
from suite.fitting import fit, fit_predict, measure
from suite.models.catalogue import MODELS, resolve
from suite.schema import Context, FitOutput, Job, ModelSpec, Task


def job(model: str = "dummy", n: int = 60, **params: object) -> Job:
    generator = np.random.default_rng(3)
    X = pd.DataFrame({"f0": generator.normal(size=n), "f1": generator.normal(size=n)})
    y = (X["f0"] > 0).to_numpy().astype(int)
    task = Task(
        kinds=("numeric", "numeric"),
        levels=(0, 0),
        n_train=n - 20,
        n_features=2,
        n_classes=2,
        validation=np.arange(n - 28, n - 20),
    )
    train, test = slice(0, n - 20), slice(n - 20, n)
    return Job(
        model=model,
        params={**resolve(model).params, **params},
        task=task,
        X_train=X.iloc[train],
        y_train=y[train],
        X_test=X.iloc[test].reset_index(drop=True),
        seed=1,
        threads=1,
    )


def with_model(monkeypatch: pytest.MonkeyPatch, build: object, **fields: object) -> None:
    spec = ModelSpec(name="dummy", family="custom", summary="", build=build, **fields)  # type: ignore[arg-type]
    monkeypatch.setattr(fit, "resolve", lambda name: models.catalogue.ModelChoice("dummy", spec, {}, "1"))


class Fails:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def fit(self, X: object, y: object) -> None:
        raise self.error

    def predict_proba(self, X: object) -> None:
        raise AssertionError("not reached")


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_ok_cell_has_probabilities_labels_and_every_figure() -> None:
    output = fit_predict(job("logistic"))
    assert output.status == "ok"
    assert output.proba is not None
    assert output.proba.shape == (20, 2)
    assert output.labels is not None
    assert output.labels.tolist() == [0, 1]
    figures = {**vars(output.timing), **vars(output.resources)}
    measured = {name for name, value in figures.items() if value is not None}
    assert {"fit_s", "predict_s", "latency_ms_p50", "latency_ms_p95", "cpu_s", "import_s"} <= measured
    assert all(figures[name] >= 0 for name in measured)


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (ValueError("\nno good:\n  at all"), "error", "ValueError: no good: at all"),
        (KeyError(), "error", "KeyError"),
        (Unspeakable(), "error", "Unspeakable: cannot tell its message"),
        (MemoryError("12 GB"), "out_of_memory", "MemoryError: 12 GB"),
        (SystemExit(3), "crash", "SystemExit: the model ended its process: 3"),
    ],
)
def test_a_failing_model_becomes_an_output_with_a_reason(
    error: BaseException, status: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_model(monkeypatch, lambda task, context: Fails(error))
    output = fit_predict(job())
    assert output.status == status
    assert output.failure is not None
    assert output.failure.kind == type(error).__name__
    assert output.failure.message == message
    assert output.proba is None


@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_a_long_message_is_cut_and_stands_whole_in_the_log(
    kind: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "feature " * 200 + "and no more"
    with_model(monkeypatch, lambda task, context: Fails(kind(said)))
    failure = fit_predict(job()).failure
    assert failure is not None
    assert len(failure.message) == 300
    assert failure.message.endswith("…")
    assert said in failure.log


class Odd:
    """Works, but for what a test does to it."""

    def fit(self, X: object, y: object) -> None:
        warnings.warn("", UserWarning, stacklevel=2)

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        if len(X) == 1:
            raise ValueError("one row\nis not enough")
        return np.full((len(X), 2), 0.5)


def test_what_goes_wrong_after_the_predictions_leaves_them_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_model(monkeypatch, lambda task, context: Odd())
    output = fit_predict(job())
    assert output.status == "ok"
    assert output.proba is not None
    assert output.timing.latency_ms_p50 is None
    assert output.notes == ("UserWarning: ", "it cannot predict a single row: one row")


def test_predictions_stay_when_the_model_uses_their_memory_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Thrifty(Odd):
        kept = np.full((20, 2), 0.5)

        def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
            self.kept[: len(X)] = 0.5 if len(X) > 1 else 0.1
            return self.kept[: len(X)]

    with_model(monkeypatch, lambda task, context: Thrifty())
    proba = fit_predict(job()).proba
    assert proba is not None
    assert (proba == 0.5).all()


@pytest.mark.parametrize(
    ("attributes", "notes"),
    [
        ({"notes_": None, "histories_": None}, ()),
        ({"notes_": [np.int64(3)], "histories_": [object()]}, ("3",)),
        ({"notes_": np.arange(2), "histories_": {"a": 1}}, ()),
    ],
)
def test_attributes_of_a_users_model_may_be_anything(
    attributes: dict[str, object], notes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = MODELS["dummy"].build(job().task, Context(seed=0, threads=1))
    vars(model).update(attributes)
    with_model(monkeypatch, lambda task, context: model)
    output = fit_predict(job())
    assert (output.status, output.notes, output.curve) == ("ok", notes, None)


def test_a_model_that_predicts_slowly_is_not_asked_for_all_rows_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Slow(Odd):
        asked = 0

        def predict(self, X: pd.DataFrame) -> np.ndarray:
            self.asked += len(X)
            return np.zeros(len(X))

    model = Slow()
    with_model(monkeypatch, lambda task, context: model)
    monkeypatch.setattr(measure, "CHECKED_S", 0.0)
    assert fit_predict(job()).status == "ok"
    assert model.asked == 0


def test_a_missing_package_is_skipped_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with_model(monkeypatch, None, requires=("no_such_package_here",))
    output = fit_predict(job())
    assert output.status == "skipped"
    assert output.failure is not None
    assert output.failure.message == "no_such_package_here is not installed"


def test_a_models_warnings_are_kept_as_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    output = fit_predict(job("logistic", max_iter=1))
    assert any(note.startswith("ConvergenceWarning") for note in output.notes)


def test_progress_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(task: Task, context: Context) -> object:
        context.report(1, {"loss": 0.5})
        return MODELS["dummy"].build(task, context)

    with_model(monkeypatch, build)
    seen: list[tuple[int, dict[str, float]]] = []
    fit_predict(job(), report=lambda step, values: seen.append((step, dict(values))) is None)
    assert seen[-1] == (1, {"loss": 0.5})


def test_a_model_is_built_with_the_seed_the_threads_and_the_role_of_its_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: list[Context] = []

    def build(task: Task, context: Context) -> object:
        built.append(context)
        return MODELS["dummy"].build(task, context)

    with_model(monkeypatch, build)
    fit_predict(dataclasses.replace(job(), seed=1234, threads=3, inner=True))
    fit_predict(job())
    assert [(c.seed, c.threads, c.inner, c.deadline) for c in (built[-2], built[-1])] == [
        (1234, 3, True, None),
        (1, 1, False, None),
    ]


def test_a_models_deadline_lies_within_its_time_limit_and_leaves_time_to_predict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit_s, deadlines = 1e6, []

    def build(task: Task, context: Context) -> object:
        deadlines.append(context.deadline)
        return MODELS["dummy"].build(task, context)

    with_model(monkeypatch, build)
    before = time.monotonic()
    fit_predict(dataclasses.replace(job(), time_limit_s=limit_s))
    left = deadlines[-1] - before
    assert 0.9 * limit_s < left < 0.99 * limit_s


@pytest.mark.parametrize("inner", [False, True])
def test_a_network_uses_programs_that_were_compiled_before_in_trials_alone(
    monkeypatch: pytest.MonkeyPatch, inner: bool
) -> None:
    reuse = []

    def build(task: Task, context: Context) -> object:
        network = MODELS["keras_mlp"]
        reuse.append(network.build(task, context, **network.params)[-1].reuse)
        return MODELS["dummy"].build(task, context)

    with_model(monkeypatch, build)
    fit_predict(dataclasses.replace(job(), inner=inner))
    assert reuse[-1] is inner


def test_a_job_carries_no_test_label_and_no_path() -> None:
    fields = {field.name for field in dataclasses.fields(Job)}
    assert fields == {
        "model", "params", "task", "X_train", "y_train", "X_test", "seed", "threads", "time_limit_s", "inner",
    }  # fmt: skip
    assert "y_test" not in {field.name for field in dataclasses.fields(FitOutput)}


def test_what_the_warm_up_warns_of_is_no_note_of_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "_warm", {})
    output = fit_predict(job("logistic_splines"))
    assert (output.status, output.notes) == ("ok", ())
