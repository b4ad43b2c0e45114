"""Boards of many shapes, and what every drawing of them has to hold."""

from __future__ import annotations

import importlib.util
import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.analysis.board import Board
from suite.analysis.calibration import Bin, Calibration
from suite.analysis.curves import summary
from suite.analysis.gains import Gain
from suite.analysis.intervals import Interval
from suite.report.drawing import Dot, Drawing, Group, Line, Mark, Point, Rect, Words
from suite.report.svg import standalone
from suite.report.text import inert
from suite.schema import Trial

_path = Path(__file__).parents[2] / "analysis" / "conftest.py"
_spec = importlib.util.spec_from_file_location("analysis_conftest", _path)
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
make_record = _module.make_record

HOSTILE = (
    "<script>alert(1)</script>",
    '"/><image href="http://x.invalid/a.png" onload="alert(1)"/>',
    "]]></style><svg onload=alert(1)>",
    "&lt;b&gt;&amp;",
    "$\\frac{1}{2}$",
    "a\u202eb\x1b[31m\nc",
    "\u8868" * 40,
    "x" * 300,
    "../../etc/passwd",
)
SVG = "{http://www.w3.org/2000/svg}"


def matrix_of(k: int, accuracy: float, salt: int, rows: int = 40) -> list[list[int]]:
    rng = np.random.default_rng(salt)
    shares = np.full((k, k), (1 - accuracy) / max(k - 1, 1))
    np.fill_diagonal(shares, accuracy)
    return np.array([rng.multinomial(rows, row / row.sum()) for row in shares]).tolist()


def curve_of(epochs: int, salt: int) -> Any:
    rng = np.random.default_rng(salt)
    loss = (2 * np.exp(-np.arange(epochs) / 8) + 0.1 + 0.02 * rng.random(epochs)).tolist()
    steps = {
        "loss": loss,
        "val_loss": [value + 0.2 for value in loss],
        "accuracy": np.linspace(0.2, 0.9, epochs).tolist(),
        "val_accuracy": np.linspace(0.2, 0.8, epochs).tolist(),
    }
    return summary([steps], [100])


def calibration_of(salt: int) -> Calibration:
    rng = np.random.default_rng(salt)
    parts = tuple(
        Bin(probability=p, share=s, low=max(s - 0.1, 0.0), high=min(s + 0.1, 1.0), rows=10)
        for p, s in zip(np.linspace(0.5, 1.0, 8).tolist(), rng.random(8).tolist(), strict=True)
    )
    figures = dict.fromkeys(("brier", "miscalibration", "discrimination", "uncertainty"), 0.1)
    ends = {"ece": 0.05, "ece_low": 0.01, "ece_high": 0.09, "ece_plain": 0.06}
    return Calibration(rows=80, **figures, **ends, event="more_probable", curve=parts)


def gain_of(model: str, n: int, salt: int) -> Gain:
    rng = np.random.default_rng(salt)
    history = tuple(
        Trial(
            number=i,
            origin="sampled" if i else "default",
            params={"depth<b>": i} if i else {},
            status="failed" if i % 4 == 3 else "ok",
            score=None if i % 4 == 3 else float(rng.random()),
            seconds=0.5,
        )
        for i in range(n)
    )
    scores = [(trial.score, trial.number) for trial in history if trial.score is not None]
    least = min(scores)
    return Gain(
        model=model, default=None, budget=f"{n}trials", metric="log_loss", trials=n, failed=0, seconds=1.0,
        inner_default=history[0].score, inner=least[0], pair=None, chosen="", varies=False, is_default=False,
        history=history, number=least[1],
    )  # fmt: skip


