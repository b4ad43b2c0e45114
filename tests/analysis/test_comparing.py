from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from suite.analysis.comparing import compare
from suite.analysis.comparison import Cells, Comparisons
from suite.analysis.intervals import corrected_t, wilson
from suite.analysis.pairs import mcnemar, tango
from suite.metrics import METRICS, Scored, compute, per_class
from suite.schema import CellId, Predictions, Record

Probabilities = dict[str, dict[tuple[str, int], np.ndarray]]


def _record(model: str, split: str, seed: int, protocol: str, n_classes: int, **fields: Any) -> Record:
    identity = CellId(dataset="made", fingerprint="0", protocol=protocol, split=split, model=model, seed=seed)
    return Record(id=identity, key="0", classes=tuple(f"c{k}" for k in range(n_classes)), **fields)


def _proba(y: np.ndarray, n_classes: int, skill: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    raw = rng.exponential(size=(len(y), n_classes))
    raw[np.arange(len(y)), y] += skill
    return (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)


def _compared(
    truth: dict[str, np.ndarray],
    models: Probabilities,
    protocol: str = "holdout",
    groups: dict[str, np.ndarray] | None = None,
    positive: int | None = None,
    thresholds: dict[str, float] | None = None,
) -> Comparisons:
    cells: dict[str, Cells] = {}
    predictions = {}
    for model, found in models.items():
        own = {}
        for (split, seed), proba in found.items():
            scored = Scored(truth[split], proba, positive, (thresholds or {}).get(split))
            n_classes = proba.shape[1]
            record = _record(
                model,
                split,
                seed,
                protocol,
                n_classes,
                metrics=compute(scored),
                per_class=per_class(scored, [f"c{k}" for k in range(n_classes)]),
                n_train=4 * len(proba),
                n_test=len(proba),
            )
            own[split, seed] = record
            predictions[record.id] = Predictions(
                proba=proba,
                y_true=truth[split],
                rows=np.arange(len(proba)),
                groups=groups[split] if groups else None,
            )
        seeds = {seed for each in models.values() for _, seed in each}
        cells[model] = {
            (split, seed): own.get((split, seed), own.get((split, 0))) for split in truth for seed in seeds
        }
    return compare(cells, lambda record: predictions[record.id], positive, thresholds)


@st.composite
def boards(draw: st.DrawFn) -> tuple[Comparisons, dict[str, np.ndarray], Probabilities, int | None]:
    """Draw up to three models on one split or three folds, with classes that may be absent, and equal predictions."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n_classes, n = draw(st.integers(2, 4)), draw(st.integers(2, 30))
    truth = {f"cv3-f{i}": rng.integers(n_classes, size=n + i) for i in range(draw(st.sampled_from([1, 3])))}
    positive = draw(st.sampled_from([None, 0, 1]))
    seeds = draw(st.sampled_from([[0], [0, 1]]))
    models: Probabilities = {}
    for i in range(draw(st.integers(1, 3))):
        model_seeds = seeds if i else [0]
        models[f"m{i}"] = {
            (split, seed): _proba(y, n_classes, 1.0, seed=draw(st.integers(0, 3)))
            for split, y in truth.items()
            for seed in model_seeds
        }
    return _compared(truth, models, "cv3", positive=positive), truth, models, positive


@given(boards())
@settings(max_examples=15, deadline=None)
def test_whatever_is_predicted_what_is_said_agrees_with_itself(
    case: tuple[Comparisons, dict[str, np.ndarray], Probabilities, int | None],
):
    found, truth, models, positive = case
    assert found.n_rows == sum(map(len, truth.values()))
    for name, standing in found.standings.items():
        for i, model in enumerate(found.models):
            # A split with fewer seeds that define the figure weighs as much as others.
            by_split: dict[str, list[float]] = {}
            for (split, _), proba in models[model].items():
                score = METRICS[name].score(Scored(truth[split], proba, positive))
                if score is not None:
                    by_split.setdefault(split, []).append(score)
            mean = np.mean([np.mean(each) for each in by_split.values()]) if by_split else None
            expected = None if mean is None else pytest.approx(mean, abs=1e-9)
            assert standing.scores[i] == expected, name
        if not standing.tied:
            assert not standing.pairs
            continue
        assert sum(standing.first) == pytest.approx(1)
        sign = 1 if METRICS[name].higher_is_better else -1
        ranked = [(sign * s, i) for i, s in enumerate(standing.scores) if s is not None]
        leader = max(ranked, key=lambda each: each[0])[1]
        # A figure that few draws define, as the precision of one flagged row, is not compared.
        assert standing.tied[leader] or standing.first[leader] == 0
        for first, second in combinations(found.models, 2):
            pair = found.pair(name, first, second)
            if pair is None:
                continue
            i, j = found.models.index(first), found.models.index(second)
            assert pair.difference == pytest.approx(standing.scores[i] - standing.scores[j], abs=1e-9)
            assert 0 <= pair.p <= 1
            if standing.method == "bootstrap" and pair.p < 0.05:
                assert pair.is_real
            if not pair.is_real and leader in (i, j):
                assert standing.tied[i]
                assert standing.tied[j]
    if found.models == ("m0",):
        assert found.tied("accuracy") == ("m0",)


def test_accuracy_of_shared_rows_is_compared_by_mcnemar_and_tango():
    y = np.random.default_rng(0).integers(3, size=300)
    probas = {name: _proba(y, 3, skill, seed) for name, skill, seed in (("a", 2.0, 1), ("b", 1.5, 2))}
    found = _compared({"holdout-42": y}, {name: {("holdout-42", 0): p} for name, p in probas.items()})
    right = {name: p.argmax(axis=1) == y for name, p in probas.items()}
    b, c = int((right["a"] & ~right["b"]).sum()), int((right["b"] & ~right["a"]).sum())
    pair = found.pair("accuracy", "a", "b")
    assert pair is not None
    assert (pair.only_first, pair.only_second) == (b, c)
    assert pair.p == pytest.approx(float(mcnemar(np.array(b), np.array(c))))
    assert [pair.low, pair.high] == pytest.approx(np.array(tango(np.array(b), np.array(c), np.array(300))))
    standing = found.standings["accuracy"]
    assert (standing.low[0], standing.high[0]) == pytest.approx(wilson(int(right["a"].sum()), 300)[:2])
    backward = found.pair("accuracy", "b", "a")
    assert backward is not None
    assert (backward.difference, backward.low, backward.high) == (-pair.difference, -pair.high, -pair.low)


def test_folds_are_pooled_and_seeds_averaged():
    rng = np.random.default_rng(4)
    truth = {f"cv3-f{i}": rng.integers(2, size=100) for i in range(3)}
    models = {
        "net": {(s, seed): _proba(y, 2, 0.5, seed) for s, y in truth.items() for seed in range(3)},
        "tree": {(s, 0): _proba(y, 2, 0.4, 9) for s, y in truth.items()},
    }
    found = _compared(truth, models, "cv3")
    ahead = np.concatenate(
        [
            np.mean([p.argmax(axis=1) == y for (s, _), p in models["net"].items() if s == split], axis=0)
            - (models["tree"][split, 0].argmax(axis=1) == y)
            for split, y in truth.items()
        ]
    )
    pair = found.pair("accuracy", "net", "tree")
    assert pair is not None
    assert pair.difference == pytest.approx(ahead.mean())
    assert pair.only_first == pytest.approx(ahead.clip(0).sum(), abs=1e-4)
    assert pair.only_second == pytest.approx((-ahead).clip(0).sum(), abs=1e-4)
    by_seed = [
        np.mean(
            [(p.argmax(axis=1) == truth[s]).mean() for (s, own), p in models["net"].items() if own == seed]
        )
        for seed in range(3)
    ]
    assert found.seed_spread["accuracy"] == {"net": pytest.approx(max(by_seed) - min(by_seed))}


def test_identical_models_do_not_differ_and_share_the_first_place():
    y = np.random.default_rng(0).integers(2, size=50)
    proba = _proba(y, 2, 1.0, 1)
    found = _compared({"holdout-42": y}, {name: {("holdout-42", 0): proba} for name in "ab"}, positive=1)
    for name, standing in found.standings.items():
        if name == "ece":
            assert not standing.pairs
            continue
        assert standing.tied == (True, True)
        assert standing.first == (0.5, 0.5)
        if standing.method == "tango":
            assert standing.pairs[0] is not None
            assert standing.pairs[0][0] == 0
            assert standing.pairs[0][3] == 1
        else:
            # Draws that never differ do not say how far the two may be apart.
            assert standing.pairs == (None,)


def test_groups_that_stand_or_fall_together_widen_the_interval():
    y = np.tile([0, 1], 200)
    groups = np.repeat(np.arange(20), 20)
    good = np.isin(groups, np.arange(14))
    proba = np.where((y == 1) == good, 0.9, 0.1)
    proba = np.column_stack([1 - proba, proba]).astype(np.float32)
    models = {"a": {("grouped-42", 0): proba}}
    single = _compared({"grouped-42": y}, models, "grouped:shop").standings["accuracy"]
    whole = _compared({"grouped-42": y}, models, "grouped:shop", {"grouped-42": groups})
    assert (whole.n_groups, single.method, whole.standings["accuracy"].method) == (20, "tango", "bootstrap")
    low, high = whole.standings["accuracy"].low[0], whole.standings["accuracy"].high[0]
    assert (low, high) == pytest.approx(stats.binom.ppf([0.025, 0.975], 20, 0.7) / 20, abs=0.051)
    assert single.high[0] - single.low[0] < (high - low) / 3


def test_folds_of_very_different_size_count_alike_as_on_the_board():
    truth = {"predefined-a": np.tile([0, 1], 100), "predefined-b": np.tile([0, 1], 10)}
    models = {
        name: {(split, 0): _proba(y, 2, skill, 1) for split, y in truth.items()}
        for name, skill in (("a", 2.0), ("b", 0.5))
    }
    found = _compared(truth, models, "predefined:fold")
    assert found.standings["accuracy"].method == "bootstrap"


def test_repeated_splits_are_compared_by_their_scores_and_nothing_is_loaded():
    rng = np.random.default_rng(2)
    scores = {
        "a": rng.normal(0.8, 0.02, (15, 2)),
        "b": rng.normal(0.7, 0.02, (15, 2)),
        "c": rng.normal(0.8, 0.02, (15, 2)),
    }
    splits = [f"cv5x3-r{r}f{f}" for r in range(3) for f in range(5)]

    def record(model: str, i: int, seed: int) -> Record:
        score = float(scores[model][i, seed])
        return _record(
            model,
            splits[i],
            seed,
            "cv5x3",
            2,
            metrics={"accuracy": score, "roc_auc": None, "log_loss": 1 - score},
            per_class={"c0": {"f1": score}, "c1": {"f1": None}},
            n_train=80,
            n_test=20,
        )

    models = {
        name: {(split, seed): record(name, i, seed) for i, split in enumerate(splits) for seed in range(2)}
        for name in scores
    }

    def load(record: Record) -> Predictions:
        raise AssertionError("nothing is to be loaded")

    found = compare(models, load)
    pair = found.pair("accuracy", "a", "b")
    assert pair is not None
    gaps = scores["a"].mean(axis=1) - scores["b"].mean(axis=1)
    assert (pair.low, pair.high) == pytest.approx(corrected_t(gaps.tolist(), 80, 20)[:2])
    assert pair.only_first is None
    assert found.tied("accuracy") == found.tied("log_loss") == ("a", "c")
    assert found.standings["accuracy"].first[1] == 0
    assert found.standings["roc_auc"].scores == (None, None, None)
    assert found.standings["roc_auc"].pairs == ()
    assert found.classes["c0"].tied == (True, False, True)
    assert found.classes["c0"].pairs == ()
    assert set(found.seed_spread["accuracy"]) == {"a", "b", "c"}


def test_the_same_predictions_give_the_same_comparisons():
    y = np.random.default_rng(0).integers(3, size=80)
    models = {name: {("holdout-42", 0): _proba(y, 3, 1.0, k)} for k, name in enumerate("abc")}
    assert _compared({"holdout-42": y}, models) == _compared(
        {"holdout-42": y}, dict(reversed(models.items()))
    )


def test_a_threshold_decides_where_there_is_one():
    y = np.random.default_rng(0).integers(2, size=80)
    proba = _proba(y, 2, 0.7, 1)
    found = _compared({"h": y}, {"a": {("h", 0): proba}}, positive=1, thresholds={"h": 0.2})
    assert found.standings["recall"].scores[0] == pytest.approx((proba[y == 1, 1] >= 0.2).mean())


def test_models_on_other_rows_or_cells_are_refused():
    y = np.array([0, 1, 0, 1])
    record = {name: _record(name, "h", 0, "holdout", 2) for name in "ab"}
    proba = np.full((4, 2), 0.5, dtype=np.float32)
    loads: dict[str, Callable[[], Predictions]] = {
        "a": lambda: Predictions(proba=proba, y_true=y, rows=np.arange(4)),
        "b": lambda: Predictions(proba=proba, y_true=y, rows=np.arange(4) + 1),
    }
    with pytest.raises(ValueError, match="b was not tested on the same rows as the others in h"):
        compare({name: {("h", 0): record[name]} for name in "ab"}, lambda r: loads[r.model]())
    with pytest.raises(ValueError, match="the same cells"):
        compare({"a": {("h", 0): record["a"]}, "b": {("h", 1): record["b"]}}, lambda r: loads[r.model]())


def test_no_models_are_no_comparisons():
    assert compare({}, lambda record: None) == Comparisons(models=(), n_rows=0)  # type: ignore[arg-type, return-value]


def test_four_rows_on_one_side_are_no_win_by_any_metric_of_decisions():
    y = np.arange(400) % 2
    better, worse = (np.full((400, 2), 0.5) for _ in "ab")
    better[np.arange(400), y] = 0.9
    worse[np.arange(400), y] = 0.9
    for row in (0, 2, 4, 6):
        worse[row] = worse[row, ::-1]
        worse[row, y[row]] = 0.1
    for rows in (better, worse):
        rows[np.arange(400), 1 - y] = 1 - rows[np.arange(400), y]
    cells = {name: {("holdout-42", 0): p} for name, p in (("a", better), ("b", worse))}
    found = _compared({"holdout-42": y}, cells, positive=1)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "f1", "mcc"):
        pair = found.pair(name, "a", "b")
        assert pair is not None
        assert pair.p >= 0.0625 - 1e-9, name
        assert found.tied(name) == ("a", "b"), name


@pytest.mark.slow
def test_few_groups_in_folds_give_no_certain_win():
    rng = np.random.default_rng(3)
    wins = 0
    for _ in range(60):
        truth, cells, groups = {}, {name: {} for name in "ab"}, {}
        for fold in range(5):
            split = f"grouped-f{fold}"
            y = rng.integers(2, size=40)
            truth[split], groups[split] = y, np.repeat([2 * fold, 2 * fold + 1], 20)
            for name in "ab":
                # Rows of a group are right or wrong together.
                right = np.repeat(rng.random(2) < 0.7, 20)
                proba = np.full((40, 2), 0.1)
                proba[np.arange(40), np.where(right, y, 1 - y)] = 0.9
                cells[name][split, 0] = proba
        pair = _compared(truth, cells, groups=groups).pair("accuracy", "a", "b")
        wins += pair is not None and pair.is_real
    assert wins <= 10


def test_a_fold_of_one_row_has_no_draws():
    truth = {f"cv9-f{fold}": np.array([fold % 2]) for fold in range(9)}
    cells = {
        name: {(split, 0): np.array([[0.4 + d, 0.6 - d]]) for split in truth}
        for name, d in (("a", 0.0), ("b", 0.1))
    }
    found = _compared(truth, cells)
    assert found.standings["log_loss"].pairs == ()
    assert found.pair("log_loss", "a", "b") is None


def test_a_seed_that_is_missing_on_a_fold_makes_no_difference_of_equal_predictions():
    rng = np.random.default_rng(5)
    truth = {f"cv5-f{fold}": rng.integers(2, size=40) for fold in range(5)}
    proba = {split: _proba(y, 2, 1.0 + fold, fold) for fold, (split, y) in enumerate(truth.items())}
    cells = [(split, seed) for split in truth for seed in (0, 1) if (split, seed) != ("cv5-f0", 1)]

    def record(model: str, split: str, seed: int) -> Record:
        figures = compute(Scored(truth[split], proba[split]))
        return _record(
            model, split, seed, "cv5", 2, metrics=figures, n_train=160, n_test=40, seeded=model == "mlp"
        )

    models = {
        "mlp": {(split, seed): record("mlp", split, seed) for split, seed in cells},
        "logistic": {(split, seed): record("logistic", split, 0) for split, seed in cells},
    }
    found = compare(
        models, lambda r: Predictions(proba=proba[r.split], y_true=truth[r.split], rows=np.arange(40))
    )
    for name, standing in found.standings.items():
        assert standing.scores[0] == pytest.approx(standing.scores[1], abs=1e-9), name
        if standing.pairs and standing.pairs[0]:
            assert standing.pairs[0][0] == pytest.approx(0, abs=1e-9), name
    assert all(spread == 0 for by_model in found.seed_spread.values() for spread in by_model.values())


def test_folds_of_a_few_rows_are_compared_by_means_over_rows_only():
    rng = np.random.default_rng(9)
    truth = {f"cv30-f{fold}": np.array([0, 1]) for fold in range(30)}
    cells = {
        name: {(split, 0): rng.dirichlet([1, 1], size=2).astype(np.float32) for split in truth}
        for name in "ab"
    }
    found = _compared(truth, cells, positive=1)
    assert {name for name, standing in found.standings.items() if standing.pairs} == {
        "accuracy",
        "log_loss",
        "brier",
    }
    assert found.tied("roc_auc") == ()


def test_no_interval_of_a_score_leaves_the_range_of_its_metric():
    rng = np.random.default_rng(2)
    truth = {"holdout-42": rng.integers(2, size=40)}
    cells = {
        name: {("holdout-42", 0): _proba(truth["holdout-42"], 2, skill, 1)}
        for name, skill in (("a", 4), ("b", 2))
    }
    for name, standing in _compared(truth, cells, positive=1).standings.items():
        least = -1 if name == "mcc" else 0
        assert all(low is None or low >= least for low in standing.low), name
        if METRICS[name].higher_is_better:
            assert all(high is None or high <= 1 for high in standing.high), name


def test_rows_whose_class_got_no_probability_at_all_are_counted_by_model():
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=400)
    sure = _proba(y, 2, 1.0, seed=0)
    some = sure.copy()
    some[:10] = np.eye(2)[1 - y[:10]]
    some[10:20] = np.eye(2)[y[10:20]]
    right = sure.copy()
    right[:10] = np.eye(2)[y[:10]]
    found = _compared(
        {"a": y}, {name: {("a", 0): p} for name, p in (("some", some), ("none", sure), ("right", right))}
    )
    assert {name: n for name, n in found.zeros.items() if n} == {"some": 10}
