from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from suite.analysis.board import Board
from suite.analysis.calibration import calibration
from suite.analysis.comparing import compare
from suite.analysis.curves import Curve
from suite.analysis.intervals import wilson
from suite.analysis.observations import OBSERVATIONS, TIMED, observe
from suite.analysis.observations.floor import OF_PROBABILITIES
from suite.analysis.observations.support import LEAST_ROWS, agrees_beyond_chance
from suite.analysis.words import is_one_name
from suite.metrics import METRICS, Scored, compute, confusion
from suite.schema import CellId, Predictions, Record

NAMES = ("Hip-Hop", "hip hop", "Jazz", "8", "Rap", "yes")
GENRES = ("Hip-Hop", "Jazz", "Rap")
MODELS = ("ada", "bea", "cleo", "dora")
HALF = 0.004
"""Half of the interval of a difference on random boards."""
SEEDS = st.integers(0, 2**32 - 1)
DRAWN = settings(max_examples=25, deadline=None)
MakeBoard = Callable[..., Board]


@dataclass(frozen=True)
class Part:
    """What is read of a bin of a reliability curve."""

    probability: float
    share: float
    rows: int


@dataclass(frozen=True)
class Trust:
    """What is read of how well a model is calibrated."""

    rows: int
    ece: float
    ece_low: float
    event: str
    curve: tuple[Part, ...]


def _trust(rng: np.random.Generator, event: str) -> Trust:
    parts = tuple(
        Part(said, float(np.clip(said + shift, 0, 1)), 200)
        for said, shift in zip(rng.uniform(0, 1, 3), rng.choice([-0.1, 0.1, 0.0], 3), strict=True)
    )
    ece = sum(abs(part.probability - part.share) for part in parts) / 3
    return Trust(600, ece, ece - 0.03, event, parts)


def _matrix(rng: np.random.Generator, sizes: np.ndarray, skill: float) -> list[list[int]]:
    k = len(sizes)
    shares = (1 - skill) * rng.dirichlet(np.full(k, 0.5), size=k) + skill * np.eye(k)
    return [rng.multinomial(n, share / share.sum()).tolist() for n, share in zip(sizes, shares, strict=True)]


def _made(rng: np.random.Generator, most: int) -> tuple[dict[str, dict[str, Any]], tuple[str, ...]]:
    classes = tuple(rng.permutation(NAMES)[: rng.integers(2, len(NAMES) + 1)].tolist())
    sizes = rng.integers(1, most, len(classes))
    skill, apart = rng.uniform(0.0, 1.0), rng.choice([0.02, 1.0])
    models: dict[str, dict[str, Any]] = {
        name: {
            "matrix": _matrix(rng, sizes, min(skill + apart * rng.random(), 1.0)),
            "log_loss": rng.uniform(0.1, 2.0),
            "roc_auc": rng.uniform(0.5, 1.0),
            "fit_s": 10 ** rng.uniform(-3, 2),
        }
        for name in MODELS
    }
    constant = np.zeros((len(classes), len(classes)), dtype=int)
    constant[:, int(sizes.argmax())] = sizes
    models["dummy"] = {
        "matrix": constant.tolist(),
        "family": "baseline",
        "log_loss": 1.4,
        "roc_auc": 0.5,
        "fit_s": 0.001,
    }
    return models, classes


def _curve(rng: np.random.Generator) -> Curve:
    lowest = rng.uniform(0.1, 1.0)
    return Curve(
        n_fits=int(rng.integers(1, 4)),
        epochs=50,
        best_epoch=int(rng.integers(1, 51)),
        train=rng.uniform(0.5, 1.0),
        validation=rng.uniform(0.4, 1.0),
        n_validation=int(rng.integers(5, 5000)),
        best_loss=lowest,
        last_loss=lowest * rng.uniform(1.0, 1.5),
        window=10 if rng.random() < 0.5 else None,
        fall=rng.uniform(0.01, 0.3),
    )


def random_board(make_board: MakeBoard, seed: int, most: int = 400, half: float = HALF) -> Board:
    """A board of four models and a baseline, with whatever observations may be about."""
    rng = np.random.default_rng(seed)
    models, classes = _made(rng, most)
    positive = str(rng.choice(classes)) if len(classes) == 2 else None
    event = "more_probable" if positive is None else "positive"
    return make_board(
        models,
        classes,
        half,
        positive=positive,
        curves={name: _curve(rng) for name in MODELS},
        calibration={name: _trust(rng, event) for name in MODELS},
    )