def _board_like(
    n_models: int, n_classes: int, names: Sequence[str] = (), full: bool = True, **changes: Any
) -> Board:
    """A board of many models, with a published row and a model that failed; `full` has all that can be drawn."""
    names = [*names, *(f"model_{i}" for i in range(n_models - len(names)))][:n_models]
    classes = changes.pop("classes", [f"class {i}" for i in range(n_classes)])
    models = {
        name: {
            "matrix": matrix_of(n_classes, 0.95 - 0.5 * i / n_models, i),
            "fit_s": 0.01 * 1.4**i,
            "log_loss": 0.3 + i / 10,
            "family": "baseline" if n_models > 3 and i == n_models - 1 else "linear",
        }
        for i, name in enumerate(names)
    }
    models["told"] = {"matrix": matrix_of(n_classes, 0.8, 99), "source": "reported"}
    board = _module.board_of(models, classes, **changes)
    if not full:
        return replace(board, comparisons=None, confusion={}, rows=tuple(
            replace(row, timing=dict.fromkeys(row.timing)) for row in board.rows))  # fmt: skip
    tied = {*board.comparisons.tied("accuracy")} if board.comparisons else set()
    score = board.metric
    rows = [
        replace(
            row,
            tied=row.model in tied,
            interval=Interval(max(row.scores[score] - 0.03, 0), min(row.scores[score] + 0.03, 1), "wilson"),
            timing={**row.timing, "latency_ms_p50": 0.1 * 1.2**i},
        )
        for i, row in enumerate(board.rows)
    ]
    failed = replace(
        rows[0], model="broken", rank=None, n_ok=0, statuses={"error": 1}, tied=False, interval=None,
        scores=dict.fromkeys(rows[0].scores), timing=dict.fromkeys(rows[0].timing),
    )  # fmt: skip
    drawn = names[: max(n_models // 2, 1)]
    return replace(
        board,
        rows=(*rows, failed),
        curves={name: curve_of(30 + i, i) for i, name in enumerate(drawn)},
        calibration={name: calibration_of(i) for i, name in enumerate(names)},
        gains=tuple(gain_of(name, 12, i) for i, name in enumerate(drawn)),
    )


def flat(marks: Sequence[Mark]) -> Iterator[Mark]:
    for mark in marks:
        if isinstance(mark, Group):
            yield from flat(mark.marks)
        else:
            yield mark


def points(mark: Mark) -> Iterator[Point]:
    if isinstance(mark, Line):
        yield from mark.points
    elif isinstance(mark, Rect):
        assert mark.width >= 0
        assert mark.height >= 0
        yield from ((mark.x, mark.y), (mark.x + mark.width, mark.y + mark.height))
    elif isinstance(mark, Dot):
        yield from (
            (mark.x - mark.radius, mark.y - mark.radius),
            (mark.x + mark.radius, mark.y + mark.radius),
        )
    else:
        assert isinstance(mark, Words)
        yield (mark.x, mark.y)


def _texts(drawing: Drawing) -> list[str]:
    return [mark.text for mark in flat(drawing.marks) if isinstance(mark, Words)]


def _tips(drawing: Drawing) -> list[str]:
    return [mark.tip for mark in drawing.marks if mark.tip]


def _is_sound(drawing: Drawing) -> None:
    """Assert what holds of every drawing: inside its box, words that say something, and SVG of nothing but marks."""
    assert drawing.title
    assert drawing.alt.endswith(".")
    for mark in flat(drawing.marks):
        for x, y in points(mark):
            assert math.isfinite(x)
            assert math.isfinite(y)
            assert -1 <= x <= drawing.width + 1
            assert -1 <= y <= drawing.height + 1
    text = standalone(drawing)
    assert text == standalone(drawing)
    root = ET.fromstring(text)
    allowed = {"svg", "style", "rect", "polyline", "circle", "text", "title", "g"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    assert not [
        key for element in root.iter() for key in element.attrib if key.startswith("on") or "href" in key
    ]
    shown = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert shown == [inert(words) for words in _texts(drawing)]


@pytest.fixture(scope="session")
def board_like() -> Callable[..., Any]:
    return _board_like


@pytest.fixture(scope="session")
def texts() -> Callable[..., Any]:
    return _texts


@pytest.fixture(scope="session")
def tips() -> Callable[..., Any]:
    return _tips


@pytest.fixture(scope="session")
def is_sound() -> Callable[..., Any]:
    return _is_sound


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    return HOSTILE
