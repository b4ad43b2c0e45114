"""The gate: what breaks it, what does not, and how often it errs."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from suite.analysis import pairs
from suite.analysis.changes import Change
from suite.analysis.gate import Found, Gate, gate, judged
from suite.analysis.matching import Matched, Table, tables
from suite.analysis.tolerances import KEYS, MEASURES, tolerances
from suite.errors import UsageError
from suite.schema import Failure, Provenance, Resources, Timing

N = 360


@pytest.fixture(scope="module")
def made() -> ModuleType:
    """`benchmarks/gate.py`, which makes up folders."""
    path = Path(__file__).parents[2] / "benchmarks" / "gate.py"
    spec = importlib.util.spec_from_file_location("gate_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["gate_benchmark"] = module
    spec.loader.exec_module(module)
    return module


def certain(y: np.ndarray, wrong: int, sure: float = 0.9) -> np.ndarray:
    """Probabilities of two classes that have all rows right but the first `wrong`."""
    said = y.copy()
    said[:wrong] = 1 - said[:wrong]
    proba = np.full((len(y), 2), 1 - sure)
    proba[np.arange(len(y)), said] = sure
    return proba


def folder(
    made: ModuleType, wrong: dict[str, int], n: int = N, splits: Sequence[str] = ("holdout-42",)
) -> Any:
    """A folder of models, each with so many rows wrong."""
    found, y = made.Memory(), np.arange(n) % 2
    for model, count in wrong.items():
        for split in splits:
            found.add(model, y, certain(y, count), split)
    return found


def compared(old: Any, new: Any, *asked: str, metric: str = "accuracy") -> Gate:
    return gate(tables(old.records, new.records), old, new, metric, tolerances(asked))


def changed(found: Any, **fields: Any) -> Any:
    """Change all records of a folder; its predictions stay."""
    found.records = [replace(record, **fields) for record in found.records]
    return found


def identified(found: Any, **fields: Any) -> Any:
    found.records = [replace(record, id=replace(record.id, **fields)) for record in found.records]
    return found


def only(gate: Gate) -> tuple[str, str]:
    (one,) = gate.models
    return one.verdict, one.why


def test_a_folder_beside_itself_passes_and_nothing_is_tested(made: ModuleType) -> None:
    both = [folder(made, {"a": 20, "b": 40}) for _ in range(2)]
    found = compared(*both, "accuracy:0", "log_loss:0%", "status", "fit:0%")
    assert not found.breaches
    assert found.n_tests == 0
    assert {one.verdict for one in found.models} == {"not shown to be worse"}
    assert {one.why for one in found.models} == {"the predictions are the same"}


def test_a_model_that_got_worse_breaks_and_one_that_got_better_does_not(made: ModuleType) -> None:
    found = compared(
        folder(made, {"a": 10, "b": 60}), folder(made, {"a": 40, "b": 20}), "accuracy:0.5pt", "log_loss:2%"
    )
    assert [one.verdict for one in found.models] == ["worse", "better"]
    accuracy, loss = found.breaches
    assert accuracy.startswith("a on made, holdout: accuracy fell by 8.3 points (5.9 to 12)")
    assert accuracy.endswith("from 0.9722 to 0.8889; allowed: 0.5 points.")
    assert "log loss grew by 0.183" in loss
    answers = found.models[0].answers
    assert answers is not None
    assert (answers.n_rows, answers.changed, answers.only_old, answers.only_new) == (N, 30, 30, 0)


def test_a_real_drop_within_its_tolerance_breaks_nothing(made: ModuleType) -> None:
    both = folder(made, {"a": 10}), folder(made, {"a": 20})
    assert compared(*both).models[0].verdict == "worse"
    assert compared(*both, "accuracy:2pt").breaches
    assert not compared(*both, "accuracy:3pt").breaches
    assert compared(*both, "accuracy:2.8%").breaches
    assert not compared(*both, "accuracy:2.9%").breaches
    assert compared(*both, "accuracy:0.027").breaches
    assert not compared(*both, "accuracy:0.028").breaches


def gates_of(b: np.ndarray, c: np.ndarray, n: int, asked: str) -> list[Gate]:
    """Gates of models, (n_gates, n_models), given the rows that only the new and only the old one has right."""
    tested = pairs.accuracy(b, c, b + c, n)
    entry: Any = type("Of", (), {"ok": {("s", 0)}, "records": {("s", 0): type("R", (), {"key": "k"})}})
    table = Table(dataset="d", protocol="p", target="", positive=None, classes=("0", "1"), models=())
    untimed = {key: Change(key=key) for key in MEASURES}

    def found(i: int, j: int) -> Found:
        d, low, high, p = (float(part[i, j]) for part in tested)
        change = Change(
            key="accuracy",
            old=0.9,
            new=0.9 + d,
            difference=d,
            low=low,
            high=high,
            p=p,
            method="tango",
            n_rows=n,
            discordant=float(b[i, j] + c[i, j]) / n,
        )
        matched = Matched(model=f"m{j}", old=entry, new=entry)
        return Found(table, matched, {"accuracy": change, **untimed}, None)

    return [
        judged([found(i, j) for j in range(b.shape[1])], "accuracy", tolerances(asked)) for i in range(len(b))
    ]


@pytest.mark.parametrize("n_models", [1, 15])
def test_of_200_changes_that_are_noise_one_in_twenty_at_most_breaks_the_gate(n_models: int) -> None:
    rng = np.random.default_rng(7)
    discordant = rng.binomial(1000, 0.1, size=(200, n_models))
    b = rng.binomial(discordant, 0.5)
    gates = gates_of(b * 1.0, (discordant - b) * 1.0, 1000, "accuracy:0")
    assert sum(any(one.verdict == "worse" for one in gate.models) for gate in gates) <= 10
    assert 0 < sum(bool(gate.breaches) for gate in gates) <= 10


@pytest.mark.parametrize(("n", "points"), [(360, 0.5), (360, 4.0), (1000, 2.0), (5000, 0.5), (5000, 1.5)])
def test_a_drop_of_twice_the_tolerance_is_found_or_the_gate_says_that_the_rows_cannot_show_it(
    n: int, points: float
) -> None:
    rng = np.random.default_rng(8)
    noise = rng.binomial(n, 0.02, size=(200, 1))
    b = rng.binomial(noise, 0.5)
    c = noise - b + rng.binomial(n, 2 * points / 100, size=b.shape)
    gates = gates_of(b * 1.0, c * 1.0, n, f"accuracy:{points}pt")
    caught = sum(bool(gate.breaches) for gate in gates)
    assert caught >= 180 or caught + sum(bool(gate.remarks) for gate in gates) == 200
    assert (caught >= 180) == ((n, points) != (360, 0.5))


def test_what_the_rows_cannot_show_is_said_with_the_least_that_they_show(made: ModuleType) -> None:
    found = compared(folder(made, {"a": 10}), folder(made, {"a": 11}), "accuracy:0.5pt")
    (remark,) = found.remarks
    assert remark == (
        "made, holdout, a: 360 test rows cannot show a drop of 0.5 points in accuracy: the least that they show 4 "
        "times in 5 is 2.1 points."
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda new: identified(new, fingerprint="g" * 9), "the data are others (f, now gggggggg)"),
        (lambda new: changed(new, split_fingerprint="another"), "the splits are others"),
        (lambda new: changed(new, classes=("x", "y")), "the classes are others"),
        (
            lambda new: changed(new, status="timeout", failure=Failure(kind="timeout", message="after 9 s")),
            "it has no score in NEW (timeout: after 9 s)",
        ),
        (lambda new: identified(new, seed=3), "no split and seed has a score in both"),
    ],
    ids=["data", "splits", "classes", "no score", "seed"],
)
def test_what_cannot_be_paired_is_incomparable_and_says_why(made: ModuleType, change: Any, why: str) -> None:
    found = compared(folder(made, {"a": 10}), change(folder(made, {"a": 60})), "accuracy:0")
    assert only(found) == ("incomparable", why)
    assert not found.breaches
    assert found.remarks == (f"made, holdout, a: no test of accuracy, so nothing there can break: {why}.",)


def test_other_rows_or_labels_are_never_paired(made: ModuleType) -> None:
    new = made.Memory()
    y = 1 - np.arange(N) % 2
    new.add("a", y, certain(y, 60))
    assert only(compared(folder(made, {"a": 10}), new)) == (
        "incomparable",
        "other rows were tested, or their labels are others",
    )


def test_a_model_in_one_folder_only_is_incomparable(made: ModuleType) -> None:
    found = compared(folder(made, {"a": 10, "gone": 10}), folder(made, {"a": 10, "new": 10}), "accuracy:0")
    assert {one.model: one.why for one in found.models if one.verdict == "incomparable"} == {
        "gone": "it is not in NEW",
        "new": "it is not in OLD",
    }
    # One that was never there has nothing to be held to.
    assert len(found.remarks) == 1


def test_without_predictions_equal_figures_pass_and_others_are_incomparable(made: ModuleType) -> None:
    old, new = folder(made, {"a": 10, "b": 10}), folder(made, {"a": 10, "b": 60})
    old._predictions.clear()
    changed(old, predictions_sha256="0")
    found = compared(old, new, "accuracy:0")
    assert [one.verdict for one in found.models] == ["not shown to be worse", "incomparable"]
    assert found.models[0].why == "the figures are the same"
    assert found.models[1].why == "the predictions in OLD are not there, and without them no test can be made"
    assert not found.breaches


def test_the_same_digest_needs_no_predictions(made: ModuleType) -> None:
    both = [folder(made, {"a": 10}) for _ in range(2)]
    for one in both:
        one._predictions.clear()
    assert only(compared(*both)) == ("not shown to be worse", "the predictions are the same")


def test_status_breaks_on_a_model_that_has_lost_its_score_in_some_fits(made: ModuleType) -> None:
    splits = ("cv2-f0", "cv2-f1")
    old, new = (folder(made, {"a": 10, "b": 10}, splits=splits) for _ in range(2))
    fails = Failure(kind="timeout", message="stopped after 9 s")
    new.records = [
        replace(r, status="timeout", failure=fails) if r.model == "a" and r.split == splits[1] else r
        for r in new.records
    ]
    assert compared(old, new, "status").breaches == (
        "a on made, holdout: it had a score and has none any more in 1 of 2 fits: timeout: stopped after 9 s.",
    )
    new.records = [r for r in new.records if r.model != "b"]
    assert compared(old, new, "status").breaches[1] == (
        "b on made, holdout: it had a score and has none any more: it was not run."
    )


def test_fits_that_no_model_has_any_more_are_not_lost(made: ModuleType) -> None:
    old = folder(made, {"a": 10, "b": 10}, splits=("cv2-f0", "cv2-f1"))
    new = folder(made, {"a": 10, "b": 10}, splits=("cv2-f0",))
    assert not compared(old, new, "status").breaches


def test_a_change_within_what_the_seed_alone_does_is_not_called_worse(made: ModuleType) -> None:
    y = np.arange(N) % 2
    old, new = made.Memory(), made.Memory()
    for seed, (before, now) in enumerate([(2, 22), (30, 50)]):
        old.add("a", y, certain(y, before), seed=seed)
        new.add("a", y, certain(y, now), seed=seed)
    (one,) = compared(old, new, "accuracy:0").models
    change = one.changes["accuracy"]
    assert change.high is not None
    assert change.high < 0
    assert one.verdict == "not shown to be worse"
    still = [changed(folder_, seeded=False) for folder_ in (folder(made, {"a": 2}), folder(made, {"a": 22}))]
    assert compared(*still, "accuracy:0").breaches


def test_among_many_tests_a_collapse_is_found_by_draws_too(made: ModuleType) -> None:
    # 2,000 draws alone cannot say less than 0.001, which times 120 tests is no evidence.
    old, new = folder(made, {"a": 10}), folder(made, {"a": 180})
    (one,) = compared(old, new, metric="log_loss").models
    p = one.changes["log_loss"].p
    assert p is not None
    assert p * 120 < 0.05


def timed(found: Any, scale: float, cpu: str = "one", threads: int = 1, load: float = 1.0) -> Any:
    rng = np.random.default_rng(int(100 * scale))
    found.records = [
        replace(
            record,
            timing=Timing(fit_s=scale * float(np.exp(0.03 * rng.standard_normal())), load=load),
            resources=Resources(threads=threads),
            provenance=Provenance(cpu=cpu, cores=2, os="Linux"),
        )
        for record in found.records
    ]
    return found


FOLDS = tuple(f"cv5-f{i}" for i in range(5))


def test_longer_fits_break_where_several_fits_show_it(made: ModuleType) -> None:
    def both(scale: float, splits: Sequence[str] = FOLDS, **where: Any) -> list[Any]:
        return [
            timed(folder(made, {"a": 10}, n=40, splits=splits), 1.0),
            timed(folder(made, {"a": 10}, n=40, splits=splits), scale, **where),
        ]

    (breach,) = compared(*both(1.5), "fit:20%").breaches
    assert "fit time grew by" in breach
    assert not compared(*both(1.1), "fit:20%").breaches
    assert compared(*both(1.5), "fit:0.3s").breaches
    assert not compared(*both(1.5), "fit:0.9s").breaches
    alone = compared(*both(3.0, FOLDS[:1]), "fit:20%")
    assert not alone.breaches
    assert "1 fit has no interval: at least 3 are needed on both sides" in alone.remarks[0]
    for where, why in (
        ({"cpu": "two"}, "the processors differ (one; now two)"),
        ({"threads": 2}, "the threads differ (1; now 2)"),
        ({"load": 9.0}, "the machine was busier in one of them (load 1.0, now 9.0)"),
    ):
        elsewhere = compared(*both(3.0, **where), "fit:20%")
        assert not elsewhere.breaches
        assert elsewhere.remarks[0].endswith(f"{why}.")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("accuracy:0.5pt", "accuracy falls by more than 0.5 points"),
        ("accuracy:0.01", "accuracy falls by more than 1 point"),
        ("log_loss:2%", "log loss grows by more than 2 %"),
        ("log_loss:0.01", "log loss grows by more than 0.01"),
        ("mcc:1 pt", "Matthews correlation falls by more than 1 point"),
        ("fit:20%", "fit time grows by more than 20 %"),
        ("latency:1.5ms", "latency of one row grows by more than 1.5 ms"),
        ("memory:50", "added memory grows by more than 50 MB"),
        ("status", "a model has lost its score"),
    ],
)
def test_a_tolerance_is_said_as_it_is_meant(asked: str, words: str) -> None:
    assert tolerances(asked)[0].rule == words


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("acuracy:1pt", "no key to fail on named 'acuracy'; did you mean accuracy?"),
        ("accuracy", "accuracy needs a tolerance, such as accuracy:0.5pt"),
        ("fit", "fit needs a tolerance, such as fit:20%"),
        ("accuracy:-1pt", "'-1pt' is no tolerance of accuracy"),
        ("accuracy:nan", "'nan' is no tolerance of accuracy"),
        ("accuracy:0,5pt", "'0,5pt' is no tolerance of accuracy"),
        ("accuracy:1e999pt", "no tolerance of accuracy"),
        ("accuracy:99999999999999pt", "can never break"),
        ("accuracy:1", "can never break; did you mean accuracy:0.5pt?"),
        ("accuracy:100%", "can never break"),
        ("fit:1pt", "'1pt' is no tolerance of fit"),
        ("log_loss:1s", "'1s' is no tolerance of log_loss"),
        ("status:1", "status has no tolerance"),
        ("", "no key to fail on named ''"),
        ("\x1b[2J:1pt", "no key to fail on named"),
    ],
)
def test_a_tolerance_that_is_none_is_refused_with_the_nearest_right_thing(asked: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        tolerances([asked])
    assert said in str(refused.value)
    assert str(refused.value).isprintable()


def test_every_key_has_a_tolerance_and_none_is_named_twice() -> None:
    assert len(tolerances(f"{key}:1%" if key != "status" else key for key in KEYS)) == len(KEYS)
    with pytest.raises(UsageError, match="fit is named twice: fit:1% and fit:2%; keep one"):
        tolerances(["fit:1%", "fit:2%"])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_noise_breaks_no_gate_by_any_metric_more_often_than_it_may(made: ModuleType) -> None:
    rng, broken = np.random.default_rng(9), np.zeros(len(made.SETS))
    for _ in range(200):
        found = made.found_of(*made.made(N, 1, rng))
        broken += [bool(made.gate_of(found, asked).breaches) for asked in made.SETS]
    assert (broken <= 10).all(), broken