def _sentences(board: Board, name: str) -> list[str]:
    return list(OBSERVATIONS[name](board))


def has_skill(board: Board, model: str) -> bool:
    """Whether one of the metrics that cannot be fooled says that a model of a random board beats its baseline."""
    compared, rarest = board.comparisons, min(map(sum, board.confusion[model]))
    assert compared is not None
    asked = ["log_loss", "accuracy", *(["roc_auc", "balanced_accuracy"] if rarest >= 10 else [])]
    pairs = {name: compared.pair(name, model, "dummy") for name in asked}
    return any(p and p.is_real and (p.difference < 0) == (name == "log_loss") for name, p in pairs.items())


# Random boards have no searches: what is said of these is tested in test_search_observations.py.
RANDOM = sorted(OBSERVATIONS.keys() - {"searches"})
every = pytest.mark.parametrize("name", RANDOM)


# What holds for each of them.


@every
def test_random_boards_give_each_observation_and_withhold_it(make_board: MakeBoard, name: str):
    told = [bool(_sentences(random_board(make_board, seed), name)) for seed in range(150)]
    assert any(told)
    assert not all(told)


@every
@DRAWN
@example(seed=43453)
@given(seed=SEEDS)
def test_no_figure_is_said_that_the_board_does_not_have(make_board: MakeBoard, name: str, seed: int):
    board = random_board(make_board, seed)
    known = _figures(board)
    for text in _sentences(board, name):
        for model in (*MODELS, "dummy"):
            text = re.sub(rf"\b{model}\b", "", text)
        for found in re.findall(r"[\d.,]*\d", re.sub(r"\bF1\b|\b[Cc]lass 8\b", "", text)):
            assert found in known, text


@every
@DRAWN
@given(seed=SEEDS, order=st.permutations(MODELS))
def test_other_names_of_models_change_nothing_but_the_names(
    make_board: MakeBoard, name: str, seed: int, order: list[str]
):
    board = random_board(make_board, seed)
    renamed = dict(zip(MODELS, order, strict=True))
    told = [re.sub("|".join(MODELS), lambda m: renamed[m[0]], text) for text in _sentences(board, name)]
    assert _sentences(_renamed(make_board, seed, renamed), name) == told


@every
@DRAWN
@given(seed=SEEDS)
def test_the_order_of_mappings_has_no_say(make_board: MakeBoard, name: str, seed: int):
    board = random_board(make_board, seed)
    turned = {
        key: dict(reversed(getattr(board, key).items()))
        for key in ("per_class_f1", "confusion", "curves", "calibration")
    }
    assert _sentences(replace(board, **turned), name) == _sentences(board, name)


@every
@DRAWN
@given(seed=SEEDS)
def test_a_published_row_is_never_spoken_of(make_board: MakeBoard, name: str, seed: int):
    rng = np.random.default_rng(seed)
    models, classes = _made(rng, 400)
    sizes = np.asarray(models["ada"]["matrix"]).sum(axis=1)
    paper = {"matrix": np.diag(sizes).tolist(), "source": "reported", "log_loss": 0.01, "roc_auc": 1.0}
    positive = classes[0] if len(classes) == 2 else None
    curves = {"paper": Curve(n_fits=1, epochs=50, window=10, fall=0.2)}
    boards = [
        make_board(found, classes, positive=positive, curves=curves)
        for found in (models, {**models, "paper": paper})
    ]
    alone, beside = (_sentences(board, name) for board in boards)
    assert alone == beside


@pytest.mark.parametrize("name", sorted({*RANDOM} - {"overfitting", "still_improving", "calibration"}))
@DRAWN
@given(seed=SEEDS)
def test_a_handful_of_rows_says_nothing(make_board: MakeBoard, name: str, seed: int):
    board = random_board(make_board, seed, most=6, half=0.0001)
    assume(board.n_test < LEAST_ROWS)
    assert not _sentences(board, name)


