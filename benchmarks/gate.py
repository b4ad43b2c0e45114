"""How often `suite compare` breaks where nothing has changed but by chance, and how often it finds a real drop.

`python benchmarks/gate.py [noise] [drop] [times] [seeds] [--repeats N]`; `docs/gate.md` keeps what this prints.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from suite.analysis.changes import Change, scores
from suite.analysis.gate import Found, Gate, judged
from suite.analysis.matching import tables
from suite.analysis.tolerances import MEASURES, tolerances
from suite.errors import RecordError
from suite.metrics import Scored, compute
from suite.predictions_file import predictions_digest
from suite.schema import CellId, Predictions, Record

CLASSES = 3
KEYS = ("accuracy", "macro_f1", "log_loss", "brier")
SETS = (
    ("accuracy:0",),
    ("accuracy:0.5pt",),
    ("log_loss:0",),
    ("log_loss:2%",),
    ("macro_f1:0",),
    ("accuracy:0.5pt", "log_loss:2%", "macro_f1:1pt"),
)
UNTIMED = {key: Change(key=key) for key in MEASURES}


class Memory:
    """Records and predictions that lie on no disk."""

    root = Path("nowhere")

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._predictions: dict[str, Predictions] = {}

    def add(
        self, model: str, y: np.ndarray, proba: np.ndarray, split: str = "holdout-42", seed: int = 0
    ) -> None:
        found = Predictions(proba=proba.astype(np.float32), y_true=y, rows=np.arange(len(y)))
        classes = tuple(map(str, range(proba.shape[1])))
        record = Record(
            id=CellId(
                dataset="made", fingerprint="f", protocol="holdout", split=split, model=model, seed=seed
            ),
            key=f"{model}-{split}-{seed}",
            split_fingerprint=split,
            n_train=4 * len(y),
            n_test=len(y),
            classes=classes,
            metrics=compute(Scored(y, found.proba)),
            predictions_sha256=predictions_digest(found),
        )
        self.records.append(record)
        self._predictions[record.key] = found

    def predictions(self, record: Record) -> Predictions:
        if record.key not in self._predictions:
            raise RecordError("there are none")
        return self._predictions[record.key]

    def path_for(self, record: Record) -> Path:
        return self.root / record.key


def softmax(logits: np.ndarray) -> np.ndarray:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def made(n_rows: int, n_models: int, rng: np.random.Generator, noise: float = 1.0) -> tuple[Memory, Memory]:
    """Return two folders: models that share what rows are like, each with noise of its own before and now."""
    y = rng.integers(CLASSES, size=n_rows)
    shared = 2.2 * np.eye(CLASSES)[y] + rng.standard_normal((n_rows, CLASSES))
    old, new = Memory(), Memory()
    for i in range(n_models):
        own = shared + 0.5 * rng.standard_normal((n_rows, CLASSES))
        for folder in (old, new):
            proba = softmax(own + noise * rng.standard_normal((n_rows, CLASSES)))
            folder.add(f"model_{i:02}", y, proba)
    return old, new


def found_of(old: Memory, new: Memory, keys: Sequence[str] = KEYS) -> list[Found]:
    """Return what has changed of every model."""
    (table,) = tables(old.records, new.records)
    found = []
    for one in table.models:
        changes, answers = scores(one, table, keys, old, new)  # type: ignore[arg-type]
        found.append(Found(table, one, {**changes, **UNTIMED}, answers))
    return found


def gate_of(found: Sequence[Found], asked: Sequence[str]) -> Gate:
    return judged(found, "accuracy", tolerances(asked))


def noise(repeats: int) -> Iterator[str]:
    """Yield how often a gate breaks, and how often some model is called worse, where all are as good as they were."""
    yield f"| rows | models | {' | '.join(', '.join(asked) for asked in SETS)} | a model is called worse |"
    for n_rows, n_models in ((360, 1), (1000, 1), (360, 5), (1000, 15)):
        rng = np.random.default_rng([1, n_rows, n_models])
        broken, worse = np.zeros(len(SETS)), 0
        for _ in range(repeats):
            found = found_of(*made(n_rows, n_models, rng))
            gates = [gate_of(found, asked) for asked in SETS]
            broken += [bool(gate.breaches) for gate in gates]
            worse += any(one.verdict == "worse" for one in gates[0].models)
        cells = [f"{100 * share:.1f} %" for share in (*(broken / repeats), worse / repeats)]
        yield f"| {n_rows} | {n_models} | {' | '.join(cells)} |"


def drop(repeats: int) -> Iterator[str]:
    """Yield how often a drop of twice the tolerance is found, and how often the gate says that it may miss it."""
    yield "| rows | models | tolerance | drop | found | said that the rows cannot show it |"
    settings = ((360, 1, 0.5), (360, 1, 2.0), (360, 1, 4.0), (1000, 1, 2.0), (5000, 1, 0.5), (5000, 1, 1.0))
    for n_rows, n_models, points in (*settings, (1000, 5, 3.0)):
        rng = np.random.default_rng([2, n_rows, n_models, int(10 * points)])
        caught = doubted = 0
        for _ in range(repeats):
            caught_one, doubted_one = _one_drop(*made(n_rows, n_models, rng, noise=0.4), points, rng)
            caught += caught_one
            doubted += doubted_one
        yield (
            f"| {n_rows} | {n_models} | {points} | {2 * points} | {100 * caught / repeats:.0f} % | "
            f"{100 * doubted / repeats:.0f} % |"
        )


def _one_drop(old: Memory, new: Memory, points: float, rng: np.random.Generator) -> tuple[bool, bool]:
    """Make the first model worse in the new folder by twice the points, and look whether that is found."""
    first = new.records[0]
    found = new.predictions(first)
    proba = found.proba.copy()
    right = proba.argmax(axis=1) == found.y_true
    hit = right & (rng.random(len(right)) < 2 * points / 100 / right.mean())
    proba[hit] = np.roll(proba[hit], 1, axis=1)
    changed = Memory()
    changed.add(first.model, found.y_true, proba)
    for record in new.records[1:]:
        changed.add(record.model, found.y_true, new.predictions(record).proba)
    gate = gate_of(found_of(old, changed, ("accuracy",)), [f"accuracy:{points}pt"])
    mine = [check for check in gate.checks if check.judged.model == first.model]
    return any(check.breach for check in mine), any(check.least is not None for check in mine)


def times(repeats: int) -> Iterator[str]:
    """Yield how often a gate on fit times breaks where fits take as long as they did, and where they take longer."""
    yield "| fits | models | spread of a fit | slower by | fit:20% breaks |"
    for n_fits, n_models, spread, slower in (
        (3, 1, 0.1, 0.0),
        (5, 1, 0.1, 0.0),
        (5, 15, 0.1, 0.0),
        (5, 15, 0.3, 0.0),
        (15, 15, 0.3, 0.0),
        (3, 1, 0.1, 0.4),
        (5, 1, 0.1, 0.4),
        (5, 15, 0.1, 0.4),
        (15, 15, 0.1, 0.4),
    ):
        rng = np.random.default_rng([3, n_fits, n_models, int(100 * spread)])
        broken = sum(bool(_timed(n_fits, n_models, spread, slower, rng).breaches) for _ in range(repeats))
        shares = f"{100 * spread:.0f} % | {100 * slower:.0f} % | {100 * broken / repeats:.1f} %"
        yield f"| {n_fits} | {n_models} | {shares} |"


def _timed(n_fits: int, n_models: int, spread: float, slower: float, rng: np.random.Generator) -> Gate:
    """Judge folders whose times alone differ; the first model is the slower one."""
    from suite.analysis.changes import measures
    from suite.schema import Provenance, Resources, Timing

    y = np.array([0, 1] * 5)
    proba = np.eye(2)[y] * 0.4 + 0.3
    old, new = Memory(), Memory()
    for i in range(n_models):
        for fold in range(n_fits):
            for folder in (old, new):
                folder.add(f"model_{i:02}", y, proba, f"cv5-f{fold}")
                scale = 1 + slower if folder is new and not i else 1.0
                folder.records[-1] = replace(
                    folder.records[-1],
                    timing=Timing(fit_s=float(scale * np.exp(spread * rng.standard_normal())), load=1.0),
                    resources=Resources(threads=1),
                    provenance=Provenance(cpu="one", cores=2, os="Linux"),
                )
    (table,) = tables(old.records, new.records)
    found = []
    for one in table.models:
        changes, _ = scores(one, table, ["accuracy"], old, new)  # type: ignore[arg-type]
        found.append(Found(table, one, {**changes, **measures(one, MEASURES)}, None))
    return gate_of(found, ["fit:20%"])


def seeds(repeats: int) -> Iterator[str]:
    """Yield how often another seed of a forest breaks a gate: it is another model, and as good but by chance."""
    from sklearn.datasets import make_classification
    from sklearn.ensemble import RandomForestClassifier

    yield "| test rows | seeds | accuracy:0 | accuracy:0.5pt | accuracy:1pt |"
    X, y = make_classification(
        12_000, 20, n_informative=8, n_classes=3, flip_y=0.05, class_sep=0.8, random_state=0
    )
    pool = [
        RandomForestClassifier(50, n_jobs=1, random_state=seed)
        .fit(X[:1000], y[:1000])
        .predict_proba(X[1000:])
        for seed in range(40)
    ]
    truth = y[1000:]
    for n_rows, n_seeds in ((360, 1), (1000, 1), (5000, 1), (5000, 3), (10_000, 1), (10_000, 3)):
        rng = np.random.default_rng([4, n_rows, n_seeds])
        broken = np.zeros(3)
        for _ in range(repeats):
            rows = rng.choice(len(truth), n_rows, replace=False)
            drawn = rng.choice(len(pool), 2 * n_seeds, replace=False)
            old, new = Memory(), Memory()
            for place, which in enumerate(drawn):
                folder = old if place < n_seeds else new
                folder.add("forest", truth[rows], pool[which][rows], seed=place % n_seeds)
            found = found_of(old, new, ("accuracy",))
            asked = ("accuracy:0", "accuracy:0.5pt", "accuracy:1pt")
            broken += [bool(gate_of(found, [one]).breaches) for one in asked]
        yield f"| {n_rows} | {n_seeds} | {' | '.join(f'{100 * share:.1f} %' for share in broken / repeats)} |"


PARTS: Mapping[str, object] = {"noise": noise, "drop": drop, "times": times, "seeds": seeds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[*PARTS])
    parser.add_argument("--repeats", type=int, default=200)
    asked = parser.parse_args()
    for part in asked.parts:
        print(f"\n{part}\n")
        for line in PARTS[part](asked.repeats):  # type: ignore[operator]
            print(line, flush=True)


if __name__ == "__main__":
    main()
