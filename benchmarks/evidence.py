"""How often intervals hold the truth, and tests call a difference that is none: `python benchmarks/evidence.py`.

Models are fitted once on a synthetic table and predict a large population, whose scores are the truth. Test sets are
drawn from it, hundreds of times, and compared as a board's are. `docs/evidence.md` keeps what this prints.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from suite.analysis.comparing import compare
from suite.analysis.comparison import Comparisons
from suite.analysis.tallies import LINEAR
from suite.metrics import METRICS, Scored
from suite.schema import CellId, Predictions, Record

POPULATION = 100_000
SIZES = (100, 360, 1000, 5000)
MANY = 1000
CLASSES = (2, 3, 10)
SHOWN = (
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "f1",
    "mcc",
    "log_loss",
    "brier",
    "roc_auc",
    "average_precision",
)


@dataclass(frozen=True)
class Population:
    """Truth and the probabilities of each model, for rows that test sets are drawn from."""

    y: np.ndarray
    proba: dict[str, np.ndarray]
    """float32, (n_rows, n_classes), by model."""

    @property
    def positive(self) -> int | None:
        n_classes = next(iter(self.proba.values())).shape[1]
        return 1 if n_classes == 2 else None

    def scores(self) -> dict[str, dict[str, float | None]]:
        """Return the metrics of each model."""
        return {name: score(self.y, proba, self.positive) for name, proba in self.proba.items()}

    def take(self, rows: np.ndarray) -> Population:
        return Population(self.y[rows], {name: proba[rows] for name, proba in self.proba.items()})


def population(n_classes: int, seed: int, n_train: int = 1000, share: float | None = None) -> Population:
    """Fit linear models, trees and networks, and let them predict; `share` is that of the positive class of two."""
    from sklearn.datasets import make_classification
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neural_network import MLPClassifier
    from sklearn.tree import DecisionTreeClassifier

    X, y = make_classification(
        POPULATION + n_train,
        n_features=20,
        n_informative=10,
        n_classes=n_classes,
        n_clusters_per_class=2,
        weights=None if share is None else [1 - share],
        flip_y=0.1,
        class_sep=1.5,
        random_state=seed,
    )
    models = {
        "logistic": LogisticRegression(max_iter=1000),
        "logistic_c": LogisticRegression(C=0.05, max_iter=1000),
        "lda": LinearDiscriminantAnalysis(),
        "naive_bayes": GaussianNB(),
        "tree": DecisionTreeClassifier(max_depth=6, random_state=0),
        "forest": RandomForestClassifier(100, random_state=0),
        "extra_trees": ExtraTreesClassifier(100, random_state=0),
        "hist_gb": HistGradientBoostingClassifier(max_iter=50, random_state=0),
        "hist_gb_slow": HistGradientBoostingClassifier(max_iter=100, learning_rate=0.05, random_state=0),
        "network": MLPClassifier((64,), max_iter=100, early_stopping=True, random_state=0),
        "network_2": MLPClassifier((64,), max_iter=100, early_stopping=True, random_state=1),
        "network_wide": MLPClassifier((128, 64), max_iter=100, early_stopping=True, random_state=0),
    }
    proba = {}
    for name, model in models.items():
        model.fit(X[:n_train], y[:n_train])
        proba[name] = model.predict_proba(X[n_train:]).astype(np.float32)
    return Population(y[n_train:], proba)


def score(y: np.ndarray, proba: np.ndarray, positive: int | None) -> dict[str, float | None]:
    scored = Scored(y, proba, positive)
    return {name: metric.score(scored) for name, metric in METRICS.items()}


def compared(sample: Population, groups: np.ndarray | None = None) -> Comparisons:
    """Compare the models as a board with one split does."""
    n, n_classes = next(iter(sample.proba.values())).shape
    predictions = {
        name: Predictions(proba=proba, y_true=sample.y, rows=np.arange(n), groups=groups)
        for name, proba in sample.proba.items()
    }
    return compare(
        {name: {("holdout-42", 0): record(name, n_classes)} for name in predictions},
        lambda record: predictions[record.model],
        sample.positive,
    )


def record(model: str, n_classes: int, **fields: object) -> Record:
    """Make a record without figures."""
    identity = CellId(dataset="made", fingerprint="0", protocol="holdout", split="holdout-42", model=model)
    return Record(id=identity, key=model, classes=tuple(f"c{k}" for k in range(n_classes)), **fields)


def samples(whole: Population, n: int, repeats: int, seed: int) -> Iterator[Population]:
    """Draw test sets of `n` rows."""
    rng = np.random.default_rng([seed, n])
    for _ in range(repeats):
        yield whole.take(rng.integers(len(whole.y), size=n))


def alike(whole: Population, n: int, repeats: int, seed: int) -> Iterator[Population]:
    """Draw test sets on which all models are equally good: each row deals its predictions to the models at random."""
    rng = np.random.default_rng([seed, n, 1])
    stacked = np.stack(list(whole.proba.values()))
    for _ in range(repeats):
        rows = rng.integers(len(whole.y), size=n)
        order = rng.permuted(np.tile(np.arange(len(stacked))[:, None], n), axis=0)
        yield Population(whole.y[rows], dict(zip(whole.proba, stacked[order, rows], strict=True)))


def covered(truth: float, low: float, high: float) -> bool:
    return low - 1e-9 <= truth <= high + 1e-9


@dataclass
class Tally:
    """Counts of what held and what did not, by metric."""

    held: dict[str, list[bool]]

    def __init__(self) -> None:
        self.held = defaultdict(list)

    def add(self, key: str, held: bool) -> None:
        self.held[key].append(bool(held))

    def share(self, key: str) -> float:
        return float(np.mean(self.held[key])) if self.held[key] else np.nan


@dataclass
class Outcome:
    """What repeated comparisons came to, by metric: shares, and mean sizes of the tied group."""

    single: Tally
    """The interval of a score holds the truth."""
    pair: Tally
    """The interval of a difference holds the truth."""
    false: Tally
    """Two models of equal true score are called different."""
    tied: dict[str, Tally]
    """The group holds the truly best, by procedure."""
    size: dict[str, dict[str, list[int]]]

    def __init__(self) -> None:
        self.single, self.pair, self.false = Tally(), Tally(), Tally()
        self.tied = defaultdict(Tally)
        self.size = defaultdict(lambda: defaultdict(list))


def judge(
    whole: Population, sizes: Sequence[int], repeats: int, seed: int, with_sets: bool = True
) -> dict[int, Outcome]:
    """Compare test sets of a population, and test sets on which all models are alike, by number of rows."""
    truth = whole.scores()
    found = {n: Outcome() for n in sizes}
    for n in sizes:
        # Many rows take long, and leave less open.
        repeats = repeats if n <= MANY else max(repeats // 3, 1)
        for sample in samples(whole, n, repeats, seed):
            add_truth(found[n], compared(sample), truth, confidence_sets(sample) if with_sets else {})
        for sample in alike(whole, n, repeats, seed):
            add_equal(found[n], compared(sample), confidence_sets(sample) if with_sets else {})
    return found


def add_truth(
    outcome: Outcome,
    found: Comparisons,
    truth: dict[str, dict[str, float | None]],
    sets: dict[str, list[bool]],
) -> None:
    """Count what is said of models whose true scores are known."""
    for metric, standing in found.standings.items():
        true = [truth[model].get(metric) for model in found.models]
        if not standing.pairs or None in true or None in standing.scores:
            continue
        for value, low, high in zip(true, standing.low, standing.high, strict=True):
            if low is not None:
                outcome.single.add(metric, covered(value, low, high))
        for (i, j), pair in zip(combinations(range(len(true)), 2), standing.pairs, strict=True):
            if pair is not None:
                outcome.pair.add(metric, covered(true[i] - true[j], pair[1], pair[2]))
        sign = 1 if METRICS[metric].higher_is_better else -1
        best = int(np.argmax(sign * np.array(true)))
        add_group(outcome, metric, found, sets, best, "")


def add_equal(outcome: Outcome, found: Comparisons, sets: dict[str, list[bool]]) -> None:
    """Count what is said of models that are equally good; the first stands for the truly best."""
    for metric, standing in found.standings.items():
        if not standing.pairs or None in standing.scores:
            continue
        for first, second in combinations(found.models, 2):
            pair = found.pair(metric, first, second)
            outcome.false.add(metric, pair is not None and pair.is_real)
        add_group(outcome, metric, found, sets, 0, " of equals")


def add_group(
    outcome: Outcome, metric: str, found: Comparisons, sets: dict[str, list[bool]], best: int, kind: str
) -> None:
    groups = {"tied": found.standings[metric].tied, "Holm": holm(found, metric)}
    if metric in sets:
        groups["confidence set"] = sets[metric]
    for name, group in groups.items():
        outcome.tied[name + kind].add(metric, group[best])
        outcome.size[name + kind][metric].append(sum(group))


def confidence_sets(sample: Population) -> dict[str, list[bool]]:
    """Return the model confidence sets of Hansen, Lunde and Nason (2011), of metrics that are means over rows."""
    from arch.bootstrap import MCS

    models = sorted(sample.proba)
    each = np.arange(len(sample.y))
    truth = np.column_stack([sample.proba[model][each, sample.y] for model in models]).astype(float)
    wrong = np.column_stack([sample.proba[model].argmax(axis=1) != sample.y for model in models]).astype(
        float
    )
    found = {}
    for metric, losses in (("accuracy", wrong), ("log_loss", -np.log(truth.clip(1e-15)))):
        # arch divides by zero where two models agree on every row.
        losses += 1e-9 * np.random.default_rng(0).normal(size=losses.shape)
        sets = MCS(losses, 0.05, reps=500, block_size=1, method="R", seed=1)
        sets.compute()
        found[metric] = [i in sets.included for i in range(len(models))]
    return found


def holm(found: Comparisons, metric: str) -> list[bool]:
    """Return who cannot be told from the leader by Holm's procedure over the tests against it."""
    standing = found.standings[metric]
    sign = 1 if METRICS[metric].higher_is_better else -1
    leader = found.models[int(np.argmax(sign * np.array(standing.scores)))]
    pairs = {model: found.pair(metric, leader, model) for model in found.models if model != leader}
    p = {model: pair.p if pair else 1.0 for model, pair in pairs.items()}
    left = set(found.models)
    for rank, model in enumerate(sorted(p, key=p.__getitem__)):
        if p[model] * (len(p) - rank) >= 0.05:
            break
        left.remove(model)
    return [model in left for model in found.models]