@pytest.mark.parametrize("name", ["lost_class", "better_probabilities", "cost"])
@DRAWN
@given(seed=SEEDS)
def test_where_no_test_tells_models_apart_nothing_is_made_of_their_figures(
    make_board: MakeBoard, name: str, seed: int
):
    assert not _sentences(random_board(make_board, seed, half=9.0), name)


@pytest.mark.parametrize("name", ["floor", "lost_class", "better_probabilities", "cost"])
@DRAWN
@given(seed=SEEDS)
def test_without_comparisons_models_are_not_compared(make_board: MakeBoard, name: str, seed: int):
    assert not _sentences(replace(random_board(make_board, seed), comparisons=None), name)


@DRAWN
@given(seed=SEEDS, factor=st.floats(0.01, 100.0))
def test_a_clock_changes_only_what_is_marked_as_timed(make_board: MakeBoard, seed: int, factor: float):
    board = random_board(make_board, seed)
    rows = tuple(
        replace(row, timing={name: value and value * factor for name, value in row.timing.items()})
        for row in board.rows
    )
    told, later = (
        [found.text for found in observe(b) if not found.timed] for b in (board, replace(board, rows=rows))
    )
    assert told == later
    assert set(OBSERVATIONS) >= TIMED


@DRAWN
@given(seed=SEEDS)
def test_a_board_without_a_model_that_looks_at_features_says_nothing(make_board: MakeBoard, seed: int):
    models, classes = _made(np.random.default_rng(seed), 400)
    assert not list(observe(make_board({"dummy": models["dummy"]}, classes)))


# What holds for one of them.


@DRAWN
@given(seed=SEEDS)
def test_a_confusion_is_named_where_its_interval_lies_above_a_tenth(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed)
    leader = next(row.model for row in board.ranked if row.family != "baseline")
    told = _sentences(board, "confused_classes")
    expected = 0
    for i, row in enumerate(board.confusion[leader]):
        for j, count in enumerate(row):
            if i == j or is_one_name(board.classes[i], board.classes[j]) or len(board.classes) < 3:
                continue
            back = board.confusion[leader][j][i] / max(sum(board.confusion[leader][j]), 1)
            if count / sum(row) >= back and sum(row) >= 30 and wilson(count, sum(row)).low >= 0.1:
                expected += 1
    assert len(told) == (min(expected, 2) if has_skill(board, leader) else 0)
    assert all(text.startswith(f"{leader} takes ") for text in told)


@DRAWN
@given(seed=SEEDS)
def test_the_hardest_class_is_the_one_whose_best_f1_is_lowest(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed)
    for text in _sentences(board, "hardest_class"):
        best = {c: pair[0] for c, pair in board.best_f1.items() if pair}
        low = sorted(best, key=best.__getitem__)
        n = len(re.split(", | and ", re.split(" is the | are the ", text)[0]))
        assert n <= len(board.classes) / 2
        assert best[low[n - 1]] < 0.9
        assert f"above {best[low[n - 1]]:.2f}" in text
        assert f"reaches {best[low[n]]:.2f}" in text
        assert min(sum(board.confusion["ada"][board.classes.index(c)]) for c in low[:n]) >= 30


@DRAWN
@given(seed=SEEDS)
def test_of_two_classes_rates_are_those_of_the_positive_one(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed)
    told = _sentences(board, "two_classes")
    if len(board.classes) != 2:
        assert not told
    for text in told:
        leader = next(row.model for row in board.ranked if row.family != "baseline")
        positive = board.classes.index(str(board.positive))
        found, all_of_it = board.confusion[leader][positive][positive], sum(board.confusion[leader][positive])
        assert text.startswith(leader)
        assert (
            f"finds {100 * found / all_of_it:.0f} %" in text
            or found in (0, all_of_it)
            or "<1" in text
            or ">99" in text
        )


@DRAWN
@given(seed=SEEDS)
def test_the_floor_never_rests_on_the_ranking_metric_alone(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed, half=0.1)
    compared = board.comparisons
    assert compared is not None
    told = _sentences(board, "floor")
    auc = [m for m in MODELS if (pair := compared.pair("roc_auc", m, "dummy")) and pair.is_real]
    many = min(map(sum, board.confusion["dummy"])) >= 10
    for text in told:
        named = [m for m in MODELS if re.search(rf"\b{m}\b", text)]
        assert all((m in auc and many) == ("rank" in text) for m in named)
        assert "rank" not in text or len(board.classes) == 2
    alone = replace(compared, standings={"accuracy": compared.standings["accuracy"]})
    assert not _sentences(replace(board, comparisons=alone), "floor")


@DRAWN
@given(seed=SEEDS)
def test_a_class_is_lost_really_and_by_more_than_a_little(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed)
    compared = board.comparisons
    assert compared is not None
    for text in _sentences(board, "lost_class"):
        behind, best = re.match(r"(\w+) loses most to (\w+) on", text).groups()
        assert board.best is not None
        assert board.best.model == best
        assert behind not in compared.tied("accuracy")
        low, high = map(float, re.findall(r"\d\.\d\d", text))
        assert high - low >= 0.04


@DRAWN
@given(seed=SEEDS)
def test_better_probabilities_are_better_beyond_chance(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed, half=0.2)
    compared = board.comparisons
    assert compared is not None
    assert board.best is not None
    losses = {row.model: row.scores["log_loss"] for row in board.ranked if row.model != "dummy"}
    lowest = min(losses, key=losses.__getitem__)
    pair = compared.pair("log_loss", lowest, board.best.model)
    told = _sentences(board, "better_probabilities")
    expected = bool(pair and pair.is_real and board.best.model != "dummy") and board.n_test >= 30
    expected = expected and has_skill(board, lowest) and has_skill(board, board.best.model)
    assert bool(told) == expected
    assert all(lowest in text and f"{losses[lowest]:.3f}" in text for text in told)


@DRAWN
@given(seed=SEEDS)
def test_probabilities_that_are_off_beyond_chance_are_told_with_the_side(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed)
    leader = next(row.model for row in board.ranked if row.family != "baseline")
    found = board.calibration[leader]
    told = _sentences(board, "calibration")
    assert bool(told) == (found.ece_low >= 0.02 and has_skill(board, leader))
    said, seen = (np.mean([getattr(part, key) for part in found.curve]) for key in ("probability", "share"))
    for text in told:
        assert leader in text
        if "expects" in text:
            assert abs(said - seen) > 0.02
        assert ("overconfident" not in text) or said > seen
        assert ("underconfident" not in text) or said < seen


@DRAWN
@given(seed=SEEDS)
def test_overfitting_is_a_gap_beyond_chance_and_a_loss_that_has_risen(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed)
    told = {text.split()[0] for text in _sentences(board, "overfitting")}
    for model, curve in board.curves.items():
        n = curve.n_validation
        high = wilson(curve.validation * n, n).high
        is_risen = curve.best_epoch < 50 and curve.last_loss >= 1.02 * curve.best_loss
        assert (model in told) == (n >= 30 and is_risen and high <= curve.train - 0.05)


@DRAWN
@given(seed=SEEDS)
def test_whoever_was_still_improving_is_named(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed)
    told = {text.split()[0] for text in _sentences(board, "still_improving")}
    assert told == {model for model, curve in board.curves.items() if curve.window}


@DRAWN
@given(seed=SEEDS)
def test_cost_is_a_real_loss_of_little_and_a_gain_of_much(make_board: MakeBoard, seed: int):
    board = random_board(make_board, seed, half=0.0005)
    compared = board.comparisons
    assert compared is not None
    times = {row.model: row.timing["fit_s"] for row in board.ranked}
    for text in _sentences(board, "cost"):
        best, model = re.match(r"(\w+) is .* better than (\w+) and takes", text).groups()
        pair = compared.pair("accuracy", best, model)
        assert pair is not None
        assert pair.is_real
        assert 0 < pair.difference <= 0.02
        assert times[best] >= 10 * times[model]
        assert model not in compared.tied("accuracy")


# The words.


def _told(board: Board) -> list[str]:
    return [found.text for found in observe(board)]