def halves(n: int, rng: np.random.Generator, shift: float = 0.45) -> tuple[np.ndarray, np.ndarray]:
    """Make a table of two halves of 10 columns that say as much about the class as each other."""
    y = rng.integers(2, size=n)
    return rng.normal(size=(n, 20)) + shift * (2 * y[:, None] - 1) * (np.arange(20) % 10 < 4), y


def folds(n: int, repeats: int, rule: str, kind: str, seed: int) -> dict[str, float]:
    """Refit two equally good models on folds, many times; return what holds of accuracy.

    The truth is the mean accuracy of models fitted on as many rows as a fold trains on.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import RepeatedStratifiedKFold
    from sklearn.tree import DecisionTreeClassifier

    def fresh() -> object:
        return LinearDiscriminantAnalysis() if kind == "linear" else DecisionTreeClassifier(max_depth=4)

    rng = np.random.default_rng([seed, n])
    n_repeats = 3 if rule.endswith("x3") else 1
    fresh_X, fresh_y = halves(20_000, rng)
    single, false = [], []
    true = np.mean(
        [
            (fresh().fit(X[:, :10], y).predict(fresh_X[:, :10]) == fresh_y).mean()
            for X, y in (halves(n * 4 // 5, rng) for _ in range(60))
        ]
    )
    for repeat in range(repeats):
        X, y = halves(n, rng)
        cells: dict[str, dict[tuple[str, int], Record]] = {"first": {}, "second": {}}
        predictions = {}
        splitter = RepeatedStratifiedKFold(n_splits=5, n_repeats=n_repeats, random_state=repeat)
        for fold, (train, test) in enumerate(splitter.split(X, y)):
            split = f"{rule}-r{fold // 5}f{fold % 5}"
            for name, columns in (("first", slice(0, 10)), ("second", slice(10, 20))):
                proba = (
                    fresh()
                    .fit(X[train, columns], y[train])
                    .predict_proba(X[test, columns])
                    .astype(np.float32)
                )
                identity = CellId(dataset="made", fingerprint="0", protocol=rule, split=split, model=name)
                accuracy = float((proba.argmax(axis=1) == y[test]).mean())
                cells[name][split, 0] = Record(
                    id=identity,
                    key=name,
                    classes=("0", "1"),
                    n_train=len(train),
                    n_test=len(test),
                    metrics={"accuracy": accuracy},
                )
                predictions[identity] = Predictions(proba=proba, y_true=y[test], rows=test)
        found = compare(cells, lambda record, kept=predictions: kept[record.id])
        standing = found.standings["accuracy"]
        single += [covered(true, low, high) for low, high in zip(standing.low, standing.high, strict=True)]
        pair = found.pair("accuracy", "first", "second")
        false.append(pair is not None and pair.is_real)
    return {"single": float(np.mean(single)), "false": float(np.mean(false))}


def grouped(n_groups: int, repeats: int, seed: int, size: int = 20) -> dict[str, float]:
    """Compare two equally good models on groups of rows, whose rows tend to be right or wrong together."""
    rng = np.random.default_rng([seed, n_groups])
    single, false = [], []
    for _ in range(repeats):
        groups = np.repeat(np.arange(n_groups), size)
        y = rng.integers(2, size=len(groups))
        proba = {}
        for name in ("first", "second"):
            easy = rng.beta(4, 1, size=n_groups)[groups]
            right = rng.random(len(groups)) < easy
            column = np.where((y == 1) == right, 0.9, 0.1)
            proba[name] = np.column_stack([1 - column, column]).astype(np.float32)
        found = compared(Population(y, proba), groups)
        standing = found.standings["accuracy"]
        single += [covered(0.8, low, high) for low, high in zip(standing.low, standing.high, strict=True)]
        pair = found.pair("accuracy", "first", "second")
        false.append(pair is not None and pair.is_real)
    return {"single": float(np.mean(single)), "false": float(np.mean(false))}


def ranks(n: int, share: float, skill: float, repeats: int, seed: int) -> dict[str, float]:
    """Return how often intervals of ROC AUC and average precision hold the truth, with a share of positive rows."""
    rng = np.random.default_rng([seed, n])

    def drawn(n_rows: int) -> Population:
        y = (rng.random(n_rows) < share).astype(int)
        p = (1 / (1 + np.exp(-skill * y - rng.normal(size=n_rows)))).astype(np.float32)
        return Population(y, {"one": np.column_stack([1 - p, p])})

    whole = drawn(400_000)
    truth = whole.scores()["one"]
    held = {name: [] for name in LINEAR}
    for _ in range(repeats):
        standings = compared(drawn(n)).standings
        for name in LINEAR:
            bounds = [*standings[name].low, *standings[name].high]
            held[name].append(len(bounds) == 2 and None not in bounds and covered(truth[name], *bounds))
    return {name: float(np.mean(each)) for name, each in held.items()}


def cost(n_models: int = 40, n_rows: int = 100_000, n_classes: int = 10) -> str:
    """Compare as many models as anyone will have, and say what it took."""
    rng = np.random.default_rng(0)
    y = rng.integers(n_classes, size=n_rows)
    raw = rng.exponential(size=(n_rows, n_classes)).astype(np.float32)
    raw[np.arange(n_rows), y] += 1
    proba = {}
    for i in range(n_models):
        noisy = raw + rng.exponential(size=raw.shape).astype(np.float32)
        proba[f"m{i:02d}"] = noisy / noisy.sum(axis=1, keepdims=True)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    compared(Population(y, proba))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (
        f"{n_models} models, {n_rows:,} rows, {n_classes} classes: {seconds:.1f} s, "
        f"{1024 * (peak - before) / 1e6:.0f} MB beyond the predictions, {1024 * peak / 1e6:.0f} MB in all"
    )


def table(title: str, columns: Sequence[object], rows: dict[str, Sequence[float]], digits: int = 3) -> None:
    """Print a table in Markdown."""
    print(f"\n### {title}\n")
    print("| |" + "|".join(f" {column} " for column in columns) + "|")
    print("|---|" + "---|" * len(columns))
    for name, values in rows.items():
        shown = " | ".join("-" if np.isnan(value) else f"{value:.{digits}f}" for value in values)
        print(f"| {name} | {shown} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["holdout", "folds", "groups", "ranks", "cost"])
    parser.add_argument("--repeats", type=int, default=150)
    parser.add_argument("--classes", type=int, nargs="*", default=CLASSES)
    options = parser.parse_args()
    if "holdout" in options.what:
        for n_classes in options.classes:
            print_holdout(n_classes, options.repeats)
    if "folds" in options.what:
        conditions = [(kind, rule) for kind in ("linear", "tree") for rule in ("cv5", "cv5x3")]
        sizes = (100, 200, 500)
        judged = {(*c, n): folds(n, options.repeats, c[1], c[0], 5) for c in conditions for n in sizes}
        for what, title in (
            ("single", "A score's interval on folds holds the truth"),
            ("false", "False wins on folds"),
        ):
            rows = {f"{k}, {r}": [judged[k, r, n][what] for n in sizes] for k, r in conditions}
            table(title, sizes, rows)
    if "groups" in options.what:
        counts = (5, 10, 20, 30, 50, 100)
        by_count = {count: grouped(count, 2 * options.repeats, 6) for count in counts}
        rows = {what: [by_count[count][what] for count in counts] for what in ("single", "false")}
        table("Groups of 20 rows: a score's interval holds the truth; false wins", counts, rows)
    if "ranks" in options.what:
        sizes = (100, 360, 1000)
        cases = [(share, skill) for share in (0.5, 0.1, 0.05) for skill in (1.0, 3.0)]
        judged = {(*case, n): ranks(n, *case, options.repeats, 8) for case in cases for n in sizes}
        for name in LINEAR:
            rows = {
                f"{share:.0%} positive, {'strong' if skill > 2 else 'weak'} model": [
                    judged[share, skill, n][name] for n in sizes
                ]
                for share, skill in cases
            }
            table(f"How often the interval of {METRICS[name].label} holds the truth", sizes, rows)
    if "cost" in options.what:
        print("\n" + cost())


def print_holdout(n_classes: int, repeats: int) -> None:
    found = judge(population(n_classes, seed=n_classes), SIZES, repeats, seed=1)
    for title, get in (
        ("an interval of a score holds the truth", lambda o: o.single.share),
        ("an interval of a difference holds the truth", lambda o: o.pair.share),
        ("two equally good models are called different", lambda o: o.false.share),
    ):
        rows = {
            METRICS[m].within_sentence: [get(found[n])(m) for n in SIZES]
            for m in SHOWN
            if get(found[SIZES[0]])(m) >= 0
        }
        table(f"{n_classes} classes: how often {title}", SIZES, rows)
    for kind in ("", " of equals"):
        rows = {}
        for metric in ("accuracy", "macro_f1", "log_loss", "roc_auc"):
            for name in ("tied", "Holm", "confidence set"):
                each = [found[n] for n in SIZES]
                if not each[0].size[name + kind][metric]:
                    continue
                label = f"{METRICS[metric].within_sentence}, {name}"
                rows[f"{label}: holds the best"] = [o.tied[name + kind].share(metric) for o in each]
                rows[f"{label}: models"] = [np.mean(o.size[name + kind][metric]) for o in each]
        table(f"{n_classes} classes: the tied group{kind}, of 12 models", SIZES, rows)


if __name__ == "__main__":
    main()