def test_three_genres_are_told_as_one_would(make_board: MakeBoard):
    models = {
        "knn": {"matrix": [[60, 3, 37], [5, 94, 1], [38, 2, 60]], "log_loss": 0.9},
        "logistic": {"matrix": [[50, 10, 40], [5, 90, 5], [60, 10, 30]], "log_loss": 0.5, "fit_s": 0.5},
        "dummy": {"matrix": [[100, 0, 0]] * 3, "family": "baseline", "roc_auc": 0.5, "log_loss": 1.1},
    }
    assert _told(make_board(models, GENRES)) == [
        "knn takes 38 % of the Rap rows for Hip-Hop, and 37 % of the Hip-Hop rows for Rap.",
        "logistic loses most to knn on Rap: F1 0.34 against 0.61.",
        "logistic is behind knn by accuracy, but gives better probabilities: log loss 0.500 against 0.900.",
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([1, 99, 0], "but only 1 % of the Jazz rows for Hip-Hop"),
        ([0, 100, 0], "but none of the Jazz rows for Hip-Hop"),
    ],
)
def test_a_confusion_in_one_direction_is_not_called_mutual(make_board: MakeBoard, row: list[int], words: str):
    board = make_board({"knn": {"matrix": [[60, 40, 0], row, [0, 0, 100]]}}, GENRES)
    assert _sentences(board, "confused_classes") == [f"knn takes 40 % of the Hip-Hop rows for Jazz, {words}."]


def test_two_classes_are_told_by_the_positive_one(make_board: MakeBoard):
    models = {
        "logistic": {"matrix": [[910, 90], [28, 22]], "roc_auc": 0.864},
        "dummy": {"matrix": [[1000, 0], [50, 0]], "family": "baseline", "roc_auc": 0.5, "log_loss": 0.99},
    }
    assert _told(make_board(models, ("no", "yes"), positive="yes")) == [
        "By accuracy, logistic is worse than always saying no, but it ranks the rows well: ROC AUC 0.86.",
        "logistic finds 44 % of the yes rows and flags 9 % of the no rows; of the rows that it flags, 20 % are yes.",
    ]
    models["logistic"]["matrix"] = [[1000, 0], [50, 0]]
    assert _told(make_board(models, ("no", "yes"), positive="yes")) == [
        "Accuracy cannot tell logistic from always saying no, but it ranks the rows well: ROC AUC 0.86.",
        "logistic flags no row as yes: it misses all 50.",
    ]
    models["logistic"]["roc_auc"] = 0.51
    assert _told(make_board(models, ("no", "yes"), positive="yes"))[0] == (
        "1,050 test rows do not show that logistic is better than dummy, which does not look at the features: "
        "not by accuracy, ROC AUC, log loss or balanced accuracy."
    )


OF_SKILL = (
    "two_classes",
    "hardest_class",
    "confused_classes",
    "lost_class",
    "better_probabilities",
    "calibration",
)
"""Observations about models that have to have skill."""


def _predicted(
    make_board: MakeBoard, seed: int, classes: tuple[str, ...], skill: float, with_floor: bool = True
) -> Board:
    """A board of three models and a baseline, with all that is computed from their predictions of 240 rows."""
    rng, n = np.random.default_rng(seed), 240
    shares = np.arange(len(classes), 0, -1) / np.arange(len(classes) + 1).sum()
    y = rng.choice(len(classes), n, p=shares)
    raw = {name: rng.normal(np.log(shares), 1, (n, len(classes))) for name in MODELS[:3]}
    for name, scale in zip(raw, (1.0, 0.8, 0.6), strict=True):
        raw[name][np.arange(n), y] += skill * scale
    probas = {name: np.exp(each) / np.exp(each).sum(axis=1, keepdims=True) for name, each in raw.items()}
    if with_floor:
        probas["dummy"] = np.tile(shares, (n, 1))
    code = 1 if len(classes) == 2 else None
    predictions = {
        name: Predictions(proba=proba.astype(np.float32), y_true=y, rows=np.arange(n))
        for name, proba in probas.items()
    }
    models, records = {}, {}
    for name, found in predictions.items():
        scored = Scored(y, found.proba, code)
        family = "baseline" if name == "dummy" else "linear"
        models[name] = {"matrix": confusion(scored), "family": family, **compute(scored)}
        identity = CellId(dataset="made", fingerprint="0", protocol="cv5", split="all", model=name)
        records[name] = Record(id=identity, key=name, classes=classes)
    return make_board(
        models,
        classes,
        n_rows=n,
        positive=None if code is None else classes[code],
        comparisons=compare(
            {m: {("all", 0): r} for m, r in records.items()}, lambda r: predictions[r.model], code
        ),
        calibration={name: calibration([(y, proba)], code) for name, proba in probas.items()},
    )


@pytest.mark.parametrize("with_floor", [True, False])
@pytest.mark.parametrize("classes", [("A", "B", "C"), ("ill", "healthy")])
def test_on_noise_nothing_is_said_of_classes_and_probabilities(
    make_board: MakeBoard, classes: tuple[str, ...], with_floor: bool
):
    def told(skill: float, n: int) -> list[bool]:
        found = [_predicted(make_board, seed, classes, skill, with_floor) for seed in range(n)]
        return [any(_sentences(board, name) for name in OF_SKILL) for board in found]

    assert not any(told(0.0, 6))
    assert all(told(1.5, 2))


def test_one_model_alone_has_to_agree_with_the_truth_beyond_chance(make_board: MakeBoard):
    def told(matrix: list[list[int]], **changes: Any) -> list[str]:
        board = make_board({"knn": {"matrix": matrix}}, GENRES, **changes)
        return _sentences(replace(board, comparisons=None), "confused_classes")

    assert told([[50, 40, 10], [40, 50, 10], [10, 40, 50]])
    assert not told([[50, 40, 10], [50, 40, 10], [50, 40, 10]])
    assert not told([[100, 0, 0], [100, 0, 0], [100, 0, 0]])
    few = np.array([[15, 15, 10], [10, 15, 15], [15, 10, 15]])
    assert not told(few.tolist(), n_rows=120)
    assert told((10 * few).tolist(), n_rows=1200)
    assert not told((10 * few).tolist(), n_rows=120)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_agreement_beyond_chance_is_that_of_a_permutation(seed: int):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 5))
    y, said = rng.integers(k, size=200), rng.integers(k, size=200)
    said = np.where(rng.random(200) < rng.choice([0.0, 0.3]), y, said)
    hits = [(rng.permutation(y) == said).sum() for _ in range(2000)]
    z = ((y == said).sum() - np.mean(hits)) / np.std(hits)
    assume(abs(z - 2.5) > 0.2)
    matrix = np.bincount(y * k + said, minlength=k * k).reshape(k, k).tolist()
    assert agrees_beyond_chance(matrix, 1.0) == (z > 2.5)


def test_two_rows_of_a_class_are_no_witness(make_board: MakeBoard):
    def told(n: int, metric: str = "accuracy") -> list[str]:
        models = {
            "logistic": {"matrix": [[1000, 0], [n, 0]], "roc_auc": 1.0, "log_loss": 0.99},
            "dummy": {"matrix": [[1000, 0], [n, 0]], "family": "baseline", "roc_auc": 0.5, "log_loss": 0.99},
        }
        return _told(make_board(models, ("no", "yes"), positive="yes", metric=metric))

    assert told(2) == [
        "1,002 test rows do not show that logistic is better than dummy, which does not look at the features: "
        "not by accuracy or log loss."
    ]
    assert told(9) == [told(2)[0].replace("1,002", "1,009")]
    assert "it ranks the rows well: ROC AUC 1.00" in told(10)[0]


def test_the_roc_auc_of_all_classes_is_not_told_of_one(make_board: MakeBoard):
    models = {
        "logistic": {"matrix": [[90, 10, 0], [100, 0, 0], [100, 0, 0]], "roc_auc": 0.9},
        "dummy": {"matrix": [[100, 0, 0]] * 3, "family": "baseline", "roc_auc": 0.5},
    }
    assert not _sentences(make_board(models, GENRES, positive="Rap"), "floor")


@pytest.mark.parametrize(
    ("metric", "words"),
    [("accuracy", "always saying no"), ("log_loss", "dummy, which does not look at the features")],
)
def test_a_baseline_does_not_say_one_class_to_a_metric_of_probabilities(
    make_board: MakeBoard, metric: str, words: str
):
    models = {
        "logistic": {"matrix": [[100, 0], [50, 0]], "roc_auc": 0.8},
        "dummy": {"matrix": [[100, 0], [50, 0]], "family": "baseline", "roc_auc": 0.5},
    }
    (told,) = _sentences(make_board(models, ("no", "yes"), positive="yes", metric=metric), "floor")
    label = METRICS[metric].label
    assert told == f"{label} cannot tell logistic from {words}, but it ranks the rows well: ROC AUC 0.80."


def test_metrics_of_probabilities_are_those_that_no_threshold_moves():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet([1, 1], 500)
    y = (rng.random(500) < proba[:, 1]).astype(int)
    low, high = (compute(Scored(y, proba, 1, threshold)) for threshold in (0.2, 0.7))
    assert set(OF_PROBABILITIES) == {name for name in METRICS if low[name] == high[name]}


def test_the_calibration_of_rows_that_are_not_independent_is_not_told(make_board: MakeBoard):
    trust = {"knn": Trust(600, 0.08, 0.05, "more_probable", (Part(0.9, 0.8, 600),))}
    board = make_board({"knn": {"matrix": [[50, 0], [0, 50]]}}, ("no", "yes"), calibration=trust)
    compared = board.comparisons
    assert compared is not None
    standing = replace(compared.standings["accuracy"], method="corrected_t")
    repeated = replace(compared, standings={**compared.standings, "accuracy": standing})
    assert _sentences(board, "calibration")
    assert not _sentences(replace(board, comparisons=replace(compared, n_groups=40)), "calibration")
    assert not _sentences(replace(board, comparisons=repeated), "calibration")
    alone = replace(board, comparisons=None)
    assert _sentences(alone, "calibration")
    assert not _sentences(replace(alone, protocol="grouped:patient:cv5"), "calibration")


def test_classes_that_are_written_in_two_ways_are_neither_hard_nor_confused(make_board: MakeBoard):
    matrix = [[50, 50, 0], [50, 50, 0], [0, 0, 100]]
    assert _told(make_board({"knn": {"matrix": matrix}}, ("hip hop", "Hip-Hop", "Rap"))) == []
    assert _told(make_board({"knn": {"matrix": matrix}}, ("Jazz", "Hip-Hop", "Rap")))


@pytest.mark.parametrize("pair", [("B-", "B"), ("<=50K", ">50K"), ("1", "-1"), ("C", "C++"), ("é", "e")])
def test_names_that_mean_two_things_are_two_names(pair: tuple[str, str]):
    assert not is_one_name(*pair)


@pytest.mark.parametrize("pair", [("Hip-Hop", "hip hop"), ("1", "1.0"), ("no", "No "), ("a_b", "ab")])
def test_names_that_differ_in_how_they_are_written_are_one(pair: tuple[str, str]):
    assert is_one_name(*pair)


def test_a_class_of_an_f1_of_099_is_not_hard(make_board: MakeBoard):
    matrix = [[5000, 0, 0], [0, 4950, 50], [0, 0, 5000]]
    assert _told(make_board({"knn": {"matrix": matrix}}, GENRES)) == []
    matrix[1] = [0, 3500, 1500]
    assert _told(make_board({"knn": {"matrix": matrix}}, GENRES))[0] == (
        "Jazz is the hardest class: its F1 is 0.82; the next, Rap, reaches 0.87."
    )


def test_rows_that_are_tested_three_times_are_counted_once(make_board: MakeBoard):
    matrix = np.array([[33, 7, 0], [0, 40, 0], [0, 0, 40]])
    once = make_board({"knn": {"matrix": matrix.tolist()}}, GENRES, n_rows=120)
    thrice = make_board({"knn": {"matrix": (3 * matrix).tolist()}}, GENRES, n_rows=120)
    longer = make_board({"knn": {"matrix": (3 * matrix).tolist()}}, GENRES, n_rows=1800)
    assert not _sentences(once, "confused_classes")
    assert not _sentences(thrice, "confused_classes")
    assert _sentences(longer, "confused_classes")


def _curves(**curves: Curve) -> Mapping[str, Curve]:
    return curves


def test_training_is_told_with_its_figures(make_board: MakeBoard):
    baseline = Curve(
        n_fits=1,
        epochs=50,
        best_epoch=12,
        train=0.658,
        validation=0.55,
        n_validation=8000,
        best_loss=1.0974,
        last_loss=1.2005,
    )
    enhanced = replace(baseline, train=0.553, best_epoch=50, n_fits=5, window=10, fall=0.031)
    models = {"knn": {"matrix": [[50, 0], [0, 50]]}, "mlp": {"matrix": [[50, 0], [0, 50]]}}
    board = make_board(models, ("no", "yes"), curves=_curves(knn=baseline, mlp=enhanced, gone=baseline))
    assert _told(board) == [
        "knn overfits: after epoch 50 it gets 66 % of its train rows right, but 55 % of its validation rows; "
        "the loss on these was lowest after epoch 12.",
        "mlp was still improving when its training ended: its validation loss fell by 3 % over the last 10 of 50 "
        "epochs (means over 5 fits).",
    ]


def test_confidence_is_told_with_what_came_of_it(make_board: MakeBoard):
    models = {"knn": {"matrix": [[50, 0], [0, 50]]}}

    def told(event: str, *parts: Part) -> list[str]:
        trust = Trust(sum(part.rows for part in parts), 0.08, 0.05, event, parts)
        return _told(make_board(models, ("no", "yes"), calibration={"knn": trust}, positive="yes"))[1:]

    over, under = Part(0.9, 0.8, 500), Part(0.8, 0.9, 500)
    assert told("more_probable", over) == [
        "knn is overconfident: it expects to be right in 90 % of the rows, and is in 80 %."
    ]
    assert told("more_probable", under) == [
        "knn is underconfident: it expects to be right in 80 % of the rows, and is in 90 %."
    ]
    assert told("more_probable", over, under) == [
        "The probabilities that knn gives its answers are off by 8.0 points on average."
    ]
    assert told("positive", Part(0.14, 0.09, 2000)) == [
        "The probabilities that knn gives its answers are off by 8.0 points on average: it expects 14 % of the rows to "
        "be yes, and 9 % are."
    ]


def test_the_best_is_told_what_it_costs(make_board: MakeBoard):
    models = {
        "keras": {"matrix": [[990, 10], [10, 990]], "fit_s": 123.4},
        "knn": {"matrix": [[980, 20], [20, 980]], "fit_s": 1.0},
        "tied": {"matrix": [[989, 11], [10, 990]], "fit_s": 0.1},
    }
    (told,) = observe(make_board(models, ("no", "yes"), 0.005))
    assert told.text == "keras is 1.0 point of accuracy better than knn and takes 120 times as long to fit."
    assert told.timed


def _figures(board: Board) -> set[str]:
    """Every figure of a board as a sentence may write it."""
    shares, known = [], set[str]()
    for matrix in board.confusion.values():
        for row in (*matrix, *zip(*matrix, strict=True)):
            shares += [count / sum(row) for count in row if sum(row)]
            known.add(f"{sum(row):,}")
    for curve in board.curves.values():
        known |= {str(curve.epochs), str(curve.best_epoch), str(curve.window), str(curve.n_fits)}
        shares += [curve.train, curve.validation, curve.fall]
    scores = [value for row in board.ranked for value in row.scores.values() if value is not None]
    scores += [f1 for found in board.per_class_f1.values() for f1 in found.values() if f1 is not None]
    known |= {f"{score:{fmt}}" for score in scores for fmt in (".2f", ".3f")}
    for found in board.calibration.values():
        known.add(f"{100 * found.ece:.1f}")
        shares += [np.mean([getattr(p, key) for p in found.curve]) for key in ("probability", "share")]
    pairs = board.comparisons.standings["accuracy"].pairs if board.comparisons else ()
    known |= {f"{100 * abs(pair[0]):.1f}" for pair in pairs if pair}
    times = [row.timing["fit_s"] for row in board.ranked]
    known |= {f"{int(float(f'{a / b:.2g}')):,}" for a in times for b in times}
    known |= {f"{100 * share:.0f}" for share in shares} | {"1", "99"}
    return known | {f"{board.n_test:,}", "4"}


def _renamed(make_board: MakeBoard, seed: int, names: Mapping[str, str]) -> Board:
    """The random board of a seed, its models under other names."""
    rng = np.random.default_rng(seed)
    models, classes = _made(rng, 400)
    board = random_board(make_board, seed)

    def name(model: str) -> str:
        return names.get(model, model)

    return make_board(
        {name(model): made for model, made in models.items()},
        classes,
        HALF,
        positive=board.positive,
        curves={name(model): curve for model, curve in board.curves.items()},
        calibration={name(model): found for model, found in board.calibration.items()},
    )
